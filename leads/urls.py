from django.urls import path

from leads import views
from leads.dashboard.views import dashboard
from leads.report.views import conversion_report, conversion_report_file

urlpatterns = [
    path("", dashboard, name="dashboard"),
    path("leads/<key:pk>/convert/", views.convert_lead, name="leads-convert"),
    path("conversions/", views.list_conversions, name="conversions"),
    path("conversions/<key:pk>/", views.conversion_detail, name="conversion-detail"),
    path("conversions/<key:pk>/lead/", views.converted_lead, name="conversion-lead"),
    path("reports/conversions/", conversion_report, name="conversion-report"),
    path("reports/conversions/file/", conversion_report_file, name="conversion-report-file"),
]
