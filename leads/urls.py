from django.urls import path

from leads import views
from leads.dashboard.views import dashboard

urlpatterns = [
    path("", dashboard, name="dashboard"),
    path("leads/<key:pk>/convert/", views.convert_lead, name="leads-convert"),
    path("conversions/", views.list_conversions, name="conversions"),
    path("conversions/<key:pk>/", views.conversion_detail, name="conversion-detail"),
    path("conversions/<key:pk>/lead/", views.converted_lead, name="conversion-lead"),
]
