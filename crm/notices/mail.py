"""Notifications by e-mail: plain text in the reader's language, sent by the worker, tried again when the mail server is away."""

import logging
import smtplib

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

from crm.jobs.tasks import Again, task
from crm.kit import preferences
from crm.notices import kinds
from crm.notices.models import Notification
from crm.notices.outbox import SEND_EMAIL
from crm.people.models import User

# Seconds from a failed try to the next; after the last one it is left to the product's own page.
BACK_OFF = (60, 5 * 60, 30 * 60, 2 * 3600, 12 * 3600)
logger = logging.getLogger(__name__)


def wants_email(user: User) -> bool:
    """Whether this user is written to: the installation can, they have an address, and they didn't say no."""
    return bool(settings.SENDS_EMAIL and user.email and user.gets_email and user.is_active)


@task(SEND_EMAIL)
def send(notification: int) -> None:
    """Send a notification that is due by e-mail. Raises Again while the mail server can't take it."""
    due = Notification.objects.select_related("user").filter(pk=notification, email=Notification.Email.DUE).first()
    if due is None:
        return
    if not wants_email(due.user):
        _remember(due, Notification.Email.NONE)
        return
    try:
        message(due).send()
    except (OSError, smtplib.SMTPException) as error:
        logger.warning("Notification %s could not be sent: %s", due.pk, type(error).__name__)
        pause = next(iter(BACK_OFF[due.email_tries :]), None)
        _remember(due, Notification.Email.FAILED if pause is None else Notification.Email.DUE)
        if pause is not None:
            raise Again(pause) from None
    else:
        _remember(due, Notification.Email.SENT)


def _remember(due: Notification, state: str) -> None:
    Notification.objects.filter(pk=due.pk).update(email=state, email_tries=due.email_tries + 1)


def message(notification: Notification) -> EmailMessage:
    """The e-mail in the language, calendar and digits of the reader. Names are isolated, so that no direction spills over."""
    user = notification.user
    shown = preferences.use(calendar=user.calendar or None, digits=user.digits or None)
    with translation.override(user.language or settings.LANGUAGE_CODE), shown:
        kind = kinds.kind(notification.kind)
        sentence, words = kind.sentence(notification.params), kind.message(notification.params)
        lines = [
            _("Hello %(name)s,") % {"name": kinds.isolated(user)},
            "",
            sentence,
            *(["", words] if words else []),
            "",
            f"{settings.PUBLIC_URL}{notification.url}",  # bare, or mail programs take the isolate for a part of it
            "",
            _("You can switch these e-mails off on your profile page."),
        ]
        subject = " ".join(sentence.split())
    headers = {"Auto-Submitted": "auto-generated"}  # so that no absence notice answers it
    return EmailMessage(subject=subject[:150], body="\n".join(lines), to=[user.email], headers=headers)
