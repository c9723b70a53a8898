from django.urls import include, path

from mapping import views

urlpatterns = [
    path("", views.settings_home, name="settings"),
    path("modules/", views.module_manager, name="settings-modules"),
    path("modules/leads/mapping/", views.mapping_page, name="mapping"),
    path("modules/<slug:slug>/", views.module_settings, name="settings-module"),
    path("modules/<slug:slug>/", include("mapping.modules.urls")),
]
