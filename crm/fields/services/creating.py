"""Adding a custom field."""

from collections.abc import Sequence
from typing import Any

from crm.fields import registry
from crm.fields.definition import check_definition, check_labels, stored_default
from crm.fields.models import CustomField
from crm.fields.mutex import changing
from crm.fields.naming import MAX_HELP, make_key, tidy_label, tidy_labels
from crm.fields.rights import require
from crm.fields.services.options import NewOption, install_options


def create_field(
    module: str,
    *,
    label_en: str = "",
    label_fa: str = "",
    kind: str,
    length: int | None = None,
    digits: int | None = None,
    places: int | None = None,
    required: bool = False,
    default: Any = None,
    help_en: str = "",
    help_fa: str = "",
    options: Sequence[str | NewOption] = (),
    in_quick_create: bool = False,
    by: Any,
) -> CustomField:
    """Add a custom field to a module ("lead") and return it; its key is made from the label and never changes.

    A missing label is taken from the other language. `default` is a value as it is typed or sent. Raises PermissionDenied,
    BadLabel, LabelTaken, BadDefinition; KeyError for an unknown module.
    """
    require(by, "fields.add_customfield")
    known = registry.module(module)
    with changing():
        english, persian = tidy_labels(label_en, label_fa)
        check_labels(known, english, persian)
        definition = check_definition(
            kind, length=length, digits=digits, places=places, required=required, options=len(options)
        )
        made = CustomField(
            module=module,
            key=make_key((english, persian), set(_keys(module))),
            label_en=english,
            label_fa=persian,
            help_en=tidy_label(help_en, parameter="help_en", limit=MAX_HELP),
            help_fa=tidy_label(help_fa, parameter="help_fa", limit=MAX_HELP),
            required=required,
            in_quick_create=in_quick_create,
            position=CustomField.objects.filter(module=module).count() + 1,
            **definition,
        )
        install_options(made, options)
        made.default = stored_default(made.as_field(), default)
        made.save(force_insert=True)
    return made


def _keys(module: str) -> Any:
    return CustomField.objects.filter(module=module).values_list("key", flat=True)
