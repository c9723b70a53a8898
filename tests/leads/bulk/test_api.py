"""The API: a job for many leads, its progress, and a result per lead."""

import pytest
from django.test import Client

from crm.jobs.models import Job
from crm.jobs.worker import work_off
from crm.people.tokens import create_token
from leads.models import Conversion
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/leads/convert/"


def api(user):
    return Client(headers={"authorization": f"Bearer {create_token(user)}"})


def post(user, sent):
    return api(user).post(URL, sent, content_type="application/json")


def test_leads_are_converted_by_a_job(sara, omid):
    leads, theirs = [LeadFactory(assigned_to=sara) for _ in range(2)], LeadFactory(assigned_to=omid)
    answer = post(sara, {"ids": [*(lead.pk for lead in leads), theirs.pk, 10**6], "with": ["contact"]})
    job = answer.json()
    assert (answer.status_code, job["state"], job["total"], job["done"]) == (202, "running", 4, 0)
    assert answer["Location"].endswith(f"/api/v1/jobs/{job['id']}/")
    work_off()
    told = api(sara).get(f"/api/v1/jobs/{job['id']}/").json()
    assert (told["state"], told["done"], told["next"]) == ("finished", 4, None)
    assert told["outcomes"] == {"converted": 2, "refused": 2}
    no_lead = "There is no such lead, or you may not see it."
    assert told["results"] == [
        *({"lead": lead.pk, "outcome": "converted", "reason": ""} for lead in leads),
        *({"lead": pk, "outcome": "refused", "reason": no_lead} for pk in (theirs.pk, 10**6)),
    ]
    assert set(Conversion.objects.values_list("organization", flat=True)) == {None}


def test_a_filter_takes_open_leads_with_these_values(sara):
    LeadFactory(assigned_to=sara, lead_status="Cold")
    LeadFactory(assigned_to=sara, lead_status="Hot")
    assert post(sara, {"filter": {"lead_status": "Hot"}}).json()["total"] == 1


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        ({}, "detail"),
        ({"ids": [1], "filter": {"city": "x"}}, "detail"),
        ({"ids": "all"}, "ids"),
        ({"ids": []}, "ids"),
        ({"ids": [True]}, "ids"),
        ({"ids": [1.5]}, "ids"),
        ({"ids": list(range(1, 10_002))}, "ids"),
        ({"filter": {}}, "filter"),
        ({"filter": {"nonsense": 1}}, "filter"),
        ({"filter": {"assigned_to__password": "x"}}, "filter"),
        ({"ids": [1], "with": ["house"]}, "with"),
        ({"ids": [1], "with": ["opportunity"]}, "with"),
        ({"ids": [1], "transfer_to": "opportunity"}, "transfer_to"),
        ({"ids": [1], "on_match": "guess"}, "on_match"),
        ({"ids": [1], "nonsense": 1}, "nonsense"),
        ([1], "detail"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(sara, sent, key):
    answer = post(sara, sent)
    assert (answer.status_code, list(answer.json())) == (400, [key])
    assert not Job.objects.exists()


def test_rights(sara, omid, reader, admin):
    LeadFactory(assigned_to=sara)
    assert post(reader, {"filter": {"city": "x"}}).status_code == 403
    job = post(sara, {"filter": {"lead_status": "Qualified"}}).json()["id"]
    statuses = [api(user).get(f"/api/v1/jobs/{job}/").status_code for user in (sara, omid, reader, admin)]
    assert statuses == [200, 404, 404, 200]
    assert api(sara).get(f"/api/v1/jobs/{job}/?after=x").status_code == 400
