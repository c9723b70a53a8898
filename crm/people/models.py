"""Users, teams and the tokens with which their programs speak for them."""

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.utils.translation import gettext_lazy as _


class Team(models.Model):
    """Salespeople who see each other's records."""

    name = models.CharField(_("Name"), max_length=80, unique=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("Team")

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """A person who signs in, with their language, calendar, digits and look of the pages ("" = by language or system)."""

    team = models.ForeignKey(
        Team, on_delete=models.SET_NULL, null=True, blank=True, related_name="members", verbose_name=_("Team")
    )
    language = models.CharField(
        _("Language"),
        max_length=2,
        blank=True,
        choices=[("", _("As the browser says")), ("fa", "فارسی"), ("en", "English")],
    )
    calendar = models.CharField(
        _("Calendar"),
        max_length=9,
        blank=True,
        choices=[("", _("As the language")), ("jalali", _("Jalali")), ("gregorian", _("Gregorian"))],
    )
    digits = models.CharField(
        _("Digits"),
        max_length=7,
        blank=True,
        choices=[("", _("As the language")), ("persian", _("Persian digits")), ("latin", _("Latin digits"))],
    )
    theme = models.CharField(
        _("Theme"),
        max_length=5,
        blank=True,
        choices=[("", _("As the system")), ("light", _("Light")), ("dark", _("Dark"))],
    )
    gets_email = models.BooleanField(_("Notifications by e-mail too"), default=True)
    has_shortcuts = models.BooleanField(_("Single-key shortcuts"), default=True)

    objects = UserManager()  # type: ignore[misc]

    class Meta(AbstractUser.Meta):
        permissions = [("view_all_records", _("Can see the records of every team"))]

    def __str__(self) -> str:
        return self.get_full_name() or self.username


class ApiToken(models.Model):
    """A key for the API. Only its SHA-256 is kept; the key itself is shown once."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.user.username}, {self.created_at:%Y-%m-%d}"
