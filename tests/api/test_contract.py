"""The REST API, sentence by sentence of its contract."""

import base64
import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.people.tokens import create_token
from crm.related.models import Comment
from leads.conversion.order import Order, Part
from leads.conversion.service import convert
from leads.models import Conversion, Lead
from tests.factories import ContactFactory, LeadFactory, OrganizationFactory, activity, comment

pytestmark = pytest.mark.django_db
ROOT = "/api/v1"


class Api:
    """A program that speaks for a user by a token."""

    def __init__(self, user):
        self.client = Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {create_token(user)}"})

    def __call__(self, method, path, body=None, **headers):
        raw = body if isinstance(body, str) else json.dumps(body)
        data = {} if body is None else {"data": raw, "content_type": "application/json"}
        return getattr(self.client, method)(f"{ROOT}{path}", **data, headers=headers)


@pytest.fixture
def api(sara):
    return Api(sara)


def test_without_a_token_it_asks_for_one(client):
    answer = client.get(f"{ROOT}/leads/")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    wrong = client.get(f"{ROOT}/leads/", headers={"Authorization": "Bearer nonsense"})
    assert wrong.status_code == 401


def test_session_is_taken_too_but_only_with_its_csrf_token(sara, as_user):
    browser = as_user(sara, enforce_csrf_checks=True)
    assert browser.get(f"{ROOT}/leads/").status_code == 200
    assert browser.post(f"{ROOT}/leads/", {"last_name": "x"}, content_type="application/json").status_code == 403


def test_create_read_change_delete(api, manager):
    made = api(
        "post",
        "/leads/",
        {"last_name": "یگانه", "annual_revenue": "48000.50", "employees": 0, "id": 9, "created_at": "x"},
    )
    body = made.json()
    assert made.status_code == 201
    assert made["Location"].endswith(f"{ROOT}/leads/{body['id']}/")
    assert (body["number"], body["annual_revenue"], body["employees"], body["custom"]) == (
        f"LEA{body['id']}",
        "48000.5",
        0,
        {},
    )
    changed = api("patch", f"/leads/{body['id']}/", {"city": "Shiraz"})
    assert (changed.status_code, changed.json()["city"]) == (200, "Shiraz")
    assert api("get", f"/leads/{body['id']}/").json() == changed.json()
    assert api("delete", f"/leads/{body['id']}/").status_code == 403
    assert Api(manager)("delete", f"/leads/{body['id']}/").status_code == 204
    assert api("get", f"/leads/{body['id']}/").status_code == 404


def test_key_that_is_no_field_is_named(api):
    answer = api("post", "/leads/", {"last_name": "x", "colour": "red", "is_staff": True})
    assert (answer.status_code, sorted(answer.json())) == (400, ["colour", "is_staff"])


@pytest.mark.parametrize(
    "body",
    [
        '{"last_name": "a\\u0000b"}', '{"last_name": "\\ud800"}', '{"last_name": ["x"]}', '{"last_name": 5}', '{"last_name": NaN}',
        '{"last_name": "x", "employees": 1180591620717411303424}', '{"last_name": "x", "employees": true}',
        '{"last_name": "x", "annual_revenue": "1e400"}', '{"last_name": "x", "assigned_to": 99999}', "[]", "5", "{", '"x"', "null",
        '{"last_name": "x", "custom": 5}', '{"last_name": "x", "custom": {"cf_x": 1}}', '{"last_name": "\\u200b"}', "{}",
        '{"last_name": "x", "industry": "Alchemy"}', '{"last_name": "x", "email": "no"}', '{"last_name": "x", "email_opt_out": "maybe"}',
    ],
)  # fmt: skip
def test_bad_bodies_are_refused(api, body):
    assert api("post", "/leads/", body).status_code == 400
    assert not Lead.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        '{"kind": "\\ud800", "subject": "x", "lead": %s}', '{"kind": "task", "subject": "x", "due_at": "0001-01-01", "lead": %s}',
        '{"kind": "task", "subject": "x", "due_at": "9999-12-31T23:59:59-14:00", "lead": %s}', '{"a":' * 3000,
    ],
)  # fmt: skip
def test_bad_activities_are_refused(api, sara, body):
    lead = LeadFactory(assigned_to=sara)
    assert api("post", "/activities/", body.replace("%s", str(lead.pk))).status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        "assigned_to=%C2%B2", "created_at__gte=0001-01-01T00:00:00%2B14:00", "created_at__lte=9999-12-31T23:59:59-14:00",
    ],
)  # fmt: skip
def test_filter_that_no_value_can_have_is_refused(api, query):
    assert api("get", f"/leads/?{query}").status_code == 400


def test_forged_cursor_is_refused(api, sara):
    LeadFactory(assigned_to=sara)
    cursor = base64.b64encode(b"p=9999-12-31T23:59:59-14:00").decode()
    assert api("get", f"/leads/?cursor={cursor}").status_code in (200, 404)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
KEYS = st.sampled_from(
    [
        "last_name",
        "company",
        "employees",
        "annual_revenue",
        "email_opt_out",
        "assigned_to",
        "industry",
        "custom",
        "created_at",
    ]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(KEYS, JSON, max_size=4))
def test_no_body_is_a_fault(api, body):
    assert api("post", "/leads/", body).status_code in (201, 400)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(["organization", "contact", "opportunity", "transfer_to", "assigned_to", "unmapped", "stamp"]),
        JSON,
        max_size=4,
    )
)
def test_no_order_is_a_fault(api, sara, body):
    lead = LeadFactory(assigned_to=sara)
    assert api("post", f"/leads/{lead.pk}/convert/", body).status_code in (201, 400, 409)


def test_pages_follow_cursors(api, sara):
    for number in range(5):
        LeadFactory(assigned_to=sara, last_name=f"N{number}")
    seen, address = [], "/leads/?page_size=2&ordering=last_name"
    while address:
        page = api("get", address).json()
        assert sorted(page) == ["next", "previous", "results"]
        seen += [row["last_name"] for row in page["results"]]
        address = page["next"] and page["next"].split(ROOT)[1]
    assert seen == [f"N{number}" for number in range(5)]


def test_filters_search_and_ordering(api, sara):
    LeadFactory(assigned_to=sara, last_name="کریمی", lead_status="Hot", employees=5)
    LeadFactory(assigned_to=sara, last_name="رضایی", lead_status="Cold", employees=50)
    names = lambda query: [row["last_name"] for row in api("get", f"/leads/?{query}").json()["results"]]  # noqa: E731
    assert names("lead_status=Hot") == ["کریمی"]
    assert names("employees__gte=10") == ["رضایی"]
    assert names("search=كريم") == ["کریمی"]
    assert names("ordering=-id") == ["رضایی", "کریمی"]
    for query in (
        "colour=red",
        "ordering=assigned_to__password",
        "lead_status__regex=(a+)%2B$",
        "employees=many",
        "custom__a=1",
    ):
        assert api("get", f"/leads/?{query}").status_code == 400


@pytest.mark.parametrize("count", [1, 100])
def test_list_takes_a_fixed_number_of_statements(count, api, sara):
    for _ in range(count):
        ContactFactory(assigned_to=sara)
    with CaptureQueriesContext(connection) as queries:
        assert len(api("get", "/contacts/?page_size=100").json()["results"]) == count
    assert len(queries) <= 8


def test_related_records_name_their_holder(api, sara, omid):
    lead, organization = LeadFactory(assigned_to=sara), OrganizationFactory(assigned_to=sara)
    made = api(
        "post", "/activities/", {"lead": lead.pk, "kind": "call", "subject": "First", "due_at": "2026-12-01T10:00:00Z"}
    )
    assert (made.status_code, made.json()["lead"], made.json()["contact"]) == (201, lead.pk, None)
    assert api("post", "/comments/", {"organization": organization.pk, "body": " kept "}).json()["body"] == " kept "
    assert [row["id"] for row in api("get", f"/activities/?lead={lead.pk}").json()["results"]] == [made.json()["id"]]
    assert api("get", f"/activities/?contact={lead.pk}").json()["results"] == []
    assert api("post", "/comments/", {"body": "x"}).status_code == 400
    assert api("post", "/comments/", {"lead": lead.pk, "organization": organization.pk, "body": "x"}).status_code == 400
    assert api("post", "/comments/", {"lead": lead.pk, "body": "x", "colour": 1}).json() == {
        "colour": ["There is no field “colour”."]
    }
    other = Api(omid)
    assert other("post", "/comments/", {"lead": lead.pk, "body": "x"}).status_code == 400
    assert other("get", f"/activities/{made.json()['id']}/").status_code == 404
    assert other("get", "/activities/").json()["results"] == []
    assert api("patch", f"/activities/{made.json()['id']}/", {"status": "done"}).json()["status"] == "done"
    assert api("delete", f"/activities/{made.json()['id']}/").status_code == 204


def test_documents_are_uploaded(api, sara, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    lead = LeadFactory(assigned_to=sara)
    path = tmp_path / "a.txt"
    path.write_text("hello")
    with path.open("rb") as file:
        made = api.client.post(f"{ROOT}/documents/", {"lead": lead.pk, "file": file})
    assert (made.status_code, made.json()["file_name"], made.json()["size"]) == (201, "a.txt", 5)
    path.with_name("a.exe").write_bytes(b"MZ")
    with path.with_name("a.exe").open("rb") as file:
        refused = api.client.post(f"{ROOT}/documents/", {"lead": lead.pk, "file": file})
    assert (refused.status_code, list(refused.json())) == (400, ["file"])


def test_draft_has_the_contracts_shape(api, sara):
    lead = LeadFactory(assigned_to=sara)
    comment(lead, sara)
    draft = api("get", f"/leads/{lead.pk}/convert/").json()
    assert sorted(draft) == [
        "contact",
        "leads",
        "opportunity",
        "organization",
        "related",
        "stamp",
        "transfer_to",
        "unmapped",
    ]
    assert (draft["organization"]["create"], draft["opportunity"]["create"], draft["transfer_to"]) == (
        True,
        False,
        "contact",
    )
    assert draft["organization"]["sources"]["billing_city"] == "city"
    assert draft["contact"]["values"]["last_name"] == lead.last_name
    assert draft["unmapped"] == [
        {"field": "lead_status", "label": "Lead status", "value": "Qualified", "reason": "unmapped"}
    ]
    assert draft["related"]["comments"] == 1


def test_conversion_by_its_contract(api, sara):
    lead = LeadFactory(assigned_to=sara, mobile="0912")
    activity(lead, sara)
    stamp = api("get", f"/leads/{lead.pk}/convert/").json()["stamp"]
    order = {
        "organization": {"values": {"phone": "021"}},
        "opportunity": {"create": True, "values": {"amount": "12.50"}},
        "transfer_to": "organization",
        "unmapped": {"lead_status": "leave"},
        "stamp": stamp,
    }
    made = api("post", f"/leads/{lead.pk}/convert/", order, **{"Idempotency-Key": "once"})
    body = made.json()
    assert made.status_code == 201
    assert sorted(body) == [
        "contact",
        "existing",
        "id",
        "kept_in_note",
        "lead",
        "left_behind",
        "moved",
        "opportunity",
        "organization",
        "together",
    ]
    assert (body["lead"], body["moved"]["activities"], body["left_behind"], body["kept_in_note"]) == (
        lead.pk,
        1,
        ["lead_status"],
        [],
    )
    assert api("get", f"/organizations/{body['organization']}/").json()["phone"] == "021"
    assert api("get", f"/opportunities/{body['opportunity']}/").json()["amount"] == "12.5"
    again = api("post", f"/leads/{lead.pk}/convert/", order, **{"Idempotency-Key": "once"})
    assert (again.status_code, again.json()) == (201, body)
    for method, path in (("post", "/convert/"), ("get", "/convert/"), ("get", "/"), ("patch", "/"), ("delete", "/")):
        gone = api(method, f"/leads/{lead.pk}{path}", {} if method != "get" else None)
        assert gone.status_code == 410
        assert {key: gone.json()[key] for key in ("organization", "contact", "opportunity")} == {
            key: body[key] for key in ("organization", "contact", "opportunity")
        }
    assert Conversion.objects.count() == 1


def test_a_key_is_good_for_one_order_of_one_user(api, sara, manager, omid):
    lead, key = LeadFactory(assigned_to=sara), {"Idempotency-Key": "mine"}
    path, order = f"/leads/{lead.pk}/convert/", {"organization": None, "contact": {"values": {"department": "Sales"}}}
    made = api("post", path, order, **key).json()
    assert api("post", path, dict(reversed(order.items())), **key).json() == made
    for other in (
        {},
        {**order, "opportunity": {"create": True}},
        {**order, "colour": 1},
        ["x"],
        {**order, "stamp": "x"},
    ):
        refused = api("post", path, other, **key)
        assert (refused.status_code, "Idempotency-Key" in refused.json()["detail"]) == (409, True)
    ids = {"organization": None, "contact": made["contact"], "opportunity": None}
    told = Api(manager)("post", path, order, **key)
    assert (told.status_code, {name: told.json()[name] for name in ids}) == (410, ids)
    assert Api(omid)("post", path, order, **key).status_code == 404
    theirs = LeadFactory(assigned_to=omid)
    own = Api(omid)("post", f"/leads/{theirs.pk}/convert/", {}, **key)
    assert (own.status_code, own.json()["lead"], Conversion.objects.count()) == (201, theirs.pk, 2)


def test_refusals_have_their_status(api, sara, omid, reader):
    lead = LeadFactory(assigned_to=sara)
    path = f"/leads/{lead.pk}/convert/"
    assert api("post", path, {"contact": {"values": {"last_name": ""}}}).json() == {
        "contact": {"last_name": ["Enter a value for Last name."]}
    }
    assert api("post", path, {"contact": {"values": {"colour": 1}}}).json() == {
        "contact": {"colour": ["There is no field “colour”."]}
    }
    assert api("post", path, {"contact": None, "organization": None}).status_code == 400
    assert api("post", path, {"organization": None, "transfer_to": "organization"}).status_code == 400
    assert (
        api("post", path, {"unmapped": {"lead_status": {"module": "contact", "field": "department"}}}).status_code
        == 400
    )
    assert api("post", path, {"stamp": "old"}).status_code == 409
    assert Api(omid)("post", path, {}).status_code == 404
    assert Api(reader)("post", path, {}).status_code == 403
    assert api("post", "/leads/999999/convert/", {}).status_code == 404
    assert not Conversion.objects.exists()


def test_mass_assignment_reaches_nothing(api, sara, omid):
    foreign = OrganizationFactory(assigned_to=omid)
    lead = LeadFactory(assigned_to=sara)
    values = {"last_name": "A", "organization": foreign.pk, "created_by": omid.pk, "id": 1}
    made = api("post", f"/leads/{lead.pk}/convert/", {"contact": {"values": values}}).json()
    contact = api("get", f"/contacts/{made['contact']}/").json()
    assert (contact["organization"], contact["created_by"]) == (made["organization"], sara.pk)


def test_receipts_hide_what_one_may_not_see(sara, omid, manager):
    lead = LeadFactory(assigned_to=sara)
    made = convert(
        lead.pk, Order(parts={"organization": Part(), "contact": Part(values={"assigned_to": omid.pk})}), by=manager
    )
    shown = Api(omid)("get", f"/conversions/{made.pk}/").json()
    assert (shown["contact"], shown["organization"], list(shown["provenance"])) == (made.contact_id, None, ["contact"])
    assert Api(omid)("post", "/conversions/", {}).status_code == 405


def test_field_mapping_is_shown_to_administrators(admin, sara):
    LeadFactory(assigned_to=sara)
    shown = Api(admin)("get", "/field-mapping/").json()
    assert shown["revision"] == 1
    assert shown["rows"][0] == {
        "lead": "company",
        "organization": "name",
        "contact": None,
        "opportunity": "organization",
        "locked": True,
    }
    assert Api(sara)("get", "/field-mapping/").status_code == 403


def test_comment_by_token_needs_no_form(api, sara):
    lead = LeadFactory(assigned_to=sara)
    assert api("post", "/comments/", {"lead": lead.pk, "body": "x"}).status_code == 201
    assert Comment.objects.get().created_by == sara


def test_schema_and_documentation_open(sara, as_user):
    browser = as_user(sara)
    schema = browser.get("/api/schema/?format=json").json()
    assert schema["openapi"].startswith("3.")
    assert f"{ROOT}/leads/{{id}}/convert/" in schema["paths"] or f"{ROOT}/leads/{{pk}}/convert/" in schema["paths"]
    assert "last_name" in browser.get("/api/docs/").content.decode()
