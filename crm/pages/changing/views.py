"""Changing many records at once: from the list into a job, and the job's page: choose, look, start, receipt, undo."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm.jobs import services
from crm.jobs.models import Job
from crm.lists.chosen import chosen
from crm.pages.changing.form import ValueForm
from crm.pages.changing.page import ChangePage
from crm.pages.records import module_or_404
from crm.related.changing import job as jobs

NEWEST = 20
STEERING = {"pause": services.pause, "resume": services.resume, "cancel": services.cancel}


@require_http_methods(["GET", "POST"])
def change_records(request: HttpRequest, slug: str) -> HttpResponse:
    """POST: make a job of the records that were chosen on the list; nothing is changed yet. GET: how to choose, and the user's jobs.

    `field` in the form names the field beforehand: to assign.
    """
    module, problem = module_or_404(slug), ""
    if not request.user.has_perm(module.permission("change")):
        raise PermissionDenied
    if request.method == "POST":
        try:
            job = jobs.create(module, chosen(request.POST, module, by=request.user), by=request.user)
        except ValidationError as error:
            problem = error.messages[0]
        else:
            field = request.POST.get("field", "")
            return redirect(reverse("change", args=[job.pk]) + (f"?field={field}" if field in module.fields else ""))
    own = Job.objects.filter(kind=jobs.KIND, created_by=request.user.pk, options__module=module.key)
    started = own.exclude(started_at=None).order_by("-created_at")[:NEWEST]
    context = {
        "module": module,
        "problem": problem,
        "back": request.POST.get("of", ""),
        "jobs": [ChangePage(request, job) for job in started],
    }
    return render(request, "pages/changing/home.html", context, status=422 if problem else 200)


@require_http_methods(["GET", "POST"])
def show_change(request: HttpRequest, pk: int) -> HttpResponse:
    """The job's page. POST checks a value, starts, steers or undoes."""
    job = get_object_or_404(
        services.visible_to(request.user).filter(kind=jobs.KIND).select_related("created_by"), pk=pk
    )
    if not request.user.has_perm(jobs.module_of(job).permission("change")):
        raise PermissionDenied
    page = ChangePage(request, job)
    if request.method == "POST":
        action = request.POST.get("action", "")
        if action != "check":
            return _steer(request, page, action)
        page = _check(request, page)
        if page.sent is None:
            return redirect(reverse("change", args=[pk]))
    context = {"page": page, "job": job, "module": page.module}
    return render(request, "pages/changing/job.html", context, status=422 if page.sent else 200)


def _check(request: HttpRequest, page: ChangePage) -> ChangePage:
    """Take the field and the value that were sent; the page with what is wrong with them if they can't be taken."""
    if not page.is_choosing or page.field is None:
        return page
    form = ValueForm(page.field, request.user, None, request.POST)
    if not form.is_valid():
        return ChangePage(request, page.job, form)
    jobs.order(page.job, page.field, form.value)
    return page


def _steer(request: HttpRequest, page: ChangePage, action: str) -> HttpResponse:
    job = page.job
    if action in STEERING:
        STEERING[action](job, by=request.user)
    elif action == "start" and page.is_choosing:
        _start(request, job)
    elif action == "undo":
        job = jobs.undo(job, by=request.user) or job
    return redirect(reverse("change", args=[job.pk]))


def _start(request: HttpRequest, job: Job) -> None:
    """Start what was shown; if another value was checked meanwhile, in another window, show that first."""
    if request.POST.get("times") != str(job.options.get("times")):
        messages.warning(request, _("Another value was chosen meanwhile. Look at it before you go on."))
        return
    jobs.start(job, by=request.user)
