"""A conversion over the wire: its draft as JSON, and the order that is sent (PRODUCT §5)."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.utils.dateparse import parse_datetime
from rest_framework import exceptions

from crm.fields import registry
from crm.related.filing import errors_of
from leads.conversion.draft import Draft
from leads.conversion.followup_api import followup_from
from leads.conversion.matching import Match, Matches
from leads.conversion.order import LEAVE, NOTE, Also, Order, Part, Remedy, Send
from leads.conversion.scheme import LINKS
from mapping.rows import TARGETS

ORDER_KEYS = {*TARGETS, "transfer_to", "assigned_to", "unmapped", "stamp", "role", "also", "follow_up", "message"}
PART_KEYS = {"create", "values", "existing", "overwrite", "append", "seen"}
ALSO_KEYS = {"lead", "contact", "same_person", "role", "unmapped", "stamp"}
MAX_ALSO = 20  # leads that are brought along at a time


def matches_as_json(matches: tuple[Match, ...]) -> list[dict[str, Any]]:
    """Records that may be the same, the likeliest first. `seen` is for the order: 409 if the record changed since."""
    return [
        {
            "id": match.record.pk,
            "number": match.record.number,
            "name": match.record.title,
            "score": match.score,
            "strong": match.is_strong,
            "reasons": [str(reason.text) for reason in match.reasons],
            "codes": [reason.code for reason in match.reasons],
            "seen": match.record.modified_at.isoformat(),
        }
        for match in matches
    ]


def draft_as_json(drawn: Draft, matches: Matches) -> dict[str, Any]:
    """The draft as PRODUCT §5 has it."""
    parts = {}
    for key, part in drawn.parts.items():
        fields = part.module.fields
        values = {name: fields[name].kind.wire(value) for name, value in part.values.items()}
        parts[key] = {"create": part.create, "values": values, "sources": part.sources}
        parts[key] |= {"matches": matches_as_json(matches.of(key)), "hidden_match": key in matches.hidden}
    lost = [
        {
            "field": loss.field.key,
            "label": str(loss.field.label),
            "value": loss.field.kind.wire(loss.value),
            "reason": loss.reason,
        }
        for loss in drawn.losses()
    ]
    return {
        "stamp": drawn.stamp,
        **parts,
        "leads": matches_as_json(matches.lead),
        "unmapped": lost,
        "related": drawn.related,
        "transfer_to": drawn.transfer_to,
    }


def flat(errors: dict[str, dict[str, list[str]]]) -> dict[str, Any]:
    """Errors as the API gives them: those of the whole order at the top, the others under their module."""
    whole = errors.get("", {})
    parts = {"detail" if key == "parts" else key: messages for key, messages in whole.items()}
    return {**parts, **{key: messages for key, messages in errors.items() if key}}


def order_from(sent: object, drawn: Draft, key: str) -> Order:
    """Read a conversion's JSON. Raises ValidationError (400) that names what is wrong."""
    if not isinstance(sent, dict):
        raise exceptions.ValidationError({"detail": ["Send a JSON object."]})
    errors: dict[str, Any] = {name: [registry.unknown_field(name)] for name in sent if name not in ORDER_KEYS}
    parts = {}
    for module in TARGETS:
        if _is_wanted(sent, module, drawn):
            parts[module] = _part(module, sent.get(module, {}), errors)
    order = Order(
        parts=parts,
        transfer_to=_text(sent, "transfer_to", errors),
        assigned_to=_owner(sent, errors),
        remedies=_remedies(sent.get("unmapped"), errors),
        stamp=_text(sent, "stamp", errors),
        role=_text(sent, "role", errors) or "",
        also=_also(sent.get("also"), errors),
        key=key,
        follow_up=followup_from(sent.get("follow_up"), errors),
        message=_text(sent, "message", errors) or "",
    )
    if errors:
        raise exceptions.ValidationError(errors)
    return order


def _is_wanted(sent: dict[str, Any], module: str, drawn: Draft) -> bool:
    if module not in sent:
        return drawn.parts[module].create
    part = sent[module]
    return part is not None and not (isinstance(part, dict) and part.get("create") is False)


def _part(key: str, sent: object, errors: dict[str, Any]) -> Part:
    module = registry.module(key)
    if not isinstance(sent, dict):
        errors[key] = ["Send an object, or null for none."]
        return Part()
    wrong = {name: [registry.unknown_field(name)] for name in sent if name not in PART_KEYS}
    values = sent.get("values") or {}
    if wrong or not isinstance(values, dict):
        errors[key] = wrong or {"values": ["Send an object of values by field."]}
        return Part()
    chosen, more = _existing(module, sent)
    if more:
        errors[key] = more
        return Part()
    ignored = {"id", "number", *LINKS.get(key, ()), *(field.key for field in module.standard if field.read_only)}
    try:
        parsed = module.parse({name: value for name, value in _flatten(values).items() if name not in ignored})
        return Part(values=parsed, **chosen)
    except DjangoValidationError as error:
        errors[key] = errors_of(error)
        return Part()


def _existing(module: registry.Module, sent: dict[str, Any]) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """What is said of an existing record, and what is wrong with it."""
    wrong: dict[str, list[str]] = {}
    number = sent.get("existing")
    if number is not None and (isinstance(number, bool) or not isinstance(number, int)):
        wrong["existing"] = ["Send the record's id."]
    names = {name: sent.get(name, []) for name in ("overwrite", "append")}
    for name, keys in names.items():
        if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
            wrong[name] = ["Send a list of field keys."]
        elif unknown := [key for key in keys if key not in module.fields]:
            wrong[name] = [registry.unknown_field(key) for key in unknown]
    seen, moment = sent.get("seen"), None
    if seen is not None:
        moment = _moment(seen)
        if moment is None:
            wrong["seen"] = ["Send the time that the draft gave."]
    if number is None and any(name in sent for name in ("overwrite", "append", "seen")):
        wrong.setdefault("existing", ["Send the id of the record to fill."])
    if wrong:
        return {}, wrong
    return {"existing": number, "seen": moment, **{name: frozenset(keys) for name, keys in names.items()}}, {}


def _moment(sent: object) -> dt.datetime | None:
    try:
        moment = parse_datetime(sent) if isinstance(sent, str) else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None


def _also(sent: object, errors: dict[str, Any]) -> tuple[Also, ...]:
    """The other leads that are converted with this one."""
    if sent is None:
        return ()
    if not isinstance(sent, list) or not all(isinstance(one, dict) for one in sent) or len(sent) > MAX_ALSO:
        errors["also"] = [f"Send a list of at most {MAX_ALSO} objects."]
        return ()
    brought, wrong = [], {}
    for place, one in enumerate(sent):
        found: dict[str, Any] = {name: [registry.unknown_field(name)] for name in one if name not in ALSO_KEYS}
        pk = one.get("lead")
        if isinstance(pk, bool) or not isinstance(pk, int):
            found["lead"] = ["Send the lead's id."]
            pk = 0
        part = _part("contact", one.get("contact") or {}, found)
        also = Also(
            lead=pk,
            contact=None if one.get("same_person") is True else part,
            role=_text(one, "role", found) or "",
            remedies=_remedies(one.get("unmapped"), found),
            stamp=_text(one, "stamp", found),
        )
        brought.append(also)
        if found:
            wrong[str(place)] = found
    if wrong:
        errors["also"] = wrong
    return tuple(brought)


def _flatten(values: dict[str, Any]) -> dict[str, Any]:
    custom = values.get("custom")
    return {
        **{name: value for name, value in values.items() if name != "custom"},
        **(custom if isinstance(custom, dict) else {}),
    }


def _text(sent: dict[str, Any], name: str, errors: dict[str, Any]) -> str | None:
    value = sent.get(name)
    if value is not None and not isinstance(value, str):
        errors[name] = ["Send a text."]
        return None
    return value


def _owner(sent: dict[str, Any], errors: dict[str, Any]) -> int | None:
    field = registry.module("contact").fields["assigned_to"]
    try:
        owner: int | None = field.kind.parse(sent.get("assigned_to"), field)
    except DjangoValidationError as error:
        errors["assigned_to"] = error.messages
        return None
    return owner


def _remedies(sent: object, errors: dict[str, Any]) -> dict[str, Remedy]:
    if sent is None:
        return {}
    if not isinstance(sent, dict):
        errors["unmapped"] = ["Send an object of remedies by lead field."]
        return {}
    remedies: dict[str, Remedy] = {}
    wrong: dict[str, list[str]] = {}
    for key, choice in sent.items():
        remedy = _remedy(choice)
        if key not in registry.module("lead").fields:
            wrong[key] = [registry.unknown_field(key)]
        elif remedy is None:
            wrong[key] = ['Send "note", "leave", or {"module": …, "field": …}.']
        else:
            remedies[key] = remedy
    if wrong:
        errors["unmapped"] = wrong
    return remedies


def _remedy(choice: object) -> Remedy | None:
    if choice == NOTE:
        return "note"
    if choice == LEAVE:
        return "leave"
    if (
        isinstance(choice, dict)
        and set(choice) == {"module", "field"}
        and all(isinstance(part, str) for part in choice.values())
    ):
        return Send(**choice)
    return None
