"""What hangs on the demo leads: activities, e-mails, notes, documents, campaigns, products, tags."""

import datetime as dt
import random
from collections.abc import Sequence
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from crm.records.models import Campaign, Product
from crm.related.models import (
    Activity,
    CampaignMembership,
    Comment,
    Dossier,
    Email,
    Following,
    ProductInterest,
    Tag,
    Tagging,
)
from crm.related.uploads import document_from
from leads.demo import words
from leads.models import Lead


def hang_on(leads: Sequence[Lead], dossiers: Sequence[Dossier], now: dt.datetime, chance: random.Random) -> None:
    """Give the leads what a few months of work leave behind; the first one gets a lot."""
    campaigns = [Campaign.objects.get_or_create(name=name)[0] for name in words.CAMPAIGNS]
    products = [Product.objects.get_or_create(name=name)[0] for name in words.PRODUCTS]
    tags = [Tag.objects.get_or_create(name=name)[0] for name in words.TAGS]
    made: dict[type, list[Any]] = {
        model: [] for model in (Activity, Email, Comment, CampaignMembership, ProductInterest, Tagging, Following)
    }
    for place, (lead, dossier) in enumerate(zip(leads, dossiers, strict=True)):
        many = 4 if place == 0 else 1
        made[Activity] += [_activity(lead, dossier, now, chance) for _ in range(many * chance.randint(0, 3))]
        made[Comment] += [_comment(lead, dossier, now, chance) for _ in range(many * chance.randint(0, 2))]
        made[Email] += [_email(lead, dossier, now, chance) for _ in range(many * chance.randint(0, 1))]
        if place == 0 or chance.random() < 0.15:
            made[CampaignMembership].append(CampaignMembership(dossier=dossier, campaign=chance.choice(campaigns)))
            made[ProductInterest] += [
                ProductInterest(dossier=dossier, product=product) for product in chance.sample(products, 2)
            ]
            made[Tagging].append(Tagging(dossier=dossier, tag=chance.choice(tags)))
            made[Following].append(Following(dossier=dossier, user=lead.assigned_to))
    for model, items in made.items():
        model.objects.bulk_create(items)  # type: ignore[attr-defined]
    _documents(leads[0], dossiers[0])


def _is_persian(lead: Lead) -> bool:
    return lead.last_name > "\u0600"


def _activity(lead: Lead, dossier: Dossier, now: dt.datetime, chance: random.Random) -> Activity:
    kind = chance.choice(list(words.SUBJECTS_FA))
    when = now + dt.timedelta(days=chance.randint(-60, 14), hours=chance.randint(-5, 5))
    is_done = when < now and chance.random() < 0.85
    return Activity(
        dossier=dossier,
        kind=kind,
        subject=chance.choice((words.SUBJECTS_FA if _is_persian(lead) else words.SUBJECTS_EN)[kind]),
        due_at=when,
        status=Activity.Status.DONE if is_done else Activity.Status.PLANNED,
        assigned_to=lead.assigned_to,
        created_by=lead.assigned_to,
        created_at=min(when, now),
    )


def _comment(lead: Lead, dossier: Dossier, now: dt.datetime, chance: random.Random) -> Comment:
    body = chance.choice(words.PERSIAN_NOTE if _is_persian(lead) else words.ENGLISH_NOTE)
    at = now - dt.timedelta(days=chance.randint(0, 60), hours=chance.randint(0, 9))
    return Comment(dossier=dossier, body=body, created_at=at, created_by=lead.assigned_to)


def _email(lead: Lead, dossier: Dossier, now: dt.datetime, chance: random.Random) -> Email:
    subject, body = chance.choice(words.MAILS)
    at = now - dt.timedelta(days=chance.randint(0, 60))
    return Email(
        dossier=dossier,
        subject=subject,
        body=body,
        sent_at=at,
        recipients=lead.email,
        created_at=at,
        created_by=lead.assigned_to,
    )


def _documents(lead: Lead, dossier: Dossier) -> None:
    """Two small real files on the lead of the tour."""
    files = {
        "نیازمندی‌ها.txt": "۴۰ کاربر، سه شعبه، پشتیبانی سالانه".encode(),
        "price-list.csv": b"item,price\nCRM,1200\n",
    }
    for name, content in files.items():
        document = document_from(SimpleUploadedFile(name, content))
        document.dossier, document.created_by = dossier, lead.assigned_to
        document.save()
