from django.urls import include, path

from mapping import views
from mapping.editor.views import edit_mapping
from mapping.history import views as history

urlpatterns = [
    path("", views.settings_home, name="settings"),
    path("modules/", views.module_manager, name="settings-modules"),
    path("modules/leads/mapping/", views.mapping_page, name="mapping"),
    path("modules/leads/mapping/edit/", edit_mapping, name="mapping-edit"),
    path("modules/leads/mapping/history/", history.mapping_history, name="mapping-history"),
    path("modules/leads/mapping/history/<key:number>/", history.mapping_revision, name="mapping-revision"),
    path("modules/leads/mapping/defaults/", history.restore_defaults, name="mapping-defaults"),
    path("modules/leads/mapping/export/", history.export_mapping, name="mapping-export"),
    path("modules/leads/mapping/import/", history.import_mapping, name="mapping-import"),
    path("modules/<slug:slug>/", views.module_settings, name="settings-module"),
    path("modules/<slug:slug>/", include("mapping.modules.urls")),
]
