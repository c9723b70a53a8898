"""GET and PUT /api/v1/field-mapping/ (PRODUCT §5)."""

import json

import pytest

from mapping.defaults import ROWS
from mapping.models import Link, Revision
from mapping.rows import Row
from mapping.table import current

pytestmark = pytest.mark.django_db
URL = "/api/v1/field-mapping/"
LOCKED = [row.as_dict() for row in ROWS if row.locked]


@pytest.fixture
def api(admin, as_user):
    browser = as_user(admin)

    def put(rows, revision=1, **more):
        return browser.put(
            URL, json.dumps({"revision": revision, "rows": rows, **more}), content_type="application/json"
        )

    put.browser = browser
    return put


def test_what_was_read_can_be_sent_back(api):
    table = api.browser.get(URL).json()
    assert (table["revision"], len(table["rows"]), table["unmapped"]) == (1, len(ROWS), [])
    assert table["rows"][0] == {
        "lead": "company", "organization": "name", "contact": None, "opportunity": "organization", "locked": True,
    }  # fmt: skip
    answer = api(table["rows"], unmapped=table["unmapped"])
    assert (answer.status_code, answer.json()) == (200, table)


def test_table_is_replaced_and_the_answer_is_the_new_one(api, admin):
    answer = api([*LOCKED, {"lead": "city", "contact": "mailing_city"}])
    body = answer.json()
    assert (answer.status_code, body["revision"], len(body["rows"])) == (200, 2, 5)
    assert {"field": "rating", "label": "Rating", "open_leads": 0} in body["unmapped"]
    assert Revision.objects.get(number=2).saved_by == admin


def test_errors_are_given_by_row_index_and_column(api):
    rows = [*LOCKED, {"lead": "city", "contact": "birthday"}, {"lead": "mobile", "contact": "email"}]
    answer = api(rows)
    assert (answer.status_code, answer.json()) == (
        400,
        {"rows": {
            "4": {"contact": ["Text can't go into Date. Choose a field of the type Text."]},
            "5": {"contact": [
                "Phone can't go into E-mail. Choose a field of the type Phone.",
                "Email already takes Email (row 2). A target takes one source.",
            ]},
        }},
    )  # fmt: skip
    assert current().revision == 1


def test_sender_of_an_older_table_gets_who_and_when(api, admin):
    api(LOCKED)
    answer = api([row.as_dict() for row in ROWS])
    saved = Revision.objects.get(number=2)
    assert answer.status_code == 409
    assert {key: value for key, value in answer.json().items() if key != "detail"} == {
        "revision": 2, "saved_by": {"id": admin.pk, "name": str(admin)}, "saved_at": saved.saved_at.isoformat(),
    }  # fmt: skip
    assert current().rows() == [Row(**row) for row in LOCKED]


def test_manager_may_not(manager, as_user):
    answer = as_user(manager).put(URL, {"revision": 1, "rows": LOCKED}, content_type="application/json")
    assert answer.status_code == 403


MANY = [{"lead": "city", "contact": "mailing_city"}] * 10_000


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{", "JSON parse error"),
        (b"\xff\xfe", "JSON parse error"),
        (b"[" * 50_000, "nested too deeply"),
        (b"[]", "Send a JSON object."),
        (b'"x"', "Send a JSON object."),
        (b"null", "Send a JSON object."),
        (b'{"revision": 1}', "Send the list of rows."),
        (b'{"revision": 1, "rows": {}}', "Send the list of rows."),
        (b'{"revision": 1, "rows": [], "evil": 1}', "There is no such key."),
        (b'{"revision": 1, "rows": [1]}', "Send a JSON object."),
        (b'{"revision": 1, "rows": [{"lead": 5}]}', "Send a field key or null."),
        (b'{"revision": 1, "rows": [{"lead": ["city"], "contact": {"a": 1}}]}', "Send a field key or null."),
        (b'{"revision": 1, "rows": [{"lead": "city", "user": "x"}]}', "There is no such key."),
        (b'{"revision": 1, "rows": [{"lead": "city", "locked": "yes"}]}', "Send true or false."),
        (b'{"rows": []}', "Send the number of the revision"),
        (b'{"revision": "1", "rows": []}', "Send the number of the revision"),
        (b'{"revision": true, "rows": []}', "Send the number of the revision"),
        (b'{"revision": 1e999, "rows": []}', ""),
        (b'{"revision": 99999999999999999999, "rows": []}', "Send the number of the revision"),
        (b'{"revision": 1, "rows": [{"lead": "ci\\u0000ty", "contact": "\\ud800"}]}', "can't be stored"),
        (b'{"revision": 1, "rows": [{"lead": "<script>alert(1)</script>", "contact": "__class__"}]}', "doesn't exist"),
        (json.dumps({"revision": 1, "rows": MANY}).encode(), "A mapping has at most 1,000 rows."),
    ],
)  # fmt: skip
def test_hostile_input_gets_a_clear_400(body, words, api):
    before = list(Link.objects.values_list())
    answer = api.browser.put(URL, body, content_type="application/json")
    assert (answer.status_code, words in answer.content.decode()) == (400, True), answer.content[:300]
    assert (list(Link.objects.values_list()), Revision.objects.count()) == (before, 1)


def test_schema_describes_it(api):
    schema = api.browser.get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"}).json()
    operation = schema["paths"]["/api/v1/field-mapping/"]["put"]
    assert sorted(operation["responses"]) == ["200", "400", "409"]
    row = schema["components"]["schemas"]["Row"]["properties"]
    assert sorted(row) == ["contact", "lead", "locked", "opportunity", "organization"]
