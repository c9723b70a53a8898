"""The form of a webhook."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm.kit.forms import CleanCharField
from crm.notices import posting
from crm.notices.models import Webhook


class WebhookForm(forms.ModelForm):  # type: ignore[type-arg]
    name = CleanCharField(label=_("Name"), max_length=80, widget=forms.TextInput({"dir": "auto"}))
    url = CleanCharField(
        label=_("Address"),
        max_length=500,
        widget=forms.TextInput({"dir": "ltr", "inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("It gets a signed POST for each conversion. It has to answer with 200 to 299 within 5 seconds."),
    )

    class Meta:
        model = Webhook
        fields = ("name", "url", "is_active")
        labels = {"is_active": _("Switched on")}

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        if problem := posting.problem(url):
            raise ValidationError(problem)
        return url
