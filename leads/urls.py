from django.urls import path

from leads import views
from leads.board.views import board, move_lead
from leads.bulk import views as bulk
from leads.conversion.settings_page import conversion_settings
from leads.dashboard.views import dashboard
from leads.report.views import conversion_report, conversion_report_file
from leads.trial.views import try_mapping

urlpatterns = [
    path("", dashboard, name="dashboard"),
    path("leads/convert/", bulk.convert_leads, name="leads-convert-many"),
    path("jobs/<key:pk>/", bulk.show_job, name="job"),
    path("jobs/<key:pk>/report/", bulk.download_report, name="job-report"),
    path("leads/board/", board, name="leads-board"),
    path("leads/<key:pk>/move/", move_lead, name="leads-move"),
    path("leads/<key:pk>/convert/", views.convert_lead, name="leads-convert"),
    path("settings/modules/leads/conversion/", conversion_settings, name="conversion-settings"),
    path("conversions/", views.list_conversions, name="conversions"),
    path("conversions/<key:pk>/", views.conversion_detail, name="conversion-detail"),
    path("conversions/<key:pk>/lead/", views.converted_lead, name="conversion-lead"),
    path("settings/modules/leads/mapping/try/", try_mapping, name="mapping-try"),
    path("reports/conversions/", conversion_report, name="conversion-report"),
    path("reports/conversions/file/", conversion_report_file, name="conversion-report-file"),
]
