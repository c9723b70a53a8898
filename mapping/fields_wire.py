"""Custom fields as the API carries them (PRODUCT §5)."""

from typing import Any

from rest_framework import serializers

from crm.fields import dictionary, registry
from crm.fields.definition import CUSTOM_KINDS
from crm.fields.models import CustomField
from mapping.rows import TARGETS

MODULES = ("lead", *TARGETS)


class CustomFieldSerializer(serializers.Serializer[CustomField]):
    """What the schema says of a custom field, and how one is written out."""

    id = serializers.IntegerField(read_only=True)
    key = serializers.CharField(read_only=True, help_text="cf_…, made from the label; it never changes.")
    module = serializers.ChoiceField(MODULES, help_text="Can't be changed.")
    label = serializers.CharField(  # type: ignore[assignment]
        required=False, help_text="In the language of the caller; sets both where they aren't sent."
    )
    label_en = serializers.CharField(required=False, max_length=100)
    label_fa = serializers.CharField(required=False, max_length=100)
    help_en = serializers.CharField(required=False, allow_blank=True, max_length=200)
    help_fa = serializers.CharField(required=False, allow_blank=True, max_length=200)
    type = serializers.ChoiceField([kind.key for kind in CUSTOM_KINDS])
    length = serializers.IntegerField(required=False, allow_null=True, help_text="Characters; of texts.")
    digits = serializers.IntegerField(required=False, allow_null=True, help_text="In all; of numbers.")
    places = serializers.IntegerField(required=False, allow_null=True, help_text="After the point; of numbers.")
    required = serializers.BooleanField(required=False)  # type: ignore[assignment]
    default = serializers.JSONField(
        required=False, allow_null=True, help_text="A value as the field's records carry it."
    )
    options = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Of picklists, in their order."
    )
    in_quick_create = serializers.BooleanField(required=False)
    retired = serializers.BooleanField(required=False, help_text="False brings a retired field back.")
    also_on = serializers.ListField(
        child=serializers.ChoiceField(MODULES),
        required=False,
        write_only=True,
        help_text="Make the same field there too.",
    )
    map = serializers.BooleanField(required=False, write_only=True, help_text="Map the lead's field to the others.")

    def to_representation(self, instance: CustomField) -> dict[str, Any]:
        field = instance.as_field()
        options = [one.value for one in dictionary.options(field.list_key) if not one.retired]
        columns = ("id", "key", "module", "label_en", "label_fa", "help_en", "help_fa", "length", "digits", "places")
        return {
            **{name: getattr(instance, name) for name in columns},
            "label": instance.label,
            "type": instance.kind,
            "required": instance.required,
            "default": field.kind.wire(field.default),
            "options": options if field.kind.chooses else [],
            "in_quick_create": instance.in_quick_create,
            "retired": instance.retired_at is not None,
        }


READ_ONLY = {"id", "key"}
SENT = set(CustomFieldSerializer().get_fields()) - READ_ONLY
TEXTS = ("module", "label", "label_en", "label_fa", "help_en", "help_fa", "type")
NUMBERS = ("length", "digits", "places")
FLAGS = ("required", "in_quick_create", "retired", "map")
LISTS = ("options", "also_on")


def read(sent: object) -> dict[str, Any]:
    """Check the shape of what was sent and give it; read-only keys are ignored, unknown ones refused by name."""
    if not isinstance(sent, dict):
        raise serializers.ValidationError({"detail": ["Send a JSON object."]})
    values = {key: value for key, value in sent.items() if key not in READ_ONLY}
    errors = {key: [registry.unknown_field(key)] for key in values if key not in SENT}
    errors |= {key: ["Send a text."] for key in TEXTS if not isinstance(values.get(key, ""), str)}
    errors |= {key: ["Send true or false."] for key in FLAGS if not isinstance(values.get(key, False), bool)}
    for key in NUMBERS:
        value = values.get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31):
            errors[key] = ["Send a whole number or null."]
    for key in LISTS:
        value = values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            errors[key] = ["Send a list of texts."]
    if errors:
        raise serializers.ValidationError(errors)
    return values
