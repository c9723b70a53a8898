"""Many leads at once: from the list into a job, and the job's page."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from crm.fields import registry
from crm.jobs import services
from crm.jobs.models import Job
from crm.kit.sheets import csv_response
from crm.lists.chosen import chosen, visible
from leads.bulk import deciding
from leads.bulk import job as jobs
from leads.bulk.forms import WishForm
from leads.bulk.page import ConversionJobPage
from leads.bulk.report import report
from leads.conversion.many import SKIP, Wish

ACTIONS = {"pause": services.pause, "resume": services.resume, "cancel": services.cancel}
NEWEST = 20


@require_http_methods(["GET", "POST"])
def convert_leads(request: HttpRequest) -> HttpResponse:
    """POST: make a job of the leads that were chosen on the list, and check them. GET: how to choose, and the user's jobs."""
    if not request.user.has_perms(["leads.convert_lead", "leads.change_lead"]):
        raise PermissionDenied
    problem = ""
    if request.method == "POST":
        try:
            module = registry.module("lead")
            leads = visible(chosen(request.POST, module, by=request.user), module, by=request.user)
            job = jobs.create(leads, Wish(on_match=SKIP), by=request.user)
            jobs.check(job)
            return redirect(job)
        except ValidationError as error:
            problem = error.messages[0]
    own = services.visible_to(request.user).filter(kind=jobs.KIND).select_related("created_by").order_by("-created_at")
    context = {"jobs": own[:NEWEST], "problem": problem}
    return render(request, "leads/bulk/home.html", context, status=422 if problem else 200)


@require_http_methods(["GET", "POST"])
def show_job(request: HttpRequest, pk: int) -> HttpResponse:
    """The job: what was found, what to decide, how far it is, what became of each lead. POST steers it."""
    job = find(request, pk)
    form = WishForm(job.options, request.POST if request.method == "POST" else None)
    if request.method == "POST" and (answer := _steer(request, job, form)):
        return answer
    page = ConversionJobPage(request, job)
    context = {"page": page, "job": job, "form": form}
    return render(request, "leads/bulk/job.html", context, status=422 if form.errors else 200)


def find(request: HttpRequest, pk: int) -> Job:
    """A job that the user may see; Http404 for any other."""
    own = services.visible_to(request.user).filter(kind=jobs.KIND)
    found: Job = get_object_or_404(own.select_related("created_by"), pk=pk)
    return found


def _steer(request: HttpRequest, job: Job, form: WishForm) -> HttpResponse | None:
    """Do what was pressed; None if the form has to be shown again."""
    action = request.POST.get("action", "")
    if action in ACTIONS:
        ACTIONS[action](job, by=request.user)
        return redirect(job)
    if job.state != Job.State.READY:
        return redirect(job)
    if not form.is_valid():
        return None
    jobs.change_wish(job, form.wish())
    page = ConversionJobPage(request, job)
    if page.is_deciding:
        deciding.decide(job, page.decisions, request.POST)
    if action == "start":
        services.start(job, by=request.user)
        return redirect(job)
    messages.success(request, _("Your decisions are saved. Nothing has been converted yet."))
    return redirect(f"{job.get_absolute_url()}?{request.GET.urlencode()}")


@require_safe
def download_report(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """What became of each lead, as a file."""
    job = find(request, pk)
    return csv_response(f"conversion-{job.pk}.csv", report(job, request.user))
