from django.urls import path

from crm.exchange import views
from crm.exchange.export_views import export
from crm.fields import registry

urlpatterns = [
    path("import/", views.import_leads, name="import"),
    path("import/<key:pk>/", views.show_import, name="import-run"),
    path("import/<key:pk>/columns/", views.match_columns, name="import-columns"),
    path("import/<key:pk>/duplicates/", views.choose_duplicates, name="import-duplicates"),
    path("import/<key:pk>/errors/", views.download_errors, name="import-errors"),
    *(
        path(f"{module.slug}/export/", export, {"slug": module.slug}, name=f"{module.slug}-export")
        for module in registry.modules()
    ),
]
