"""Changing, retiring and bringing back custom fields."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from crm.fields import contents, dictionary, guards, indexes, registry
from crm.fields.definition import check_definition, check_labels, stored_default
from crm.fields.errors import BadDefinition, StillInUse, ValuesAreLocked, ValuesDontFit
from crm.fields.kinds import KINDS
from crm.fields.models import CustomField
from crm.fields.mutex import changing
from crm.fields.naming import MAX_HELP, tidy_label, tidy_labels
from crm.fields.registry import Field
from crm.fields.rights import require
from crm.fields.services.options import NewOption, install_options

LABELS = ("label_en", "label_fa", "help_en", "help_fa")
CHANGE = "fields.change_customfield"


def edit_field(field: CustomField, *, by: Any, **changes: Any) -> CustomField:
    """Change labels, help, `required`, `default` and `in_quick_create`; what isn't named stays. Returns the field as saved.

    Raises PermissionDenied, BadLabel, LabelTaken, BadDefinition.
    """
    require(by, CHANGE)
    if unknown := set(changes) - {*LABELS, "required", "default", "in_quick_create"}:
        raise TypeError(f"edit_field() can't change {', '.join(sorted(unknown))}")
    with changing():
        fresh = _fresh(field)
        for name in {"help_en", "help_fa"} & set(changes):
            setattr(fresh, name, tidy_label(changes[name], parameter=name, limit=MAX_HELP))
        if {"label_en", "label_fa"} & set(changes):
            both = (changes.get("label_en", fresh.label_en), changes.get("label_fa", fresh.label_fa))
            fresh.label_en, fresh.label_fa = tidy_labels(*both)
            check_labels(registry.module(fresh.module), fresh.label_en, fresh.label_fa, but=fresh.key)
        fresh.required = changes.get("required", fresh.required)
        fresh.in_quick_create = changes.get("in_quick_create", fresh.in_quick_create)
        _check(fresh)
        if "default" in changes:
            fresh.default = stored_default(fresh.as_field(), changes["default"])
        fresh.save()
    return fresh


def resize_field(
    field: CustomField, *, length: int | None = None, digits: int | None = None, places: int | None = None, by: Any
) -> CustomField:
    """Give a field another size. Enlarging is always possible.

    Shrinking is refused with StillInUse, which names the mapping rows that would break, or with ValuesDontFit, which counts the
    records that hold more. A `length` of None means no limit for a text area, and the usual one for other texts.
    """
    require(by, CHANGE)
    with changing():
        fresh = _fresh(field)
        before = fresh.as_field()
        fresh.length, fresh.digits, fresh.places = length, digits, places
        _check(fresh)
        _refuse_breaking(before, fresh.as_field())
        if count := contents.count_unfit(fresh, fresh.as_field()):
            raise ValuesDontFit(count, parameter=before.kind.size)
        _refuse_default_that_no_longer_fits(fresh)
        fresh.save()
    return fresh


def retype_field(
    field: CustomField,
    *,
    kind: str,
    length: int | None = None,
    digits: int | None = None,
    places: int | None = None,
    options: Sequence[str | NewOption] = (),
    by: Any,
) -> CustomField:
    """Give a field another type and rewrite what records hold, if all of it can be read as the new type.

    Raises StillInUse (mapping rows), ValuesDontFit (records whose value can't be read), ValuesAreLocked (converted leads).
    """
    require(by, CHANGE)
    with changing():
        fresh = _fresh(field)
        before = fresh.as_field()
        fresh.kind, fresh.length, fresh.digits, fresh.places = kind, length, digits, places
        _check(fresh, options=len(options) or (contents.count_options(fresh) if kind in KINDS else 0))
        after = fresh.as_field()
        _refuse_breaking(before, after)
        if locked := contents.count_locked(fresh):
            raise ValuesAreLocked(locked, parameter="kind")
        install_options(fresh, options)
        if count := contents.count_unreadable(fresh, before, after):
            raise ValuesDontFit(count, parameter="kind")
        fresh.default = contents.as_new_type(fresh.default, before, after)
        fresh.save()
        dictionary.forget()
        contents.rewrite(fresh, before, after, by=by)
        indexes.refresh(fresh)
    return fresh


def retire_field(field: CustomField, *, by: Any) -> CustomField:
    """Hide the field everywhere; keep what people already typed into it. StillInUse names the mapping rows that use it."""
    require(by, "fields.delete_customfield")
    with changing():
        fresh = _fresh(field)
        _refuse_breaking(fresh.as_field(), None)
        if fresh.retired_at is None:
            fresh.retired_at = timezone.now()
            fresh.save(update_fields=["retired_at"])
            contents.work_out_anew(fresh)
            indexes.refresh(fresh)
    return fresh


def bring_back_field(field: CustomField, *, by: Any) -> CustomField:
    """Show a retired field again, with the values that it held. LabelTaken if another field has its label meanwhile."""
    require(by, CHANGE)
    with changing():
        fresh = _fresh(field)
        check_labels(registry.module(fresh.module), fresh.label_en, fresh.label_fa, but=fresh.key)
        fresh.retired_at = None
        fresh.save(update_fields=["retired_at"])
        contents.work_out_anew(fresh)
    return fresh


def reorder(module: str, keys: Sequence[str], *, by: Any) -> None:
    """Put the custom fields of a module into this order; those that are not named come after them."""
    require(by, CHANGE)
    with changing():
        fields = {field.key: field for field in CustomField.objects.filter(module=module)}
        order = [key for key in dict.fromkeys(keys) if key in fields]
        order += [key for key in fields if key not in order]
        for position, key in enumerate(order, start=1):
            fields[key].position = position
        CustomField.objects.bulk_update(fields.values(), ["position"])


def _fresh(field: CustomField) -> CustomField:
    return CustomField.objects.select_for_update().get(pk=field.pk)


def _check(field: CustomField, *, options: int | None = None) -> None:
    """Check the definition as it stands now and fill in the sizes that are left out."""
    has_options = 1 if field.as_field().kind.chooses else 0
    sizes = check_definition(
        field.kind,
        length=field.length,
        digits=field.digits,
        places=field.places,
        required=field.required,
        options=has_options if options is None else options,
    )
    field.length, field.digits, field.places = sizes["length"], sizes["digits"], sizes["places"]


def _refuse_breaking(before: Field, after: Field | None) -> None:
    if reasons := guards.breaks_by_field(before, after):
        message = _("“%(field)s” is in use. Remove the mapping first.") % {"field": before.label}
        raise StillInUse(message, reasons)


def _refuse_default_that_no_longer_fits(field: CustomField) -> None:
    if field.default is not None:
        try:
            stored_default(field.as_field(), field.as_field().default)
        except BadDefinition:
            raise BadDefinition({"default": [_("The default value would not fit. Change it first.")]}) from None
