"""Which column is which field: by key, by label in English or Persian, or by the name that Vtiger gives it."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import override

from crm.fields import dictionary, registry
from crm.kit.fold import fold
from crm.kit.sheets import untamed

# Vtiger's labels, English and Persian, where they differ from ours.
VTIGER = {
    "primary phone": "phone",
    "office phone": "phone",
    "mobile phone": "mobile",
    "designation": "job_title",
    "title": "job_title",
    "primary email": "email",
    "no. of employees": "employees",
    "number of employees": "employees",
    "assigned to": "assigned_to",
    "created time": "created_at",
    "email opt out": "email_opt_out",
    "po box": "po_box",
    "salutation type": "salutation",
    "تهنیت": "salutation",
    "ایمیل ثانویه": "secondary_email",
    "شماره کارمندی": "employees",
    "سایت": "website",
    "رتبه بندی": "rating",
    "منبع سرنخ فروش": "lead_source",
    "وضعیت سرنخ فروش": "lead_status",
    "تلفن اصلی": "phone",
    "موبایل": "mobile",
    "ارجاع به": "assigned_to",
    "مسئول": "assigned_to",
    "زمان ایجاد": "created_at",
}
VTIGER_SYSTEM = {"lead number", "modified time", "last modified by", "source"}  # what no field is made for
IMPORTED_SYSTEM_FIELDS = ("created_at",)


def match(header: Iterable[str], module: registry.Module) -> dict[int, registry.Field]:
    """The field of each column that has one, by the column's place. The first column of two alike wins."""
    names = _names(module)
    matched: dict[int, registry.Field] = {}
    for place, title in enumerate(header):
        field = names.get(_plain(title)) or names.get(_plain(untamed(title)))
        if field and field not in matched.values():
            matched[place] = field
    return matched


def importable(field: registry.Field) -> bool:
    """Tell whether an import may fill the field."""
    return not field.read_only or field.key in IMPORTED_SYSTEM_FIELDS


def _names(module: registry.Module) -> Mapping[str, registry.Field]:
    fields = [field for field in module.fields.values() if importable(field)]
    names = {_plain(title): field for title, key in VTIGER.items() for field in fields if field.key == key}
    for language in ("fa", "en"):
        with override(language):
            names |= {_plain(str(field.label)): field for field in fields}
    for key, labels in dictionary.custom_labels(module.key).items():
        names |= {_plain(label): module.fields[key] for label in labels if _plain(label) not in names}
    return names | {_plain(field.key): field for field in fields}


def _plain(title: str) -> str:
    return fold(title.replace("_", " ").replace("-", " "))


def is_vtiger(header: Iterable[str]) -> bool:
    """Tell whether the file is an export of Vtiger's leads, whose zeros and entities have rules of their own."""
    return {"lead number", "assigned to", "email opt out", "source"} <= {_plain(title) for title in header}


OUR_NUMBER = "Tabdil number"  # what the first column of our own exports is called
KEPT_BY_US = ("created_by", "modified_at", "modified_by")


def is_ours(header: Iterable[str]) -> bool:
    """Tell whether the file is an export of our own lists."""
    return _plain(OUR_NUMBER) in {_plain(title) for title in header}


ERROR_ROW, ERROR_REASON = "Tabdil row", "Tabdil problem"  # what comes first in a file of rows that were not taken


def is_errors(header: Iterable[str]) -> bool:
    """Tell whether the file holds the rows that an import of ours did not take, to be mended and imported again."""
    return _plain(ERROR_ROW) in {_plain(title) for title in header}


def left_out(header: Sequence[str], module: registry.Module) -> set[int]:
    """The columns of a file of ours that an import has no use for, by their place: what the product writes itself."""
    names = {_plain(ERROR_ROW), _plain(ERROR_REASON)} if is_errors(header) else set()
    if is_ours(header):
        names |= {_plain(OUR_NUMBER), *(_plain(key) for key in KEPT_BY_US)}
        for language in ("fa", "en"):
            with override(language):
                names |= {_plain(str(module.fields[key].label)) for key in KEPT_BY_US}
    return {place for place, title in enumerate(header) if _plain(title) in names}


def is_system(title: str) -> bool:
    """Tell whether Vtiger writes this column itself."""
    return _plain(title) in VTIGER_SYSTEM
