"""Telling people and programs of conversions. Called inside the conversion's transaction, for one or for a thousand."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q

from crm.fields import registry
from crm.notices import outbox
from crm.notices.mail import wants_email
from crm.notices.models import Notification
from crm.people import roles
from crm.people.access import Sight, sight_of
from crm.people.models import User
from crm.related import moving
from leads.conversion.followup import MAIN_FIRST
from leads.conversion.news import CONVERTED, HANDED_OVER
from leads.models import Conversion, ConversionPreferences


def announce(
    conversions: Sequence[Conversion], *, by: Any, preferences: ConversionPreferences, message: str = ""
) -> None:
    """Write down who is to be notified and which webhooks are to be called: no statement if nobody is, at most six else.

    The conversions' leads and records have to be in memory. `message` is what the user wrote to the new owners.
    """
    outbox.post(
        notifications=list(_notifications(conversions, by, preferences, message)),
        messages=_messages(conversions) if preferences.webhooks else [],
        webhooks=preferences.webhooks,
    )


def _messages(conversions: Sequence[Conversion]) -> list[outbox.Message]:
    brought: dict[int | None, list[Conversion]] = {}
    for one in conversions:
        brought.setdefault(one.together_with_id, []).append(one)
    return [_message(one, brought.get(one.pk, [])) for one in conversions]


def _message(conversion: Conversion, brought: Iterable[Conversion]) -> outbox.Message:
    return outbox.Message(
        id=f"lead-converted-{conversion.pk}",
        event="lead.converted",
        time=conversion.converted_at.isoformat(),
        content={"conversion": as_json(conversion, brought)},
    )


def as_json(conversion: Conversion, brought: Iterable[Conversion]) -> dict[str, Any]:
    """A conversion as the API gives it to whoever made it, and as webhooks get it; `brought` came along with it."""
    return {
        "id": conversion.pk,
        "lead": conversion.lead_id,
        "organization": conversion.organization_id,
        "contact": conversion.contact_id,
        "opportunity": conversion.opportunity_id,
        "moved": conversion.moved,
        "existing": conversion.existing,
        "kept_in_note": conversion.kept_in_note,
        "left_behind": conversion.left_behind,
        "together": [{"id": one.pk, "lead": one.lead_id, "contact": one.contact_id} for one in brought],
    }


def _records(conversion: Conversion) -> dict[str, Any]:
    """All records of a conversion, the most important first."""
    return {key: record for key in MAIN_FIRST if (record := getattr(conversion, key)) is not None}


def _made(conversion: Conversion) -> list[Any]:
    """The records that a conversion made; those that it only filled, or shares with the one it was brought into, are not."""
    other = conversion.together_with
    shared = {(key, record.pk) for key, record in _records(other).items()} if other else set()
    records = _records(conversion).items()
    return [record for key, record in records if key not in conversion.existing and (key, record.pk) not in shared]


def _new_owners(conversion: Conversion) -> set[int]:
    return {record.assigned_to_id for record in _made(conversion)}


def _notifications(
    conversions: Sequence[Conversion], by: Any, preferences: ConversionPreferences, message: str
) -> Iterator[Notification]:
    """The notifications, for those only who may see what they are told of. Nobody is told what they did themselves."""
    tells_owners = preferences.notify_new_owners or bool(message)
    followers = _followers(conversions) if preferences.notify_followers else {}
    wanted = []
    for one in conversions:
        users = {*preferences.notify_users, *followers.get(one.lead_id, ())}
        users |= _new_owners(one) if tells_owners else set()
        users |= {one.lead.assigned_to_id} if preferences.notify_lead_owner else set()
        wanted.append(users - {by.pk})
    if not any(wanted) and not preferences.notify_managers:
        return
    sight = _sight(conversions, wanted, with_managers=preferences.notify_managers)
    for one, users in zip(conversions, wanted, strict=True):
        managers = _managers(one, sight) if preferences.notify_managers else set()
        for pk in sorted((users | managers) - {by.pk}):
            theirs = [record for record in _made(one) if tells_owners and record.assigned_to_id == pk]
            theirs = [record for record in theirs if sight.sees(pk, record)]
            if theirs:
                yield _notification(sight.users[pk], HANDED_OVER, one, theirs, by=by, message=message)
            elif any(sight.sees(pk, record) for record in _records(one).values()):
                yield _notification(sight.users[pk], CONVERTED, one, by=by)


def _followers(conversions: Sequence[Conversion]) -> dict[int, set[int]]:
    """The followers by lead; the leads' dossiers have been handed over already."""
    found: dict[int, set[int]] = {}
    if leads := [one.lead_id for one in conversions if one.has_followers]:
        for lead, user in moving.followers_from(leads):
            found.setdefault(lead, set()).add(user)
    return found


def _sight(conversions: Sequence[Conversion], wanted: Sequence[set[int]], *, with_managers: bool) -> Sight:
    """All users who play a part, with what they may see."""
    owners = {record.assigned_to_id for one in conversions for record in _records(one).values()}
    managers = User.objects.filter(groups__name=roles.MANAGERS)
    needed = Q(pk__in=owners.union(*wanted))
    if with_managers:
        needed |= Q(pk__in=managers.values("pk"))
    users = User.objects.filter(needed).annotate(is_manager=Exists(managers.filter(pk=OuterRef("pk"))))
    return sight_of(users, [registry.module(key).model for key in MAIN_FIRST])


def _managers(conversion: Conversion, sight: Sight) -> set[int]:
    """The sales managers of the owners' teams; one without a team manages all of them."""
    owners = (sight.users.get(record.assigned_to_id) for record in _records(conversion).values())
    teams = {owner.team_id for owner in owners if owner} | {None}
    return {pk for pk, user in sight.users.items() if user.is_manager and user.team_id in teams}  # type: ignore[attr-defined]


def _notification(
    user: User, kind: str, conversion: Conversion, records: Sequence[Any] = (), *, by: Any, message: str = ""
) -> Notification:
    params: dict[str, Any] = {"by": str(by), "lead": conversion.lead.number, "name": conversion.lead_name}
    if records:
        params |= {"records": [[record.module.key, record.title] for record in records]}
    if message:
        params |= {"message": message}
    return Notification(
        user=user,
        kind=kind,
        params=params,
        url=records[0].get_absolute_url() if records else conversion.get_absolute_url(),
        email=Notification.Email.DUE if wants_email(user) else Notification.Email.NONE,
    )
