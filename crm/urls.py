"""The map of the product: one line for each room."""

from django.urls import include, path

urlpatterns = [
    path("", include("crm.people.urls")),
    path("", include("crm.notices.urls")),
    path("", include("leads.urls")),
    path("", include("crm.pages.urls")),
    path("", include("crm.exchange.urls")),
    path("settings/", include("mapping.urls")),
    path("api/", include("leads.api_urls")),
]

handler500 = "crm.pages.errors.server_error"
