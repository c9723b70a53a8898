from django.urls import path

from crm.notices import pages, webhook_pages

urlpatterns = [
    path("notifications/", pages.notifications, name="notifications"),
    path("notifications/<key:pk>/open/", pages.open_notification, name="notification-open"),
    path("notifications/<key:pk>/read/", pages.read_notification, name="notification-read"),
    path("settings/webhooks/", webhook_pages.webhook_list, name="webhooks"),
    path("settings/webhooks/new/", webhook_pages.new_webhook, name="webhook-new"),
    path("settings/webhooks/<key:pk>/", webhook_pages.webhook_detail, name="webhook"),
    path("settings/webhooks/<key:pk>/secret/", webhook_pages.renew_secret, name="webhook-secret"),
    path("settings/webhooks/<key:pk>/delete/", webhook_pages.delete_webhook, name="webhook-delete"),
    path("settings/webhooks/<key:pk>/test/", webhook_pages.test_webhook, name="webhook-test"),
    path("settings/webhooks/deliveries/<key:pk>/again/", webhook_pages.send_again, name="delivery-again"),
]
