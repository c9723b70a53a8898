from django.urls import path

from crm.exchange.views import import_leads

urlpatterns = [path("import/", import_leads, name="import")]
