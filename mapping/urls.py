from django.urls import path

from mapping import views
from mapping.editor.views import edit_mapping

urlpatterns = [
    path("", views.settings_home, name="settings"),
    path("modules/", views.module_manager, name="settings-modules"),
    path("modules/leads/mapping/", views.mapping_page, name="mapping"),
    path("modules/leads/mapping/edit/", edit_mapping, name="mapping-edit"),
    path("modules/<slug:slug>/", views.module_settings, name="settings-module"),
    path("modules/<slug:slug>/fields/", views.module_fields, name="settings-fields"),
]
