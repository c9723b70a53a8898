from django.urls import path

from leads import views
from leads.conversion.settings_page import conversion_settings
from leads.dashboard.views import dashboard

urlpatterns = [
    path("", dashboard, name="dashboard"),
    path("leads/<key:pk>/convert/", views.convert_lead, name="leads-convert"),
    path("settings/modules/leads/conversion/", conversion_settings, name="conversion-settings"),
    path("conversions/", views.list_conversions, name="conversions"),
    path("conversions/<key:pk>/", views.conversion_detail, name="conversion-detail"),
    path("conversions/<key:pk>/lead/", views.converted_lead, name="conversion-lead"),
]
