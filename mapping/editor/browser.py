"""What the browser needs to check a mapping while it is edited: the fields, their options, and the sentences to say."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.fields import dictionary, registry
from crm.fields.registry import Field
from mapping.coverage import mappable
from mapping.editor.page import BLANK, Editor, create_url, described, sources, targets, type_text
from mapping.rows import TARGETS
from mapping.rules import whole_digits

OPTIONS = (
    "%(count)s option of the lead field doesn't exist in the target: %(options)s. Its values would go to a note.",
    "%(count)s options of the lead field don't exist in the target: %(options)s. Their values would go to a note.",
)  # a sentence of the rules


def data(editor: Editor) -> dict[str, Any]:
    """Everything for the page's script, once, whatever the number of rows."""
    lead = sources(editor.fields)
    others = {module: targets(editor.fields, module) for module in TARGETS}
    return {
        "fields": {
            "lead": [_field(one) for one in lead],
            **{key: [_field(one) for one in found] for key, found in others.items()},
        },
        "options": _options([*lead, *(one for found in others.values() for one in found)]),
        "base": [[row.lead, *(row.targets().get(module, "") for module in TARGETS)] for row in editor.base],
        "covered": [one.key for one in mappable()],
        "modules": {key: str(registry.module(key).label) for key in TARGETS},
        "create": {key: create_url(key, BLANK) for key in TARGETS},
        "texts": texts(),
    }


def _field(one: Field) -> dict[str, Any]:
    """A field with what the rules look at; what is empty is left out."""
    wanted = {
        "key": one.key,
        "label": str(one.label),
        "text": described(one),
        "type": type_text(one),
        "kind": one.kind.key,
        "kindLabel": str(one.kind.label),
        "list": one.list_key if one.kind.chooses else "",
        "length": one.length if one.kind.size == "length" else None,
    }
    if one.kind.size == "length":
        wanted["isText"] = True
    if one.kind.size == "digits":
        wanted |= {"whole": whole_digits(one), "places": one.places or 0}
    return {name: value for name, value in wanted.items() if value not in (None, "")}


def _options(fields: list[Field]) -> dict[str, list[list[Any]]]:
    """The options of each list: value, label, and whether it is still offered."""
    keys = {one.list_key for one in fields if one.kind.chooses}
    return {
        key: [[option.value, option.label, not option.retired] for option in dictionary.options(key)]
        for key in sorted(keys)
    }


def texts() -> dict[str, str]:
    """The sentences of the rules and of the editor with their placeholders, in the reader's language."""
    return {
        "type": _("%(source)s can't go into %(target)s. Choose a field of the type %(source)s."),
        "anyLength": _(
            "Holds %(target)s characters; the lead field holds any number. Pick a larger field or enlarge this one."
        ),
        "length": _(
            "Holds %(target)s characters; the lead field holds %(source)s. Pick a larger field or enlarge this one."
        ),
        "places": _("Target keeps %(target)s decimals; the lead field keeps %(source)s."),
        "digits": _("Target keeps %(target)s digits before the point; the lead field keeps %(source)s."),
        "options": ngettext(*OPTIONS, 2),
        "option": ngettext(*OPTIONS, 1),
        "taken": _("%(target)s already takes %(source)s (row %(row)s). A target takes one source."),
        "twice": _("%(source)s → %(target)s is already in row %(row)s."),
        "noSource": _("Choose the lead field first."),
        "goneSource": _("This lead field doesn't exist any more. Choose another."),
        "goneTarget": _("This target field doesn't exist any more. Choose another."),
        "noTarget": _("Choose at least one target, or remove this row."),
        "none": _("— none —"),
        "comma": _(", "),
        "fits": _("Fits"),
        "misfits": _("Doesn't fit"),
        "used": _("In use"),
        "usedBy": _("%(target)s – used by %(source)s"),
        "otherType": _("%(target)s – other type"),
        "tooSmall": _("%(target)s – too small"),
        "lacksOptions": _("%(target)s – options missing"),
        "create": _("Create a matching field on %(module)s…"),
        "problems": _("Problems in the mapping: %(count)s"),
        "noProblems": _("No problem in the mapping."),
        "changes": _(
            "Rows added: %(added)s, changed: %(changed)s, removed: %(removed)s. Applies to conversions from now on."
        ),
        "noChanges": _("Nothing changed yet."),
        "reached": _("%(reached)s of %(total)s"),
        "growth": _("%(saved)s saved, %(added)s added now"),
        "remove": _("Remove the mapping of %(name)s"),
        "cell": _("%(module)s: field that receives %(name)s"),
    }
