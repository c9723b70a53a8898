from django.urls import path

from leads import views
from leads.bulk import views as bulk
from leads.conversion.settings_page import conversion_settings
from leads.dashboard.views import dashboard

urlpatterns = [
    path("", dashboard, name="dashboard"),
    path("leads/convert/", bulk.convert_leads, name="leads-convert-many"),
    path("jobs/<key:pk>/", bulk.show_job, name="job"),
    path("jobs/<key:pk>/report/", bulk.download_report, name="job-report"),
    path("leads/<key:pk>/convert/", views.convert_lead, name="leads-convert"),
    path("settings/modules/leads/conversion/", conversion_settings, name="conversion-settings"),
    path("conversions/<key:pk>/", views.conversion_detail, name="conversion-detail"),
    path("conversions/<key:pk>/lead/", views.converted_lead, name="conversion-lead"),
]
