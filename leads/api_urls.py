"""The REST API's addresses, version 1."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter

from crm.api import docs, people, related, schema
from crm.api.records import record_views
from leads.api import ConversionViewSet, LeadBase
from leads.bulk import api as bulk
from mapping.api import FieldMapping
from mapping.fields_api import CustomFields

router = SimpleRouter(use_regex_path=False)
router.register("leads", record_views("lead", LeadBase), basename="api-leads")
for key, slug in (("organization", "organizations"), ("contact", "contacts"), ("opportunity", "opportunities")):
    router.register(slug, record_views(key), basename=f"api-{slug}")
router.register("activities", related.ACTIVITIES, basename="api-activities")
router.register("comments", related.COMMENTS, basename="api-comments")
router.register("emails", related.EMAILS, basename="api-emails")
router.register("documents", related.DOCUMENTS, basename="api-documents")
router.register("custom-fields", CustomFields, basename="api-custom-fields")
router.register("conversions", ConversionViewSet, basename="api-conversions")

BEARER = schema.BearerToken  # the schema finds it once it is imported

urlpatterns = [
    path("v1/field-mapping/", FieldMapping.as_view(), name="api-field-mapping"),
    path("v1/leads/convert/", bulk.ConvertMany.as_view(), name="api-leads-convert-many"),
    path("v1/jobs/<key:pk>/", bulk.ShowJob.as_view(), name="api-job"),
    path("v1/opportunities/<key:pk>/people/", people.PEOPLE, name="api-opportunities-people"),
    path("v1/opportunities/<key:pk>/people/<key:contact>/", people.PERSON, name="api-opportunities-person"),
    path("v1/", include(router.urls)),
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs/", docs.documentation, name="api-docs"),
]
