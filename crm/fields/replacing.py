"""An option that goes: records and defaults that hold it get another, with one UPDATE per module and field."""

from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from crm.fields import guards, registry, values
from crm.fields.lists import users_of
from crm.fields.models import CustomField, FieldSetting
from crm.fields.registry import Field

# `key` is checked by a constraint (cf_[a-z0-9_]+) and table and column are the model's own, so they may stand in the statement.
ONE = {
    "sqlite": """json_set({table}.custom, '$."{key}"', %s)""",
    "postgresql": """jsonb_set({table}.custom, '{{{key}}}', to_jsonb(%s::text))""",
}
MANY = {
    "sqlite": """json_set({table}.custom, '$."{key}"', json((SELECT json_group_array(option) FROM (
        SELECT CASE one.value WHEN %s THEN %s ELSE one.value END AS option, MIN(one.key) AS place
        FROM json_each({table}.custom, '$."{key}"') AS one GROUP BY 1 ORDER BY 2))))""",
    "postgresql": """jsonb_set({table}.custom, '{{{key}}}', (SELECT jsonb_agg(option ORDER BY place) FROM (
        SELECT CASE one.value WHEN %s THEN %s ELSE one.value END AS option, MIN(one.place) AS place
        FROM jsonb_array_elements_text({table}.custom -> '{key}') WITH ORDINALITY AS one(value, place) GROUP BY 1) AS options))""",
}


def replace_everywhere(list_key: str, value: str, replacement: str, *, by: Any) -> int:
    """Write the replacement wherever records in use hold the value; returns how many records that were."""
    fields = users_of(list_key)
    for field in fields:
        _replace_default(field, value, replacement)
    replaced = sum(_replace(field, value, replacement, by) for field in fields)
    return replaced + guards.replaced_in_rows(list_key, value, replacement, by)


def _replace(field: Field, value: str, replacement: str, by: Any) -> int:
    new: Any = replacement
    if field.custom and field.kind.key == "multipicklist":
        new = _sql(MANY, field, [value, replacement])
    elif field.custom:
        new = _sql(ONE, field, [replacement])
    column = "custom" if field.custom else field.key
    records = holding(field, value)
    guards.option_replaced(field, records, value, replacement, by)
    return records.update(**{column: new, "modified_at": timezone.now(), "modified_by": by.pk})


def holding(field: Field, value: str) -> QuerySet[Any]:
    """The records in use that hold the option; converted leads are not among them."""
    records = registry.module(field.module).model._default_manager.all()
    if not field.custom:
        return records.filter(**{field.key: value})
    if field.kind.key == "multipicklist":
        return records.filter(values.holds(field, value))
    return records.filter(values.compare(field, "exact", value))


def _sql(by_vendor: dict[str, str], field: Field, words: list[str]) -> RawSQL:
    table = registry.module(field.module).model._meta.db_table
    return RawSQL(by_vendor[connection.vendor].format(table=table, key=field.key), words)  # noqa: S611


def _replace_default(field: Field, value: str, replacement: str) -> None:
    held = field.default
    if held is None or (held != value and not (isinstance(held, list) and value in held)):
        return
    new = (
        list(dict.fromkeys(replacement if one == value else one for one in held))
        if isinstance(held, list)
        else replacement
    )
    model: Any = CustomField if field.custom else FieldSetting
    model.objects.filter(module=field.module, key=field.key).update(default=new)
