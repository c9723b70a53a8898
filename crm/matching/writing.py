"""Writing keys. Called by whatever writes records, in the same transaction: set-based, one or two statements however many."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from django.db import connection, transaction

from crm.fields import registry
from crm.kit.inserting import insert_values
from crm.matching.models import Key
from crm.matching.traits import HOLDERS, NATIONAL_IDS, SOURCES, traits_of

CHUNK = 1000  # records that are in memory at a time
COLUMNS = (*(f"{holder}_id" for holder in HOLDERS), "kind", "value", "text")


def write(records: Sequence[Any]) -> None:
    """Write the keys of new records."""
    insert_values(Key, COLUMNS, [row for record in records for row in rows_of(record)])


def renew(records: Sequence[Any], *, without: Sequence[Any] = ()) -> None:
    """Write the keys of changed records anew, and remove those of others (`without`) that can't be matched any more."""
    held: dict[str, list[int]] = {}
    for record in (*records, *without):
        held.setdefault(record.module.key, []).append(record.pk)
    _remove({module_key: pks for module_key, pks in held.items() if module_key in HOLDERS})
    write(records)


def forget(module_key: str, pks: Collection[int]) -> None:
    """Remove the keys of records that nobody can match any more: converted leads. Deleted records lose theirs by themselves."""
    _remove({module_key: pks})


def _remove(held: Mapping[str, Collection[int]]) -> None:
    """Remove the keys of these records, by module; one statement."""
    held = {module_key: pks for module_key, pks in held.items() if pks}
    if held:
        conditions = [f"{module_key}_id IN ({', '.join(['%s'] * len(pks))})" for module_key, pks in held.items()]
        with connection.cursor() as cursor:
            cursor.execute(
                f"DELETE FROM {Key._meta.db_table} WHERE {' OR '.join(conditions)}", [*chain(*held.values())]
            )


def rows_of(record: Any) -> Iterator[tuple[Any, ...]]:
    """The rows of one record, as `COLUMNS` says; none for a record that has no keys or can't be matched any more."""
    module_key = record.module.key
    if module_key in SOURCES and not record.is_locked:
        holders = [record.pk if holder == module_key else None for holder in HOLDERS]
        for trait in traits_of(record):
            yield (*holders, *trait)


def concern(module_key: str, changed: Collection[str]) -> bool:
    """Tell whether a change of these fields changes a record's keys."""
    return not set(fields_of(module_key)).isdisjoint(changed)


def fields_of(module_key: str) -> tuple[str, ...]:
    """The fields from which a module's keys are made."""
    source = SOURCES.get(module_key)
    if source is None:
        return ()
    names = (source.company,) if source.company else ()
    return (*source.person, *names, *source.emails, *source.phones, *source.websites, source.town, *NATIONAL_IDS)


def rebuild() -> int:
    """Write the keys of all records anew, for instance after the phone region changed; returns how many records have some."""
    done = 0
    Key.objects.filter(lead__converted_at__isnull=False).delete()
    for records in _chunks():
        with transaction.atomic():
            renew(records)
        done += len(records)
    return done


def fill(**_signal: Any) -> None:
    """After a migration: write the keys of records that were there before there were keys."""
    if not Key.objects.exists():
        rebuild()


def differences() -> Iterator[str]:
    """Say of each record whose stored keys are not what its fields say; for `check_integrity`."""
    for records in _chunks():
        module_key = records[0].module.key
        stored: dict[int, set[tuple[str, str, str]]] = {record.pk: set() for record in records}
        rows = Key.objects.filter(**{f"{module_key}__in": stored})
        for pk, *row in rows.values_list(module_key, "kind", "value", "text"):
            stored[pk].add((row[0], row[1], row[2]))
        for record in records:
            if stored[record.pk] != {tuple(trait) for trait in traits_of(record)}:
                yield f"The matching keys of {module_key} {record.pk} are not those of its fields; run rebuild_match_keys"
    for pk in (
        Key.objects.filter(lead__converted_at__isnull=False).values_list("lead", flat=True).distinct().order_by("lead")
    ):
        yield f"The converted lead {pk} still has matching keys; run rebuild_match_keys"


def _chunks() -> Iterator[list[Any]]:
    """All records that can be matched, module by module."""
    for module_key in HOLDERS:
        records: Any = registry.module(module_key).model._default_manager
        last = 0
        while chunk := list(records.filter(pk__gt=last).order_by("pk")[:CHUNK]):
            yield chunk
            last = chunk[-1].pk
