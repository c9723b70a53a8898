"""What the processes do. `python -m tests.trust.scenarios NAME CHOICES` plays one and prints its report as JSON."""

import io
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
    django.setup()

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import setup_test_environment
from django.utils import translation

from crm.fields import dictionary
from crm.jobs import results
from crm.jobs import services as job_services
from crm.jobs.worker import Worker, work_off
from crm.people.models import User
from crm.people.tokens import create_token
from crm.records.base import RecordIsLocked
from crm.records.models import Contact, Organization
from crm.related import filing, merging, services
from crm.related.models import Comment, Dossier, Tagging
from crm.related.uploads import document_from
from leads.bulk import job as jobs
from leads.conversion.draft import draft
from leads.conversion.errors import (
    AlreadyConverted,
    ExistingMissing,
    InvalidOrder,
    NoSuchLead,
    StaleDraft,
    StaleExisting,
)
from leads.conversion.many import Wish
from leads.conversion.order import Also, Order, Part
from leads.conversion.service import convert
from leads.integrity import violations
from leads.models import Conversion, Lead
from mapping import services as mapping_services
from mapping import table
from mapping.defaults import ROWS
from mapping.errors import MappingChanged
from mapping.models import Revision
from mapping.rows import Row
from tests.accounts import person
from tests.factories import ContactFactory, LeadFactory, OrganizationFactory, comment
from tests.trust.crowd import Crowd, Tell, run

ALL = {"organization": Part(), "contact": Part(), "opportunity": Part()}
BOTH = {"organization": Part(), "contact": Part()}


def people() -> tuple[User, User]:
    """Somebody who sells and somebody who may delete."""
    if found := User.objects.filter(username="sara").first():
        return found, User.objects.get(username="manager")
    return person("sara", language="en"), person("manager", language="en")


def leads(count: int, owner: User, *, comments: int = 1) -> list[int]:
    made = [LeadFactory(assigned_to=owner, state="") for _ in range(count)]
    for lead in made:
        for _ in range(comments):
            comment(lead, owner)
    return [lead.pk for lead in made]


def report(**more: Any) -> dict[str, Any]:
    return {
        "conversions": Conversion.objects.count(),
        "leads": Conversion.objects.values("lead").distinct().count(),
        "violations": list(violations()),
        **more,
    }


# --- Ways to convert ---------------------------------------------------------------------------
def by_service(user: User, pk: int) -> str:
    try:
        convert(pk, Order(parts=ALL), by=user)
    except AlreadyConverted as refusal:
        return f"told {refusal.conversion.lead_id == pk}"
    return "converted"


def browser(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def by_page(client: Client, pk: int) -> str:
    """Open the page, press Save."""
    page = client.get(f"/leads/{pk}/convert/")
    if page.status_code == 410:
        return "told True"
    form = page.context["form"]
    sent = {name: form[name].value() for name in ("stamp", "key", "transfer_to")}
    sent |= {f"create_{key}": "on" for key in form.parts}
    for part in form.parts.values():
        values = {field.html_name: field.value() for field in part}
        sent |= {name: "on" if value is True else value for name, value in values.items() if value not in (None, False)}
    answer = client.post(f"/leads/{pk}/convert/", sent)
    if answer.status_code == 302:
        return "converted"
    return f"told {answer.status_code == 410 and 'converted' in answer.content.decode()}"


def by_api(token: str, pk: int) -> str:
    client = Client(headers={"authorization": f"Bearer {token}"})
    answer = client.post(f"/api/v1/leads/{pk}/convert/", {}, content_type="application/json")
    if answer.status_code == 201:
        return "converted"
    return f"told {answer.status_code == 410 and answer.json()['contact'] is not None}"


def by_command(pk: int) -> str:
    out = io.StringIO()
    with suppress(SystemExit):
        call_command("convert_leads", ids=[pk], stdout=out)
    line = out.getvalue().splitlines()[0]
    return f"told {'Already converted' in line}" if "converted: " in line or ": CV-" not in line else "converted"


def each(pks: list[int], way: Callable[[int], str], tell: Tell) -> None:
    for pk in pks:
        dictionary.forget()  # as each request does
        tell([pk, way(pk)])


# --- 1: a crowd at one door --------------------------------------------------------------------
def everybody_converts(processes: int = 20, count: int = 40) -> dict[str, Any]:
    """All processes convert the same leads: a quarter each through service, page, API and command."""
    sara, _manager = people()
    pks, token = leads(count, sara), create_token(sara)

    def ways(number: int) -> Callable[[int], str]:
        choices = (
            lambda: partial(by_service, sara),
            lambda: partial(by_page, browser(sara)),
            lambda: partial(by_api, token),
        )
        return (*choices, lambda: by_command)[number % 4]()

    tasks = [lambda tell, number=number: each(pks, ways(number), tell) for number in range(processes)]
    told = run(*tasks)
    answers = Counter(answer for one in told for _pk, answer in one)
    winners = Counter(pk for one in told for pk, answer in one if answer == "converted")
    return report(
        answers=answers,
        winners=sorted(set(winners.values())),
        won=[sum(a == "converted" for _p, a in one) for one in told],
    )


# --- 2: conversion against something else ------------------------------------------------------
def attempt(action: Callable[[], Any], *expected: type[Exception]) -> str:
    """Do it; an expected refusal is told by its name, any other exception is a crash."""
    try:
        action()
    except expected as refusal:
        return type(refusal).__name__
    return "done"


def against(pks: list[int], *actions: Callable[[int], str]) -> list[dict[int, str]]:
    """Let processes do their action on one lead after the other, each lead at about the same time; their answers by lead."""

    def task(action: Callable[[int], str], tell: Tell) -> None:
        for pk in pks:
            time.sleep(random.random() * 0.01)
            tell([pk, action(pk)])

    told = run(*(partial(task, action) for action in actions))
    return [dict(one) for one in told]


def converting(user: User, pk: int, *, stamped: bool = False) -> str:
    lead = Lead.objects.filter(pk=pk).first()
    stamp = draft(lead, by=user).stamp if lead and stamped else None
    order = Order(parts=BOTH, stamp=stamp)
    return attempt(lambda: convert(pk, order, by=user), StaleDraft, NoSuchLead, AlreadyConverted)


def edit_meanwhile(count: int = 30, stamped: bool = False) -> dict[str, Any]:
    sara, _manager = people()
    pks = leads(count, sara)

    def edit(pk: int) -> str:
        lead = Lead.everything.get(pk=pk)
        return attempt(lambda: filing.edit(lead, {"city": "Edited"}, by=sara), RecordIsLocked)

    converted, edited = against(pks, partial(converting, sara, stamped=stamped), edit)
    wrong = []
    for pk in pks:
        conversion = Conversion.objects.filter(lead=pk).select_related("contact").first()
        if conversion is None:
            wrong += [pk] if converted[pk] != "StaleDraft" or edited[pk] != "done" else []
            continue
        expected = "Edited" if edited[pk] == "done" else "تهران"
        if (conversion.snapshot["city"], conversion.contact.mailing_city) != (expected, expected):
            wrong.append(pk)
    return report(wrong=wrong, converted=Counter(converted.values()), edited=Counter(edited.values()))


def delete_meanwhile(count: int = 30) -> dict[str, Any]:
    """A conversion and two deletions of the same lead: one side wins, and nobody crashes."""
    sara, manager = people()
    pks = leads(count, sara)

    def delete(pk: int) -> str:
        lead = Lead.everything.filter(pk=pk).first()
        return attempt(lambda: filing.delete(lead, by=manager), RecordIsLocked) if lead else "gone"

    converted, *deleted = against(pks, partial(converting, sara), delete, delete)
    both = []
    for pk in pks:
        is_deleted = not Lead.everything.filter(pk=pk).exists()
        if is_deleted == (converted[pk] == "done"):
            both.append(pk)
    return report(both=both, converted=Counter(converted.values()), deleted=[Counter(one.values()) for one in deleted])


def comment_meanwhile(count: int = 20, writers: int = 3) -> dict[str, Any]:
    """Comments keep coming while the leads are converted: each that was acknowledged arrives with the rest."""
    sara, _manager = people()
    pks = leads(count, sara, comments=0)
    seen = {pk: Lead.objects.get(pk=pk) for pk in pks}

    def write(pk: int) -> str:
        for number in range(4):
            services.add(Comment(body=f"{os.getpid()} {number}"), to=seen[pk], by=sara)
        return "done"

    against(pks, partial(converting, sara), *[write] * writers)
    lost, miscounted = [], []
    for conversion in Conversion.objects.all():
        arrived = Comment.objects.filter(dossier__came_from=conversion.lead_id, dossier__contact=conversion.contact_id)
        before = arrived.filter(pk__lt=conversion.note).count()
        if arrived.count() != 4 * writers:
            lost.append(conversion.lead_id)
        if not before <= 4 * writers or conversion.moved["comments"] > arrived.count():
            miscounted.append(conversion.lead_id)
    return report(
        lost=lost, miscounted=miscounted, moved=Counter(one.moved["comments"] for one in Conversion.objects.all())
    )


def comment_on_what_is_deleted(count: int = 20) -> dict[str, Any]:
    sara, manager = people()
    pks = leads(count, sara)
    seen = {pk: Lead.objects.get(pk=pk) for pk in pks}

    def write(pk: int) -> str:
        return attempt(lambda: services.add(Comment(body="x"), to=seen[pk], by=sara), RecordIsLocked, PermissionDenied)

    def delete(pk: int) -> str:
        return attempt(lambda: filing.delete(seen[pk], by=manager))

    written, deleted = against(pks, write, delete)
    return report(written=Counter(written.values()), deleted=Counter(deleted.values()), left=Lead.everything.count())


def dossier_meanwhile(count: int = 40) -> dict[str, Any]:
    """A second dossier is hung on a lead that is being converted: it arrives, or the database refuses it."""
    sara, _manager = people()
    pks = leads(count, sara)

    def attach(pk: int) -> str:
        return attempt(lambda: Dossier.objects.create(lead_id=pk, is_home=False), DatabaseError)

    def move(pk: int) -> str:
        spare = Dossier.objects.create(organization_id=host, is_home=False)
        return attempt(lambda: Dossier.objects.filter(pk=spare.pk).update(organization=None, lead=pk), DatabaseError)

    host = convert(leads(1, sara)[0], Order(parts=BOTH), by=sara).organization_id
    _converted, attached, moved = against(pks, partial(converting, sara), attach, move)
    arrived = Dossier.objects.filter(came_from__in=pks).count()
    expected = count + sum(answer == "done" for one in (attached, moved) for answer in one.values())
    return report(
        arrived=arrived, expected=expected, attached=Counter(attached.values()), moved=Counter(moved.values())
    )


def mapping_meanwhile(count: int = 40) -> dict[str, Any]:
    """The table is replaced again and again: each conversion follows one table from beginning to end."""
    sara, _manager = people()
    pks = leads(count, sara)
    admin = person("admin", language="en")
    swap = {"city": "state", "state": "city"}
    other = [replace(row, lead=swap.get(row.lead, row.lead)) for row in ROWS]

    def save(_pk: int) -> str:
        seen = table.current().revision
        return attempt(lambda: mapping_services.replace(ROWS if seen % 2 == 0 else other, seen=seen, by=admin))

    converted, replaced = against(pks, partial(converting, sara, stamped=True), save)
    wrong = []
    for one in Conversion.objects.select_related("organization", "contact"):
        target = "state" if one.mapping_revision % 2 == 0 else "city"
        places = [getattr(one.organization, f"{prefix}_{target}") for prefix in ("billing", "shipping")]
        if [*places, getattr(one.contact, f"mailing_{target}")] != ["تهران"] * 3:
            wrong.append(one.pk)
    return report(wrong=wrong, converted=Counter(converted.values()), replaced=Counter(replaced.values()))


def mapping_saves(processes: int = 8, times: int = 12) -> dict[str, Any]:
    """Administrators save the table at the same time: each save is whole or refused, and none is written over another."""
    admin = person("admin", language="en")
    locked = [row for row in ROWS if row.locked]

    def save(key: int, tell: Tell) -> None:
        for turn in range(times):
            rows = [
                *locked,
                Row(
                    lead=("city", "state", "country")[(key + turn) % 3],
                    contact=f"{('mailing', 'other')[turn % 2]}_city",
                ),
            ]
            seen = table.current().revision
            try:
                saved = mapping_services.replace(rows, seen=seen, by=admin)
            except MappingChanged:
                tell("MappingChanged")
            else:
                tell([saved.number, [row.as_dict() for row in rows]])

    told = [one for process in run(*(partial(save, key) for key in range(processes))) for one in process]
    kept = dict(Revision.objects.values_list("number", "rows"))
    wrong = [one for one in told if one != "MappingChanged" and kept[one[0]] != one[1]]
    in_force = [row.as_dict() for row in table.current().rows()]
    return report(
        wrong=wrong,
        gaps=sorted(set(range(1, len(kept) + 1)) ^ set(kept)),
        saved=len(told) - told.count("MappingChanged"),
        refused=told.count("MappingChanged"),
        is_newest=in_force == kept[max(kept)],
    )


def existing_meanwhile(count: int = 20) -> dict[str, Any]:
    """Two conversions choose the same organization and the same contact, crosswise, while others edit and delete them."""
    sara, manager = people()
    pairs = list(zip(leads(count, sara), leads(count, sara), strict=True))
    there = {
        first: (OrganizationFactory(assigned_to=sara), ContactFactory(assigned_to=sara)) for first, _second in pairs
    }
    firsts = {second: first for first, second in pairs} | {first: first for first, _second in pairs}

    def fill(pk: int) -> str:
        parts = {
            one.module.key: Part(existing=one.pk, seen=one.modified_at, overwrite=frozenset({"fax"}))
            for one in there[firsts[pk]]
        }
        return attempt(lambda: convert(pk, Order(parts=parts), by=sara), StaleExisting, ExistingMissing)

    def edit(pk: int) -> str:
        contact = there[pk][1]
        return attempt(lambda: filing.edit(contact, {"fax": "9"}, by=sara), ObjectDoesNotExist)

    def delete(pk: int) -> str:
        return attempt(lambda: filing.delete(there[pk][0], by=manager), filing.RecordInUse)

    second_of = dict(pairs)
    told = against([first for first, _ in pairs], fill, lambda pk: fill(second_of[pk]), edit, delete)
    filled = told[0].values(), told[1].values()
    done = sum(answer == "done" for answers in filled for answer in answers)
    return report(done=done, told=[Counter(one.values()) for one in told], left=Lead.objects.count())


def together_crosswise(count: int = 15) -> dict[str, Any]:
    """One process converts a lead and brings another along, a second the other way round: one of them wins, nobody waits for ever."""
    sara, _manager = people()
    pairs = dict(zip(leads(count, sara), leads(count, sara), strict=True))

    def bring(lead: int, other: int) -> str:
        order = Order(parts=ALL, also=(Also(lead=other),))
        return attempt(lambda: convert(lead, order, by=sara), AlreadyConverted, InvalidOrder)

    told = against(list(pairs), lambda pk: bring(pk, pairs[pk]), lambda pk: bring(pairs[pk], pk))
    done = [sum(one[pk] == "done" for one in told) for pk in pairs]
    return report(done=sorted(set(done)), left=Lead.objects.count())


def merge_leads_meanwhile(count: int = 30) -> dict[str, Any]:
    """Two processes merge two leads, each into the other one, while both are converted: one lead's worth of everything arrives."""
    sara, _manager = people()
    pairs = dict(zip(leads(count, sara), leads(count, sara), strict=True))

    def merge(kept: int, gone: int) -> str:
        return attempt(lambda: merging.merge(Lead(pk=kept), Lead(pk=gone), by=sara), merging.NotMergeable)

    told = against(
        list(pairs),
        lambda pk: merge(pk, pairs[pk]),
        lambda pk: merge(pairs[pk], pk),
        lambda pk: converting(sara, pk),
        lambda pk: converting(sara, pairs[pk]),
    )
    wrong = []
    for first, second in pairs.items():
        done = [one[first] for one in told]
        merged, converted = done[:2].count("done"), done[2:].count("done")
        arrived = Comment.objects.filter(body="Called twice.", dossier__came_from__in=[first, second]).count()
        if (
            merged > 1
            or merged + converted > 2
            or Lead.objects.filter(pk__in=[first, second]).count() != 2 - len([one for one in done if one == "done"])
        ):
            wrong.append([first, done, arrived])
    return report(wrong=wrong, told=[Counter(one.values()) for one in told], merged=_merged(Lead))


def merge_records_meanwhile(count: int = 20) -> dict[str, Any]:
    """Organizations and contacts are merged crosswise, while conversions fill them, and others link to them and edit them."""
    sara, _manager = people()
    pks = leads(count, sara)
    there = {}
    for pk in pks:
        kept, gone = OrganizationFactory(assigned_to=sara), OrganizationFactory(assigned_to=sara)
        first = ContactFactory(assigned_to=sara)
        second, third = (ContactFactory(assigned_to=sara, organization=gone) for _ in range(2))
        there[pk] = (kept, gone, first, second, third)

    def merge(kept: Any, gone: Any) -> str:
        return attempt(lambda: merging.merge(kept, gone, by=sara), merging.NotMergeable, filing.RecordChanged)

    def fill(pk: int) -> str:
        kept, _gone, first, *_rest = there[pk]
        parts = {"organization": Part(existing=kept.pk), "contact": Part(existing=first.pk)}
        return attempt(lambda: convert(pk, Order(parts=parts), by=sara), ExistingMissing)

    def edit(pk: int) -> str:
        kept, _gone, *_contacts, third = there[pk]
        return attempt(lambda: filing.edit(third, {"organization": kept.pk, "fax": "9"}, by=sara), ValidationError)

    def link(pk: int) -> str:
        return attempt(lambda: ContactFactory(assigned_to=sara, organization_id=there[pk][1].pk), ValidationError)

    told = against(
        pks,
        lambda pk: merge(there[pk][0], there[pk][1]),
        lambda pk: merge(there[pk][1], there[pk][0]),
        lambda pk: merge(there[pk][2], there[pk][3]),
        lambda pk: merge(there[pk][3], there[pk][2]),
        fill,
        edit,
        link,
    )
    merged = [sum(one[pk] == "done" for one in told[:4]) for pk in pks]
    return report(
        most=max(merged),
        told=[Counter(one.values()) for one in told],
        merged=(sum(merged), _merged(Organization) + _merged(Contact)),
    )


def _merged(model: Any) -> int:
    return int(model.rows.filter(merged_into__isnull=False).count())


def deadlock(act: str) -> dict[str, Any]:
    """Somebody holds what the other process needs second, and then asks for what it took first: PostgreSQL ends the other one's
    transaction, which has waited for longer.
    """
    sara, manager = people()
    lead = Lead.objects.get(pk=leads(1, sara)[0])
    organization, contact = OrganizationFactory(assigned_to=sara), ContactFactory(assigned_to=sara)
    parts = {"contact": Part(existing=contact.pk)}
    take, then, first = {
        "convert": (lambda: convert(lead.pk, Order(parts=parts), by=sara), contact, lead),
        "edit": (lambda: filing.edit(contact, {"organization": organization.pk}, by=sara), organization, contact),
        "delete": (lambda: filing.delete(lead, by=manager), lead.dossiers.get(), lead),
    }[act]
    crowd = Crowd([lambda tell: tell(attempt(take))])
    os.environ["PGOPTIONS"] = "-c deadlock_timeout=1min"
    with transaction.atomic(), connection.cursor() as cursor:
        _lock(then)
        crowd.go()
        _wait_until(lambda: _is_somebody_waiting(cursor))
        _lock(first)
    told = crowd.ended()
    return report(
        told=told, left=Lead.objects.count(), linked=Contact.objects.filter(organization=organization).count()
    )


def _is_somebody_waiting(cursor: Any) -> bool:
    cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)")
    return bool(cursor.fetchone()[0])


def _lock(row: Any) -> None:
    type(row)._base_manager.select_for_update(of=("self",)).get(pk=row.pk)


def half_way(first: str, then: str) -> dict[str, Any]:
    """Somebody's transaction has hung something on a lead and is not over yet when another process turns to that lead."""
    sara, manager = people()
    pk = leads(1, sara)[0]
    lead = Lead.objects.get(pk=pk)
    hang = {
        "dossier": lambda: Dossier.objects.create(lead=lead, is_home=False),
        "comment": lambda: services.add(Comment(body="Meanwhile."), to=lead, by=sara),
        "tag": lambda: services.set_tags(lead, "VIP", by=sara),
        "edit": lambda: filing.edit(lead, {"city": "Edited"}, by=sara),
    }[first]
    act = {
        "convert": lambda: converting(sara, pk),
        "delete": lambda: attempt(lambda: filing.delete(lead, by=manager)),
    }[then]
    crowd = Crowd([lambda tell: tell(act())])
    with transaction.atomic():
        hang()
        crowd.go()
        time.sleep(0.4)
        early = crowd.told()[0]
    told = crowd.ended()[0]
    made = Conversion.objects.select_related("contact", "organization").first()
    tagged = Tagging.objects.values_list("dossier__contact", "dossier__organization")
    return report(
        early=early,
        told=told,
        left=Lead.everything.count(),
        moved=made and made.moved["comments"],
        city=made and made.contact.mailing_city,
        dossiers=Dossier.objects.exclude(came_from=None).count(),
        tags=made and {(made.contact_id, None), (None, made.organization_id)} <= set(tagged),
    )


# --- 3: kills ----------------------------------------------------------------------------------
def keyed(pk: int) -> Order:
    return Order(parts=ALL, key=f"key-{pk}")


def convert_all(user: User, pks: list[int], tell: Tell) -> None:
    tell("ready")
    for pk in pks:
        tell([pk, convert(pk, keyed(pk), by=user).pk])


def killed(times: int = 15, at_a_time: int = 10, seed: int = 1) -> dict[str, Any]:
    """Kill a converting process at a random moment, so many times; then retry everything that it had to do."""
    sara, _manager = people()
    chance = random.Random(seed)
    lost, unfinished, acknowledged = [], 0, 0
    for _again in range(times):
        pks = leads(at_a_time, sara)
        crowd = Crowd([partial(convert_all, sara, pks)]).go()
        acknowledgements = chance.randrange(at_a_time - 1)
        _wait_until(lambda crowd=crowd, at=acknowledgements: len(crowd.told()[0]) > at)
        told = crowd.kill(chance.uniform(0, 0.02)).ended()[0]
        done = dict(one for one in told if one != "ready")
        acknowledged += len(done)
        unfinished += len(pks) - len(done)
        lost += [pk for pk, made in done.items() if not Conversion.objects.filter(pk=made, lead=pk).exists()]
        lost += [pk for pk in pks if convert(pk, keyed(pk), by=sara).pk != done.get(pk, _of(pk))]
    return report(lost=lost, acknowledged=acknowledged, unfinished=unfinished, expected=times * at_a_time)


def _wait_until(happened: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for what the others do, however slow the machine is."""
    end = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > end:
            sys.exit("What was waited for never happened.")
        time.sleep(0.001)


def _of(pk: int) -> int:
    return Conversion.objects.get(lead=pk).pk


def convert_all_through(user: User, pks: list[int], tell: Tell) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        tell(cursor.fetchone()[0])
    for pk in pks:
        try:
            tell([pk, convert(pk, keyed(pk), by=user).pk])
        except DatabaseError:
            tell("cut off")
            return


def backend_killed(times: int = 5, at_a_time: int = 10, seed: int = 2) -> dict[str, Any]:
    """Kill the PostgreSQL process that serves a converting client; the server recovers, and everything is tried again."""
    sara, _manager = people()
    chance = random.Random(seed)
    lost, cut_off = [], 0
    for _again in range(times):
        pks = leads(at_a_time, sara)
        crowd = Crowd([partial(convert_all_through, sara, pks)]).go()
        _wait_until(lambda crowd=crowd: bool(crowd.told()[0]))
        time.sleep(chance.uniform(0, 0.12))
        with suppress(ProcessLookupError):
            os.kill(crowd.told()[0][0], 9)
        told = crowd.ended()[0][1:]
        cut_off += "cut off" in told
        _wait_for_recovery()
        done = dict(one for one in told if one != "cut off")
        lost += [pk for pk, made in done.items() if not Conversion.objects.filter(pk=made, lead=pk).exists()]
        lost += [pk for pk in pks if convert(pk, keyed(pk), by=sara).pk != done.get(pk, _of(pk))]
    return report(lost=lost, cut_off=cut_off, expected=times * at_a_time)


def _wait_for_recovery() -> None:
    for _again in range(300):
        connection.close()
        try:
            User.objects.exists()
        except DatabaseError:
            time.sleep(0.1)
        else:
            return


def workers_killed(times: int = 10, at_a_time: int = 30, chunk: int = 6, seed: int = 3) -> dict[str, Any]:
    """Kill a worker that converts many leads at a random moment, so many times; another takes the job up, and ends it."""
    sara, _manager = people()
    chance = random.Random(seed)
    jobs.CHUNK = chunk
    half_done, unlike, twice = 0, [], []
    for again in range(times):
        pks = leads(at_a_time, sara)
        job = jobs.create(Lead.objects.filter(pk__in=pks), Wish(parts=tuple(ALL)), by=sara)
        job_services.start(job, by=sara)
        crowd = Crowd([lambda _tell: Worker().run()]).go()
        enough = chance.randrange(at_a_time - chunk)
        _wait_until(lambda job=job, at=enough: _converted(job) >= at)
        crowd.kill(chance.uniform(0, 0.05)).ended()
        done = _converted(job)
        if Conversion.objects.filter(lead__in=pks).count() != done:
            unlike.append(again)
        half_done += 0 < done < at_a_time
        run(lambda _tell: Worker().work() and work_off())
        job.refresh_from_db()
        if (job.state, results.tally(job, "outcome")) != ("finished", {"converted": at_a_time}):
            twice.append([again, job.state, results.tally(job, "outcome")])
    return report(half_done=half_done, unlike=unlike, wrong=twice, expected=times * at_a_time)


def _converted(job: Any) -> int:
    return int(results.tally(job, "outcome").get("converted", 0))


def two_workers_at_one_job(count: int = 60, chunk: int = 10) -> dict[str, Any]:
    """Two workers believe that the job is theirs, as when one of them was away for longer than its lease."""
    sara, _manager = people()
    jobs.CHUNK = chunk
    pks = leads(count, sara)
    job = jobs.create(Lead.objects.filter(pk__in=pks), Wish(parts=tuple(ALL)), by=sara)
    job_services.start(job, by=sara)
    run(*(lambda _tell: jobs.convert_leads(job.pk) for _ in range(2)))
    job.refresh_from_db()
    return report(state=job.state, outcomes=results.tally(job, "outcome"))


# --- What other tests need ---------------------------------------------------------------------
def with_documents(count: int = 5) -> dict[str, Any]:
    """Convert leads on each of which two files hang."""
    sara, _manager = people()
    for pk in leads(count, sara):
        for number in range(2):
            upload = ContentFile(f"File {pk} {number}".encode(), name="offer.txt")
            services.add(document_from(upload, title="Offer"), to=Lead.objects.get(pk=pk), by=sara)
        convert(pk, Order(parts=BOTH), by=sara)
    return report()


def look() -> dict[str, Any]:
    return report()


def scenarios() -> Iterator[Callable[..., dict[str, Any]]]:
    yield from (everybody_converts, edit_meanwhile, delete_meanwhile, comment_meanwhile, comment_on_what_is_deleted)
    yield from (
        dossier_meanwhile,
        mapping_meanwhile,
        mapping_saves,
        half_way,
        killed,
        backend_killed,
        with_documents,
        look,
    )
    yield from (workers_killed, two_workers_at_one_job)
    yield from (existing_meanwhile, together_crosswise, merge_leads_meanwhile, merge_records_meanwhile, deadlock)


if __name__ == "__main__":
    play = {scenario.__name__: scenario for scenario in scenarios()}[sys.argv[1]]
    setup_test_environment()
    with translation.override("en"):
        json.dump(play(**json.loads(sys.argv[2])), sys.stdout, ensure_ascii=False)
