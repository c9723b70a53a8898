"""Taking a list out of the product as a file."""

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm.exchange.exporting import DoesNotFit, Export, as_csv, as_workbook, may_export
from crm.fields import registry
from crm.lists.selection import Selection

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def export(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The whole list that the address describes, as its user may see it: form=csv or xlsx, columns=shown for those alone."""
    module = next(one for one in registry.modules() if one.slug == slug)
    if not may_export(request.user, module):
        raise PermissionDenied
    asked = request.GET
    made = Export(
        Selection(request.user, module, asked),
        whole=asked.get("columns") != "shown",
        keys=asked.get("header") == "keys",
    )
    name = f"{slug}-{timezone.localdate().isoformat()}"
    if request.method == "HEAD":
        return HttpResponse(headers={"Content-Disposition": f'attachment; filename="{name}"'})
    if asked.get("form") != "xlsx":
        return StreamingHttpResponse(
            as_csv(made),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
        )
    try:
        return FileResponse(as_workbook(made), as_attachment=True, filename=f"{name}.xlsx", content_type=WORKBOOK)
    except DoesNotFit:
        context = {"module": module, "csv": f"?{asked.urlencode()}&form=csv"}
        return render(request, "exchange/too_large.html", context, status=422)
