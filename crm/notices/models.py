"""What people and other programs are told: notifications, and webhooks with their deliveries."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Notification(models.Model):
    """A line for one user. What it says is worked out of `kind` and `params` when somebody reads it, in their language."""

    class Email(models.TextChoices):
        NONE = "none", _("Not by e-mail")
        DUE = "due", _("Due")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=30)
    params = models.JSONField(default=dict)
    url = models.CharField(max_length=200)  # a path of this product
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)
    email = models.CharField(max_length=6, choices=Email, default=Email.NONE)
    email_tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("notification")
        indexes = [
            models.Index("user", models.F("id").desc(), name="notification_newest"),
            models.Index(fields=["user"], condition=models.Q(read_at=None), name="notification_unread"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}, {self.created_at:%Y-%m-%d %H:%M}"


class Webhook(models.Model):
    """An address of another program that hears of conversions. Its secret follows from `salt` and the installation's key."""

    name = models.CharField(_("Name"), max_length=80)
    url = models.CharField(_("Address"), max_length=500)
    salt = models.CharField(max_length=40)
    is_active = models.BooleanField(_("Active"), default=True)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("webhook")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/settings/webhooks/{self.pk}/"


class WebhookDelivery(models.Model):
    """One message for one webhook, written in the transaction of what it tells about; the worker sends it."""

    class State(models.TextChoices):
        DUE = "due", _("Waiting")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Failed")

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    message = models.CharField(max_length=80)  # the id by which the receiver knows a repetition
    event = models.CharField(max_length=40)
    body = models.TextField()  # the JSON text that is signed and sent, the same at every try
    created_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=9, choices=State, default=State.DUE)
    next_at = models.DateTimeField(null=True, default=timezone.now)  # of a waiting one: when it is tried next
    tries = models.PositiveSmallIntegerField(default=0)
    log = models.JSONField(default=list)  # its tries, newest first: [{"at", "status", "ms", "answer"}]

    class Meta:
        verbose_name = _("webhook delivery")
        constraints = [models.UniqueConstraint(fields=["webhook", "message"], name="one_delivery_per_message")]
        indexes = [
            models.Index(fields=["webhook", "state"], name="delivery_state"),
            models.Index("webhook", models.F("id").desc(), name="delivery_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.message}"
