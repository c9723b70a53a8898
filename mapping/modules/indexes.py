"""The page on which a field gets an index, or loses it: it says what that costs."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm.fields import contents, indexes
from crm.kit.numbers import show_number
from mapping.modules.access import custom_field_for


@require_http_methods(["GET", "POST"])
def index_field(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """Say what an index gives and costs; POST makes it, or drops it."""
    module, custom = custom_field_for(request, slug, key)
    if not indexes.can_be_indexed(custom):
        raise Http404
    if request.method == "POST":
        if "drop" in request.POST:
            indexes.drop_index(custom, by=request.user)
            messages.success(request, _("The index is gone."))
        else:
            messages.success(request, _told(indexes.index_field(custom, by=request.user)))
        return redirect("field-edit", module.slug, custom.key)
    context = {
        "module": module, "tab": "fields", "custom": custom, "field": custom.as_field(),
        "holders": contents.holders(custom).count(), "records": module.model._default_manager.count(),
    }  # fmt: skip
    return render(request, "settings/modules/index.html", context)


def _told(cost: indexes.Cost | None) -> str:
    if cost is None:
        return _("The index will be made by the next “migrate”: here the product may not change tables itself.")
    words = {"milliseconds": show_number(round(cost.seconds * 1000)), "size": filesizeformat(cost.size)}
    return _("The index was made in %(milliseconds)s ms and takes %(size)s.") % words
