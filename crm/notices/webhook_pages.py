"""The settings pages for webhooks and the log of what was sent to them, for administrators only."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.notices import webhooks
from crm.notices.forms import WebhookForm
from crm.notices.log import page_of
from crm.notices.models import Webhook, WebhookDelivery

SECRET = "webhook_secret"  # noqa: S105 - the name under which the session keeps it until it is shown


def check(request: HttpRequest) -> None:
    if not request.user.has_perm("notices.change_webhook"):
        raise PermissionDenied


@require_safe
def webhook_list(request: HttpRequest) -> HttpResponse:
    """All webhooks with what waits and what failed."""
    check(request)
    states = WebhookDelivery.State
    found = Webhook.objects.annotate(
        due=Count("deliveries", filter=Q(deliveries__state=states.DUE)),
        failed=Count("deliveries", filter=Q(deliveries__state=states.FAILED)),
        latest=Max("deliveries__created_at"),
    )
    return render(request, "notices/webhooks.html", {"webhooks": found.order_by("name", "pk")})


@require_http_methods(["GET", "HEAD", "POST"])
def new_webhook(request: HttpRequest) -> HttpResponse:
    check(request)
    form = WebhookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _with_secret(request, form.instance, webhooks.save(form.instance, by=request.user))
    return render(request, "notices/webhook_new.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def webhook_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One webhook: its form and its latest deliveries."""
    check(request)
    webhook = get_object_or_404(Webhook, pk=pk)
    form = WebhookForm(request.POST if request.method == "POST" else None, instance=webhook)
    if request.method == "POST" and form.is_valid():
        webhooks.save(form.instance, by=request.user)
        messages.success(request, _("Changes saved."))
        return redirect(webhook)
    context = {"form": form, "webhook": webhook, "log": page_of(webhook, request.GET), "secret": _secret(request, pk)}
    return render(request, "notices/webhook.html", context, status=422 if form.errors else 200)


def _with_secret(request: HttpRequest, webhook: Webhook, secret: str) -> HttpResponse:
    """Go to the webhook's page, which shows the secret this once."""
    request.session[SECRET] = [webhook.pk, secret]
    return redirect(webhook)


def _secret(request: HttpRequest, pk: int) -> str:
    kept: list[Any] = request.session.get(SECRET) or [None, ""]
    if kept[0] != pk or request.method != "GET":
        return ""
    del request.session[SECRET]
    return str(kept[1])


@require_POST
def renew_secret(request: HttpRequest, pk: int) -> HttpResponse:
    check(request)
    webhook = get_object_or_404(Webhook, pk=pk)
    return _with_secret(request, webhook, webhooks.renew_secret(webhook, by=request.user))


@require_http_methods(["GET", "HEAD", "POST"])
def delete_webhook(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then delete."""
    check(request)
    webhook = get_object_or_404(Webhook, pk=pk)
    if request.method == "POST":
        webhooks.delete(webhook, by=request.user)
        messages.success(request, _("Removed."))
        return redirect("webhooks")
    return render(request, "notices/webhook_delete.html", {"webhook": webhook})


@require_POST
def test_webhook(request: HttpRequest, pk: int) -> HttpResponse:
    check(request)
    webhook = get_object_or_404(Webhook, pk=pk)
    webhooks.send_test(webhook, by=request.user)
    messages.success(request, _("The test is on its way. Load this page again in a moment to see what became of it."))
    return redirect(webhook)


@require_POST
def send_again(request: HttpRequest, pk: int) -> HttpResponse:
    check(request)
    delivery = get_object_or_404(WebhookDelivery.objects.select_related("webhook"), pk=pk)
    webhooks.send_again(delivery, by=request.user)
    messages.success(request, _("It is being sent again. Load this page again in a moment to see what became of it."))
    return redirect(delivery.webhook)
