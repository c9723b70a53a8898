"""The API's page of documentation, drawn from its own schema; it needs no outside host and no script."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator


@require_safe
def documentation(request: HttpRequest) -> HttpResponse:
    """Show every address with its methods, parameters and fields."""
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return render(request, "api/docs.html", {"groups": dict(_groups(schema))})


def _groups(schema: dict[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The operations collection by collection."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for address, methods in schema["paths"].items():
        name = address.removeprefix("/api/v1/").split("/")[0]
        for method, operation in methods.items():
            groups.setdefault(name, []).append(
                {
                    "method": method.upper(),
                    "address": address,
                    "about": operation.get("description", ""),
                    "parameters": [one for one in operation.get("parameters", []) if one["in"] != "path"],
                    "fields": list(_fields(schema, operation)),
                }
            )
    yield from groups.items()


def _fields(schema: dict[str, Any], operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The keys of the request's body."""
    content = operation.get("requestBody", {}).get("content", {})
    reference = next((one["schema"].get("$ref", "") for one in content.values()), "")
    body = schema["components"]["schemas"].get(reference.split("/")[-1], {})
    for key, field in body.get("properties", {}).items():
        yield {
            "key": key,
            "type": field.get("format") or field.get("type", "text"),
            "size": field.get("maxLength", ""),
            "is_required": key in body.get("required", []),
            "is_read_only": field.get("readOnly", False),
            "about": field.get("description") or field.get("title", ""),
        }
