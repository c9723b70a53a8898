"""Records for tests, made through the same services as everything else."""

import datetime as dt
from typing import Any

import factory

from crm.people.models import User
from crm.records.models import Contact, Opportunity, Organization
from crm.related import filing, services
from crm.related.models import Activity, Comment
from leads.models import Lead


class RecordFactory(factory.Factory):
    """Base: files the record in the name of its owner."""

    class Meta:
        abstract = True

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Any:
        record = model_class(**kwargs)
        return filing.create(record, by=kwargs["assigned_to"])


class LeadFactory(RecordFactory):
    class Meta:
        model = Lead

    first_name = "سارا"
    last_name = factory.Sequence(lambda number: f"احمدی{number}")
    company = "بازرگانی پارس‌آریا"
    email = factory.Sequence(lambda number: f"lead{number}@example.com")
    phone = "+98 21 8877 6655"
    city = "تهران"
    lead_status = "Qualified"


class OrganizationFactory(RecordFactory):
    class Meta:
        model = Organization

    name = factory.Sequence(lambda number: f"Kavir Steel {number}")


class ContactFactory(RecordFactory):
    class Meta:
        model = Contact

    last_name = factory.Sequence(lambda number: f"Moradi{number}")


class OpportunityFactory(RecordFactory):
    class Meta:
        model = Opportunity

    name = factory.Sequence(lambda number: f"Sale {number}")
    closing_date = dt.date(2026, 12, 31)
    sales_stage = "Prospecting"


def comment(record: Any, by: User, body: str = "Called twice.") -> Comment:
    return services.add(Comment(body=body), to=record, by=by)


def activity(record: Any, by: User, subject: str = "First call", **more: Any) -> Activity:
    return services.add(Activity(subject=subject, kind="call", **more), to=record, by=by)
