from django.urls import path

from crm.exchange.export_views import export
from crm.exchange.views import import_leads
from crm.fields import registry

urlpatterns = [
    path("import/", import_leads, name="import"),
    *(
        path(f"{module.slug}/export/", export, {"slug": module.slug}, name=f"{module.slug}-export")
        for module in registry.modules()
    ),
]
