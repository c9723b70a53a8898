"""More people in the demo's opportunities than those who were leads."""

from crm.people.models import User
from crm.records.models import Contact, Opportunity
from crm.related import filing, participation
from leads.demo import words


def colleague(opportunity: Opportunity, role: str, *, by: User) -> None:
    """Let somebody else of the same company take part in an opportunity."""
    place, is_persian = opportunity.pk, not opportunity.name.isascii()
    firsts = words.PERSIAN_FIRST if is_persian else words.ENGLISH_FIRST
    lasts = words.PERSIAN_LAST if is_persian else words.ENGLISH_LAST
    contact = Contact(
        first_name=firsts[place % len(firsts)],
        last_name=lasts[place % len(lasts)],
        job_title="مدیر مالی" if is_persian else "Head of finance",
        email=f"finance{place}@example.com",
        organization=opportunity.organization,
    )
    filing.create(contact, by=by)
    participation.add(opportunity, contact.pk, role=role, by=by)
