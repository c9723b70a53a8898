"""The product's pages and those that the frame links to when they are there."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from crm.urls import urlpatterns as product


def blank(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


NAMES = ("settings", "import", "mapping")
urlpatterns = [*product, *(path(f"linked/{name}/", blank, name=name) for name in NAMES)]
