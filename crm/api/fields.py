"""A registry field as the API's serializer field: what the schema says of it. Values are parsed by the field's kind."""

from typing import Any

from rest_framework import serializers

from crm.fields import dictionary, kinds, registry


def serializer_field(field: registry.Field) -> serializers.Field[Any, Any, Any, Any]:
    """Describe the field for the schema."""
    common: dict[str, Any] = {
        "required": field.required and field.key != "assigned_to",
        "read_only": field.read_only,
        "label": str(field.label),
        "allow_null": True,
    }
    if field.read_only:
        common.pop("required")
    kind = field.kind
    if kind in (kinds.DECIMAL, kinds.CURRENCY, kinds.PERCENT):
        return serializers.DecimalField(max_digits=field.digits or 25, decimal_places=field.places or 0, **common)
    if kind in (kinds.INTEGER, kinds.LINK, kinds.USER):
        return serializers.IntegerField(**common)
    if kind is kinds.CHECKBOX:
        return serializers.BooleanField(**common)
    if kind is kinds.MULTIPICKLIST:
        return serializers.ListField(child=serializers.CharField(), **common)
    if kind in (kinds.DATE, kinds.DATETIME, kinds.TIME):
        return {kinds.DATE: serializers.DateField, kinds.DATETIME: serializers.DateTimeField}.get(  # type: ignore[no-any-return]
            kind, serializers.TimeField
        )(**common)
    return serializers.CharField(max_length=field.length, allow_blank=True, help_text=_help(field), **common)


def _help(field: registry.Field) -> str:
    if not field.kind.chooses:
        return str(field.help)
    return "One of: " + ", ".join(option.value for option in dictionary.options(field.list_key) if not option.retired)


class RecordSerializer(serializers.Serializer[Any]):
    """Base of the modules' serializers; the subclass names its module."""

    module_key = ""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        module = registry.module(self.module_key)
        fields: dict[str, serializers.Field[Any, Any, Any, Any]] = {
            "id": serializers.IntegerField(read_only=True),
            "number": serializers.CharField(read_only=True),
        }
        fields |= {field.key: serializer_field(field) for field in module.fields.values() if not field.custom}
        fields["custom"] = serializers.DictField(required=False, help_text="Custom values by key: cf_…")
        return fields

    def to_representation(self, instance: Any) -> dict[str, Any]:
        module = registry.module(self.module_key)
        values = {field.key: field.kind.wire(field.get(instance)) for field in module.standard}
        custom = {field.key: field.kind.wire(field.get(instance)) for field in module.fields.values() if field.custom}
        return {"id": instance.pk, "number": instance.number, **values, "custom": custom}


def serializer_for(key: str) -> type[RecordSerializer]:
    """The serializer class of a module."""
    return type(f"{key.title()}Serializer", (RecordSerializer,), {"module_key": key})


def parse(module: registry.Module, sent: object) -> dict[str, Any]:
    """Parse a sent record by field key. Read-only keys are ignored; a key that is no field is refused by name."""
    if not isinstance(sent, dict):
        raise serializers.ValidationError({"detail": ["Send a JSON object."]})
    custom = sent.get("custom") or {}
    if not isinstance(custom, dict):
        raise serializers.ValidationError({"custom": ["Send an object of custom values by key."]})
    flat = {key: value for key, value in sent.items() if key not in {"custom", *_ignored(module)}}
    wrong = {key for key in custom if key not in module.fields or not module.fields[key].custom}
    wrong |= {key for key in flat if key not in module.fields or module.fields[key].custom}
    if wrong:
        raise serializers.ValidationError({key: [registry.unknown_field(key)] for key in sorted(wrong)})
    return module.parse({**flat, **custom})


def _ignored(module: registry.Module) -> set[str]:
    return {"id", "number", *(field.key for field in module.standard if field.read_only)}
