"""Converting a lead, its receipt, and the notice that a converted lead leaves behind."""

from collections.abc import Mapping

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from crm.kit.contention import BUSY, DatabaseIsBusy
from crm.pages.lists import summary
from crm.people.seen import seen_record
from leads.bulk.queue import queue_of
from leads.conversion import stale
from leads.conversion.draft import draft
from leads.conversion.errors import (
    AlreadyConverted,
    ExistingMissing,
    InvalidOrder,
    NoSuchLead,
    StaleDraft,
    StaleExisting,
)
from leads.conversion.existing import gone
from leads.conversion.forms import ConvertForm
from leads.conversion.history import ConversionList
from leads.conversion.page import ConvertPage, changed_message, stale_message, summary_title
from leads.conversion.picks import Picks, shown
from leads.conversion.receipt_page import ReceiptPage, result_cards
from leads.conversion.service import convert
from leads.models import Conversion, Lead


@require_http_methods(["GET", "POST"])
def convert_lead(request: HttpRequest, pk: int) -> HttpResponse:
    """The conversion page; POST converts and leads to the receipt, or shows the page again with what is wrong."""
    lead = seen_record(Lead, pk, by=request.user)
    if lead is None:
        return _earlier(request, pk) or gone_or_404(request, pk)
    if not request.user.has_perms(["leads.convert_lead", "leads.change_lead"]):
        raise PermissionDenied
    picks = Picks(lead, request.user, request.POST if request.method == "POST" else None)
    form = ConvertForm(draft(lead, by=request.user, related=False), picks.data, picks=picks)
    if request.method == "GET" or shown(request.POST):
        return _page(request, form)
    return _save(request, lead, form)


def _save(request: HttpRequest, lead: Lead, form: ConvertForm) -> HttpResponse:
    try:
        stale.check(request.POST.get("stamp", ""), form.draft)
        if missing := form.picks_missing():
            return _page(request, form, status=409, conflict=gone(missing[0]))
        if form.is_valid() and form.is_reviewed():
            conversion = convert(lead.pk, form.order(), by=request.user)
            if queue := queue_of(request, lead.pk):
                queue.done(lead.pk)
                return redirect(queue.next)
            return redirect(conversion)
        return _page(request, form, status=422)
    except StaleDraft as refusal:
        return _redraw(request, refusal, lead)
    except StaleExisting as refusal:
        return _redraw_existing(request, refusal, lead, form)
    except ExistingMissing as refusal:
        return _page(request, _anew(request, lead), status=409, conflict=refusal.first())
    except InvalidOrder as refusal:
        form.refuse(refusal.errors)
        return _page(request, form, status=422)
    except DatabaseIsBusy:
        return _page(request, form, status=503, conflict=str(BUSY))
    except (AlreadyConverted, NoSuchLead):
        return gone_or_404(request, lead.pk)


def _earlier(request: HttpRequest, pk: int) -> HttpResponse | None:
    """Take a second press of Save to the receipt of the first."""
    if not (key := request.POST.get("key")):
        return None
    conversion = Conversion.objects.filter(lead=pk, converted_by=request.user.pk, idempotency_key=key).first()
    return redirect(conversion) if conversion else None


def _redraw(request: HttpRequest, refusal: StaleDraft, lead: Lead) -> HttpResponse:
    """Draw the page with the lead as it is now; what the user typed stays, what they left alone takes the new value."""
    fresh = Lead.objects.select_related("modified_by").get(pk=lead.pk)
    drawn = draft(fresh, by=request.user, related=False)
    if refusal.lead.pk != lead.pk:  # one that is to be brought along; the page names it and shows it anew
        form = ConvertForm(drawn, request.POST, picks=Picks(fresh, request.user, request.POST))
        brought = Lead.objects.select_related("modified_by").get(pk=refusal.lead.pk)
        message = stale_message(brought, list(refusal.fields), mapping_changed=refusal.mapping_changed)
        return _page(request, form, status=409, conflict=f"{brought.title}: {message}")
    data: QueryDict = stale.renew(request.POST, drawn, refusal.fields)
    message = stale_message(fresh, list(refusal.fields), mapping_changed=refusal.mapping_changed)
    form = ConvertForm(drawn, data, picks=Picks(fresh, request.user, data))
    return _page(request, form, status=409, fresh=refusal.fields, conflict=message)


def _anew(request: HttpRequest, lead: Lead) -> ConvertForm:
    """The same page over what the database holds now."""
    return ConvertForm(
        draft(lead, by=request.user, related=False), request.POST, picks=Picks(lead, request.user, request.POST)
    )


def _redraw_existing(request: HttpRequest, refusal: StaleExisting, lead: Lead, form: ConvertForm) -> HttpResponse:
    """Draw the page with existing records as they are now, and mark in them what changed."""
    seen = {key: form.parts[key].seen for key in refusal.records}
    renewed = {key: stale.changed_since(record, seen.get(key)) for key, record in refusal.records.items()}
    conflict = " ".join(changed_message(record) for record in refusal.records.values())
    return _page(request, _anew(request, lead), status=409, conflict=conflict, renewed=renewed)


def _page(
    request: HttpRequest,
    form: ConvertForm,
    *,
    status: int = 200,
    fresh: tuple[str, ...] = (),
    conflict: str = "",
    renewed: Mapping[str, frozenset[str]] | None = None,
) -> HttpResponse:
    problems = form.problems() if status == 422 else []
    context = {
        "page": ConvertPage(form=form, fresh=frozenset(fresh), renewed=renewed or {}),
        "form": form,
        "lead": form.draft.lead,
        "problems": problems,
        "summary_title": summary_title(len(problems)),
        "conflict": conflict,
        "queue": queue_of(request, form.draft.lead.pk),
    }
    return render(request, "leads/convert.html", context, status=status)


def gone_or_404(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer for a lead that is not open: 410 with links for those who may see it or what became of it, else 404."""
    conversion = Conversion.objects.select_related("lead", "converted_by", "organization", "contact", "opportunity")
    found = conversion.filter(lead=pk).first()
    if found is None:
        raise Http404
    cards = result_cards(found, request.user)
    may_see_lead = Lead.everything.visible_to(request.user).filter(pk=pk).exists()
    if not may_see_lead and not any(card.is_visible for card in cards):
        raise Http404
    context = {"conversion": found, "cards": cards, "has_receipt": any(card.is_visible for card in cards)}
    return render(request, "leads/gone.html", context, status=410)


@require_safe
def list_conversions(request: HttpRequest) -> HttpResponse:
    """The conversions of which the user may see a resulting record, newest first."""
    if not request.user.has_perm("leads.view_conversion"):
        raise PermissionDenied
    listing = ConversionList(request)
    return render(request, "leads/conversions.html", {"listing": listing, "summary": summary(listing)})


@require_safe
def conversion_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The receipt of a conversion, for those who may see a record that came of it."""
    conversions = Conversion.objects.visible_to(request.user).select_related(
        "converted_by", "organization", "contact", "opportunity"
    )
    page = ReceiptPage(conversion=get_object_or_404(conversions, pk=pk), user=request.user)
    return render(request, "leads/receipt.html", {"page": page, "conversion": page.conversion})


@require_safe
def converted_lead(request: HttpRequest, pk: int) -> HttpResponse:
    """The snapshot of a converted lead, for administrators who may view converted leads."""
    if not request.user.has_perm("leads.view_converted_lead"):
        raise PermissionDenied
    page = ReceiptPage(conversion=get_object_or_404(Conversion, pk=pk), user=request.user)
    return render(request, "leads/snapshot.html", {"page": page, "conversion": page.conversion})
