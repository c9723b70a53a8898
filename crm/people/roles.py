"""The four roles as Django groups, and what each may do from the start; administrators may change the groups later."""

from itertools import product
from typing import Any

from django.apps import AppConfig
from django.apps import apps as global_apps
from django.contrib.auth.management import create_permissions
from django.utils.translation import gettext_lazy as _

ADMINISTRATORS = "Administrators"
MANAGERS = "Sales managers"
SALESPEOPLE = "Salespeople"
READERS = "Read-only"

NAMES = (
    _("Administrators"),
    _("Sales managers"),
    _("Salespeople"),
    _("Read-only"),
)  # for translators: groups keep English names

RECORDS = ("leads.lead", "records.organization", "records.contact", "records.opportunity")
RELATED = (
    "related.activity",
    "related.comment",
    "related.email",
    "related.document",
    "related.campaignmembership",
    "related.productinterest",
)


def _permissions(models: tuple[str, ...], *actions: str) -> set[str]:
    return {f"{model.split('.')[0]}.{action}_{model.split('.')[1]}" for model, action in product(models, actions)}


_lists = {"lists.share_savedview", "lists.export_records"}
_read = _permissions((*RECORDS, *RELATED, "leads.conversion"), "view")
_sell = _read | _permissions((*RECORDS, *RELATED), "add", "change") | {"leads.convert_lead"}
_manage = _sell | _permissions((*RECORDS, *RELATED), "delete") | {"people.view_all_records"} | _lists
_administer = _manage | {"leads.view_converted_lead", "leads.import_leads", "jobs.change_job"} | _permissions(
    ("people.user", "people.team", "mapping.link", "fields.customfield", "fields.picklistoption", "notices.webhook", "matching.rules", "records.campaign", "records.product"),
    "view", "add", "change", "delete",
)  # fmt: skip

PERMISSIONS = {
    ADMINISTRATORS: _administer,
    MANAGERS: _manage,
    SALESPEOPLE: _sell | _permissions(RELATED, "delete"),
    READERS: _read | {"people.view_all_records"},
}


def install_roles(sender: AppConfig, **_signal: Any) -> None:
    """Give each new group its permissions in this app; a group that has some already was arranged by an administrator."""
    create_permissions(sender, verbosity=0)
    group_model, permission_model = global_apps.get_model("auth.Group"), global_apps.get_model("auth.Permission")
    known = {
        f"{app}.{codename}": pk
        for app, codename, pk in permission_model.objects.filter(content_type__app_label=sender.label).values_list(
            "content_type__app_label", "codename", "pk"
        )
    }
    for role, wanted in PERMISSIONS.items():
        group, _created = group_model.objects.get_or_create(name=role)
        if not group.permissions.filter(content_type__app_label=sender.label).exists():
            group.permissions.add(*(known[name] for name in wanted if name in known))
