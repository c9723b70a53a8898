"""Taking a list, or what was ticked in it, out of the product as a file."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from crm.exchange.exporting import DoesNotFit, Export, as_csv, as_workbook, may_export
from crm.fields import registry
from crm.lists.chosen import chosen, listed, visible
from crm.lists.selection import Selection

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The list that the address describes, as its user may see it: form=csv or xlsx, columns=shown for those alone.

    POST: what was chosen on the list by ticking.
    """
    module = next(one for one in registry.modules() if one.slug == slug)
    if not may_export(request.user, module):
        raise PermissionDenied
    try:
        return _file(request, _asked(request, module))
    except ValidationError as error:
        back = request.POST.get("of", "") if request.method == "POST" else f"?{request.GET.urlencode()}"
        context = {"module": module, "problem": error.messages[0], "back": back}
        return render(request, "exchange/not_understood.html", context, status=422)


def _asked(request: HttpRequest, module: registry.Module) -> Export:
    """What is to be exported. Raises ValidationError where that is not clear."""
    form = request.POST if request.method == "POST" else request.GET
    whole, keys = form.get("columns") != "shown", form.get("header") == "keys"
    if request.method != "POST":
        selection = Selection(request.user, module, request.GET)
        return Export(selection, selection.understood, whole=whole, keys=keys)
    records = visible(chosen(form, module, by=request.user), module, by=request.user)
    return Export(listed(form, module, by=request.user), records, whole=whole, keys=keys)


def _file(request: HttpRequest, made: Export) -> HttpResponseBase:
    form = request.POST if request.method == "POST" else request.GET
    name = f"{made.module.slug}-{timezone.localdate().isoformat()}"
    if request.method == "HEAD":
        return HttpResponse(headers={"Content-Disposition": f'attachment; filename="{name}"'})
    if form.get("form") != "xlsx":
        return StreamingHttpResponse(
            as_csv(made),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
        )
    try:
        return FileResponse(as_workbook(made), as_attachment=True, filename=f"{name}.xlsx", content_type=WORKBOOK)
    except DoesNotFit:
        asked = request.GET.copy()
        asked["form"] = "csv"
        context = {"module": made.module, "csv": "" if request.method == "POST" else f"?{asked.urlencode()}"}
        return render(request, "exchange/too_large.html", context, status=422)
