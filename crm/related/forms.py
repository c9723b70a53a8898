"""Forms for what hangs on a record."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm.kit.forms import CleanCharField, DateTimeField
from crm.people.models import User
from crm.records.models import Campaign, Product
from crm.related.models import Activity, CampaignMembership, Comment, Document, Email, ProductInterest, Related
from crm.related.uploads import document_from


class RelatedForm(forms.Form):
    """Base: makes or changes one related record."""

    model: type[Related]

    def __init__(self, *args: Any, item: Related | None = None, user: Any = None, **kwargs: Any) -> None:
        if item is not None:
            kwargs["initial"] = {name: getattr(item, name) for name in self.base_fields if hasattr(item, name)}
        super().__init__(*args, **kwargs)
        self.item = item
        self.user = user

    def made(self) -> Related:
        """The related record that the form describes, not saved yet."""
        return self.model(**self.values())

    def values(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


def text(rows: int = 4) -> forms.Textarea:
    return forms.Textarea({"rows": rows, "dir": "auto"})


def line(**more: Any) -> forms.TextInput:
    return forms.TextInput({"dir": "auto", **more})


class ActivityForm(RelatedForm):
    model = Activity
    kind_of_activity = Activity.Kind.TASK
    subject = CleanCharField(label=_("Subject"), max_length=250, widget=line())
    due_at = DateTimeField(label=_("Due"), required=False)
    status = forms.ChoiceField(label=_("Status"), choices=Activity.Status.choices, initial=Activity.Status.PLANNED)
    priority = forms.ChoiceField(
        label=_("Priority"), choices=Activity.Priority.choices, initial=Activity.Priority.MEDIUM
    )
    assigned_to = forms.ModelChoiceField(
        label=_("Assigned to"),
        queryset=User.objects.filter(is_active=True).order_by("first_name", "username"),
        empty_label=None,
    )
    description = CleanCharField(label=_("Description"), required=False, widget=text())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("assigned_to", self.user)

    def made(self) -> Related:
        return self.model(kind=self.kind_of_activity, **self.values())


class CallForm(ActivityForm):
    kind_of_activity = Activity.Kind.CALL
    starts_at = DateTimeField(label=_("Start"), required=False)
    ends_at = DateTimeField(label=_("End"), required=False)
    status = forms.ChoiceField(label=_("Status"), choices=Activity.Status.choices, initial=Activity.Status.DONE)
    field_order = ("subject", "status", "starts_at", "ends_at", "due_at")

    def clean(self) -> None:
        start, end = self.cleaned_data.get("starts_at"), self.cleaned_data.get("ends_at")
        if start and end and end < start:
            self.add_error("ends_at", _("The end is before the start. Correct one of them."))


class MeetingForm(CallForm):
    kind_of_activity = Activity.Kind.MEETING
    location = CleanCharField(label=_("Location"), max_length=250, required=False, widget=line())
    status = forms.ChoiceField(label=_("Status"), choices=Activity.Status.choices, initial=Activity.Status.PLANNED)


class CommentForm(RelatedForm):
    model = Comment
    body = CleanCharField(label=_("Note"), max_length=100_000, strip=False, widget=text())


class EmailForm(RelatedForm):
    model = Email
    direction = forms.ChoiceField(label=_("Direction"), choices=Email.Direction.choices)
    subject = CleanCharField(label=_("Subject"), max_length=250, widget=line())
    sender = forms.EmailField(label=_("From"), max_length=100, required=False, widget=forms.EmailInput({"dir": "ltr"}))
    recipients = CleanCharField(label=_("To"), max_length=500, required=False, widget=line(dir="ltr"))
    sent_at = DateTimeField(label=_("Time"), required=False)
    body = CleanCharField(label=_("Message"), max_length=1_000_000, required=False, strip=False, widget=text(6))

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "sent_at" or value}


class DocumentForm(RelatedForm):
    model = Document
    file = forms.FileField(label=_("File"), max_length=1000)
    title = CleanCharField(label=_("Title"), max_length=200, required=False, widget=line())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.item is not None:
            del self.fields["file"]

    def clean(self) -> None:
        upload = self.cleaned_data.get("file")
        if upload:
            try:
                self.document = document_from(upload, title=self.cleaned_data.get("title", ""))
            except ValidationError as error:
                self.add_error("file", error)

    def made(self) -> Related:
        return self.document


class CampaignForm(RelatedForm):
    model = CampaignMembership
    campaign = forms.ModelChoiceField(label=_("Campaign"), queryset=Campaign.objects.all())


class ProductForm(RelatedForm):
    model = ProductInterest
    product = forms.ModelChoiceField(label=_("Product or service"), queryset=Product.objects.all())


FORMS: dict[str, type[RelatedForm]] = {
    "call": CallForm,
    "email": EmailForm,
    "task": ActivityForm,
    "meeting": MeetingForm,
    "comment": CommentForm,
    "document": DocumentForm,
    "campaign": CampaignForm,
    "product": ProductForm,
}
BY_MODEL: dict[str, type[RelatedForm]] = {
    "comment": CommentForm,
    "email": EmailForm,
    "document": DocumentForm,
    "campaignmembership": CampaignForm,
    "productinterest": ProductForm,
}


def form_for(item: Related) -> type[RelatedForm]:
    """The form in which this related record is changed."""
    return FORMS[item.kind] if isinstance(item, Activity) else BY_MODEL[item._meta.model_name or ""]
