"""Telling people and programs of conversions. Called inside the conversion's transaction, for one or for a thousand."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, Q

from crm.fields import registry
from crm.notices import outbox
from crm.notices.mail import wants_email
from crm.notices.models import Notification
from crm.people import roles
from crm.people.access import Sight, sight_of
from crm.people.models import User
from crm.related.models import Following
from leads.models import Conversion, ConversionPreferences
from mapping.rows import TARGETS

HANDED_OVER = "handed-over"
CONVERTED = "lead-converted"
MAIN_FIRST = ("opportunity", "contact", "organization")


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """A conversion as it is told: `made` are the records that it made (not those that it only filled), with whoever owns them.

    The conversion's lead and records have to be in memory. `message` is what the user wrote to the new owners.
    """

    conversion: Conversion
    made: Mapping[str, Any] = field(default_factory=dict)  # by module
    message: str = ""

    def records(self) -> dict[str, Any]:
        """All records of the conversion, by module."""
        return {key: record for key in TARGETS if (record := getattr(self.conversion, key)) is not None}

    def new_owners(self, by: Any) -> set[int]:
        return {record.assigned_to_id for record in self.made.values()} - {by.pk}


def announce(
    news: Sequence[News], *, by: Any, preferences: ConversionPreferences, has_followers: bool = True
) -> None:
    """Write down who is to be notified and which webhooks are to be called: no statement if nobody is, at most five else.

    `has_followers`: whether any of the leads may have one; who knows better saves a statement.
    """
    outbox.post(
        notifications=list(_notifications(news, by, preferences, has_followers)),
        messages=[_message(one.conversion) for one in news] if preferences.webhooks else [],
        webhooks=preferences.webhooks,
    )


def _message(conversion: Conversion) -> outbox.Message:
    return outbox.Message(
        id=f"lead-converted-{conversion.pk}",
        event="lead.converted",
        time=conversion.converted_at.isoformat(),
        content={"conversion": as_json(conversion)},
    )


def as_json(conversion: Conversion) -> dict[str, Any]:
    """A conversion as the API gives it to whoever made it, and as webhooks get it."""
    return {
        "id": conversion.pk,
        "lead": conversion.lead_id,
        "organization": conversion.organization_id,
        "contact": conversion.contact_id,
        "opportunity": conversion.opportunity_id,
        "moved": conversion.moved,
        "kept_in_note": conversion.kept_in_note,
        "left_behind": conversion.left_behind,
    }


def _notifications(
    news: Sequence[News], by: Any, preferences: ConversionPreferences, has_followers: bool
) -> Iterator[Notification]:
    """The notifications, for those only who may see what they are told of. Nobody is told what they did themselves."""
    followers = _followers(news) if preferences.notify_followers and has_followers else {}
    wanted = [_wanted(one, by, preferences, followers.get(one.conversion.lead_id, ())) for one in news]
    if not any(wanted) and not preferences.notify_managers:
        return
    sight = _sight(news, wanted, managers=preferences.notify_managers)
    for one, users in zip(news, wanted, strict=True):
        owners = one.new_owners(by) if preferences.notify_new_owners or one.message else set()
        managers = _managers(one, sight) if preferences.notify_managers else set()
        for user in sorted((users | managers) - {by.pk}):
            if user in owners and (theirs := _handed_over(one, user, sight)):
                yield _notification(sight.users[user], HANDED_OVER, one, theirs, by)
            elif seen := [record for record in one.records().values() if sight.sees(user, record)]:
                yield _notification(sight.users[user], CONVERTED, one, seen, by)


def _wanted(one: News, by: Any, preferences: ConversionPreferences, followers: Iterable[int]) -> set[int]:
    """The users who are to hear of a conversion, but for the managers."""
    users = set(followers) | set(preferences.notify_users)
    if preferences.notify_new_owners or one.message:
        users |= one.new_owners(by)
    if preferences.notify_lead_owner:
        users.add(one.conversion.lead.assigned_to_id)
    return users - {by.pk}


def _followers(news: Sequence[News]) -> dict[int, set[int]]:
    """The followers of the leads; their dossiers have been handed over already."""
    found: dict[int, set[int]] = {}
    leads = [one.conversion.lead_id for one in news]
    followings = Following.objects.filter(dossier__came_from__in=leads)
    for lead, user in followings.values_list("dossier__came_from", "user"):
        found.setdefault(lead, set()).add(user)
    return found


def _sight(news: Sequence[News], wanted: Sequence[set[int]], *, managers: bool) -> Sight:
    """All users who play a part, with what they may see."""
    owners = {record.assigned_to_id for one in news for record in one.records().values()}
    needed = Q(pk__in=owners.union(*wanted))
    if managers:
        needed |= Q(pk__in=User.objects.filter(groups__name=roles.MANAGERS, is_active=True).values("pk"))
    is_manager = User.objects.filter(groups__name=roles.MANAGERS, pk=OuterRef("pk"))
    models = [registry.module(key).model for key in TARGETS]
    return sight_of(User.objects.filter(needed).annotate(is_manager=Exists(is_manager)), models)


def _managers(one: News, sight: Sight) -> set[int]:
    """The sales managers of the owners' teams; one without a team manages all of them."""
    owners = (sight.users.get(record.assigned_to_id) for record in one.records().values())
    teams = {owner.team_id for owner in owners if owner} | {None}
    return {pk for pk, user in sight.users.items() if user.is_manager and user.team_id in teams}  # type: ignore[attr-defined]


def _handed_over(one: News, user: int, sight: Sight) -> list[Any]:
    """What a new owner gets, the most important record first."""
    made = (one.made[key] for key in MAIN_FIRST if key in one.made)
    return [record for record in made if record.assigned_to_id == user and sight.sees(user, record)]


def _notification(user: User, kind: str, one: News, records: Sequence[Any], by: Any) -> Notification:
    conversion = one.conversion
    params = {"by": str(by), "lead": conversion.lead.number, "name": conversion.lead_name}
    if kind == HANDED_OVER:
        params |= {"records": [[record.module.key, record.title] for record in records]}
        params |= {"message": one.message} if one.message else {}
    return Notification(
        user=user,
        kind=kind,
        params=params,
        url=records[0].get_absolute_url() if kind == HANDED_OVER else conversion.get_absolute_url(),
        email=Notification.Email.DUE if wants_email(user) else Notification.Email.NONE,
    )
