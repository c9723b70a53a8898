"""The user's own notifications."""

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from crm.notices import kinds
from crm.notices.models import Notification

ON_A_PAGE = 30
LONGEST_KEY = 18  # digits
KEPT = dt.timedelta(days=180)  # after it was read


@require_http_methods(["GET", "HEAD", "POST"])
def notifications(request: HttpRequest) -> HttpResponse:
    """The newest notifications, older ones behind a link; POST marks as read all that were there when the page was drawn."""
    mine = Notification.objects.filter(user=request.user.pk)
    if request.method == "POST":
        seen = key_of(request.POST.get("newest", ""))
        now = timezone.now()
        mine.filter(read_at=None, pk__lte=seen).update(read_at=now)
        mine.filter(read_at__lt=now - KEPT).delete()
        return redirect("notifications")
    if before := key_of(request.GET.get("before", "")):
        mine = mine.filter(pk__lt=before)
    found = list(mine.order_by("-pk")[: ON_A_PAGE + 1])
    context = {
        "lines": [_line(one) for one in found[:ON_A_PAGE]],
        "newest": found[0].pk if found else 0,
        "older": found[ON_A_PAGE - 1].pk if len(found) > ON_A_PAGE else None,
        "is_first": not before,
    }
    return render(request, "notices/notifications.html", context)


def key_of(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_KEY else 0


def _line(notification: Notification) -> dict[str, Any]:
    kind = kinds.kind(notification.kind)
    return {
        "notification": notification,
        "icon": kind.icon,
        "sentence": kind.sentence(notification.params),
        "message": kind.message(notification.params),
    }


@require_POST
def open_notification(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one as read and go where it leads."""
    return redirect(_read(request, pk).url)


@require_POST
def read_notification(request: HttpRequest, pk: int) -> HttpResponse:
    _read(request, pk)
    return redirect("notifications")


def _read(request: HttpRequest, pk: int) -> Notification:
    notification = get_object_or_404(Notification, pk=pk, user=request.user.pk)
    if notification.read_at is None:
        notification.read_at = timezone.now()
        notification.save(update_fields=["read_at"])
    return notification
