"""Every address of the product, with one of everything to open there."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from crm.exchange.models import FileImport
from crm.exchange.wizard import steps
from crm.fields import dictionary, registry
from crm.fields.models import CustomField, PicklistOption
from crm.lists.models import SavedView
from crm.notices.models import Notification, Webhook, WebhookDelivery
from crm.people.models import Team, User
from crm.people.tokens import create_token
from crm.related import participation, services
from crm.related.changing import job as changing
from crm.related.models import Document, Email
from leads.bulk import job as jobs
from leads.conversion.many import Wish
from leads.conversion.order import Order, Part
from leads.conversion.service import convert
from tests.factories import ContactFactory, LeadFactory, OpportunityFactory, OrganizationFactory, activity, comment

SLUGS = ("leads", "organizations", "contacts", "opportunities")
KINDS = {
    "change": "change", "job": "job", "job-report": "job", "api-job": "job", **dict.fromkeys(("import-run", "import-columns", "import-duplicates", "import-errors"), "import"),
    "user-edit": "user", "team-edit": "team", "team-delete": "team", "token-revoke": "token", "document": "document",
    "activity-done": "activity", "conversion-detail": "conversion", "conversion-lead": "conversion", "webhook": "webhook", "webhook-secret": "webhook", "webhook-delete": "webhook",
    "webhook-test": "webhook", "delivery-again": "delivery", "notification-open": "notification", "notification-read": "notification", "related-edit": "comment",
    "related-delete": "comment", "api-activities-detail": "activity", "api-comments-detail": "comment",
    **{f"{slug}-view-{page}": f"{slug}-view" for slug in SLUGS for page in ("edit", "delete")},
    "option-edit": "option", "option-retire": "option", "option-back": "option", "api-custom-fields-detail": "custom-field",
    "api-emails-detail": "email", "api-documents-detail": "document", "api-conversions-detail": "conversion",
}  # fmt: skip


def patterns(resolver: Any = None, prefix: str = "/") -> Iterator[tuple[str, str]]:
    """All named addresses of the product with their path."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry, prefix + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            yield str(entry.name), prefix + str(entry.pattern)


ADDRESSES = sorted({(name, path) for name, path in patterns() if "format" not in path})


def one_of_everything(owner: User, other: User, media: Path) -> dict[str, Any]:
    """One of everything of the owner's: its primary key by its kind. `other` is an account for the settings pages."""
    lead = LeadFactory(assigned_to=owner)
    made = convert(
        LeadFactory(assigned_to=owner).pk, Order(parts={"organization": Part(), "contact": Part()}), by=owner
    )
    document = Document(title="t", file="x.txt", file_name="x.txt", content_type="text/plain", size=1, sha256="0")
    services.add(document, to=lead, by=owner)
    (media / "x.txt").write_text("x")
    create_token(owner)
    hook = Webhook.objects.create(name="ERP", url="https://example.com/hook", salt="s")
    delivery = WebhookDelivery.objects.create(webhook=hook, message="m", event="test", body="{}")
    person, deal = ContactFactory(assigned_to=owner), OpportunityFactory(assigned_to=owner)
    participation.add(deal, person.pk, role="Pays", by=owner)
    views = {module.slug: SavedView(module=module.key, owner=owner, name="Hot ones") for module in registry.modules()}
    SavedView.objects.bulk_create(views.values())
    return {
        **{f"{slug}-view": view.pk for slug, view in views.items()},
        "leads": lead.pk,
        "organizations": OrganizationFactory(assigned_to=owner).pk,
        "contacts": person.pk,
        "opportunities": deal.pk,
        "conversion": made.pk,
        "document": document.pk,
        "activity": activity(lead, owner).pk,
        "comment": comment(lead, owner).pk,
        "email": services.add(Email(subject="Price list"), to=lead, by=owner).pk,
        "user": other.pk,
        "job": jobs.create(type(lead).objects.all(), Wish(), by=owner).pk,
        "change": changing.create(registry.module("lead"), [lead.pk], by=owner).pk,
        "import": imported(other).pk,
        "team": Team.objects.get(members=owner).pk,
        "token": owner.api_tokens.get().pk,
        "custom-field": custom_field().pk,
        "option": PicklistOption.objects.get(list_key="industry", value="Banking").pk,
        "notification": Notification.objects.create(user=owner, kind="test", url="/").pk,
        "webhook": delivery.webhook_id,
        "delivery": delivery.pk,
    }


def imported(by: User) -> FileImport:
    """An import that waits for its start."""
    made = steps.begin(b"First Name,Last Name,Odd\nSara,Ahmadi,=1\n,,\nx,,y\n", "leads.csv", by=by)
    steps.choose_columns(made, made.choices, by=by)
    steps.choose_duplicates(made, "skip", by, by=by)
    return made


def custom_field() -> CustomField:
    """A custom field of leads, "cf_note"."""
    dictionary.forget()
    return CustomField.objects.create(
        module="lead", key="cf_note", kind="text", length=50, label_en="Note", label_fa="نوشته"
    )


def concrete(name: str, path: str, sample: dict[str, Any]) -> str:
    """The path with the sample's keys in the place of its parameters."""
    slug = next((one for one in SLUGS if f"/{one}/" in path), "leads")
    path = path.replace("<key:pk>", str(sample[KINDS.get(name, slug)])).replace(
        "<key:contact>", str(sample["contacts"])
    )
    key = "industry" if "picklists" in path else "company" if name in ("field-edit", "field-switch") else "cf_note"
    return (
        path.replace("<slug:key>", key)
        .replace("<slug:slug>", "leads")
        .replace("<slug:kind>", "comment")
        .replace("<key:number>", "1")
    )
