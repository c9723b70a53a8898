"""Every address × every person. A new address fails here until somebody says who may open it."""

import pytest
from django.apps import apps
from django.core import serializers

from tests.addresses import ADDRESSES, concrete

pytestmark = pytest.mark.django_db
NAMES = ("anonymous", "sara", "omid", "reader", "manager", "admin")

EVERYBODY = dict.fromkeys(NAMES[1:], 200) | {"anonymous": 302}
OWN = {"anonymous": 302, "sara": 200, "omid": 404, "reader": 200, "manager": 200, "admin": 200}  # sara's record
OWN_ONLY = dict.fromkeys(NAMES[1:], 404) | {"anonymous": 302, "sara": 200}  # nobody else's affair
OWN_SELLERS = OWN | {"reader": 403}  # who sells may, who reads may not
DELETE = OWN | {"sara": 403, "reader": 403}  # managers and administrators
ADMIN = {"anonymous": 302, "sara": 403, "omid": 403, "reader": 403, "manager": 403, "admin": 200}
MANAGERS = ADMIN | {"manager": 200}
SELLERS = EVERYBODY | {"reader": 403}
OWN_JOB = dict.fromkeys(NAMES, 404) | {
    "anonymous": 302,
    "sara": 200,
    "admin": 200,
}  # whoever asked for it, and administrators
POST_ONLY = dict.fromkeys(NAMES[1:], 405) | {"anonymous": 302}
OPEN = dict.fromkeys(NAMES, 200)
SIGNED_OUT_ONLY = dict.fromkeys(NAMES[1:], 302) | {"anonymous": 200}
API = EVERYBODY | {"anonymous": 401}
API_OWN = OWN | {"anonymous": 401}

EXPECTED = {
    "account_login": SIGNED_OUT_ONLY,
    "account_logout": EVERYBODY,
    "account_inactive": OPEN,
    "account_change_password": EVERYBODY,
    "profile": EVERYBODY,
    "preferences": dict.fromkeys(NAMES, 405),  # POST, for everybody
    "shortcuts": EVERYBODY,
    "tokens": EVERYBODY,
    "token-revoke": POST_ONLY,
    "people": ADMIN,
    "user-new": ADMIN,
    "user-edit": ADMIN,
    "team-new": ADMIN,
    "team-edit": ADMIN,
    "team-delete": POST_ONLY,
    "notifications": EVERYBODY,
    "notification-open": POST_ONLY,
    "notification-read": POST_ONLY,
    "webhooks": ADMIN,
    "webhook-new": ADMIN,
    "webhook": ADMIN,
    "webhook-delete": ADMIN,
    "webhook-secret": POST_ONLY,
    "webhook-test": POST_ONLY,
    "delivery-again": POST_ONLY,
    "conversion-settings": ADMIN,
    "dashboard": EVERYBODY,
    "conversion-report": EVERYBODY,
    "conversion-report-file": EVERYBODY,
    "leads-board": EVERYBODY,
    "leads-move": POST_ONLY,
    "leads-convert": OWN_SELLERS,
    "leads-convert-many": SELLERS,
    "job": OWN_JOB,
    "job-report": OWN_JOB,
    "api-job": OWN_JOB | {"anonymous": 401},
    "api-leads-convert-many": dict.fromkeys(NAMES[1:], 405) | {"anonymous": 401},
    "conversions": EVERYBODY,
    "conversion-detail": OWN,
    "conversion-lead": ADMIN,
    "change": OWN_JOB | {"reader": 404},
    "suggest": EVERYBODY,
    "settings-duplicates": ADMIN,
    **{f"{slug}-similar": OWN for slug in ("leads", "organizations", "contacts")},
    **{f"{slug}-similar-typed": SELLERS for slug in ("leads", "organizations", "contacts")},
    "search": EVERYBODY,
    "activities-list": EVERYBODY,
    "activity-done": POST_ONLY,
    "related-edit": OWN_SELLERS,
    "related-delete": OWN_SELLERS,
    "document": OWN,
    **dict.fromkeys(("import", "import-run", "import-columns", "import-duplicates", "import-errors"), ADMIN),
    "settings": ADMIN,
    "settings-modules": ADMIN,
    **dict.fromkeys(
        ("mapping", "mapping-edit", "mapping-history", "mapping-revision", "mapping-export", "mapping-try"), ADMIN
    ),
    **dict.fromkeys(("mapping-defaults", "mapping-import"), POST_ONLY),
    "settings-module": ADMIN,
    "settings-fields": ADMIN,
    "field-new": ADMIN,
    "field-edit": ADMIN,
    "field-switch": POST_ONLY,
    "field-retire": ADMIN,
    "field-back": POST_ONLY,
    "field-index": ADMIN,
    "settings-layout": ADMIN,
    "settings-picklists": ADMIN,
    "settings-picklist": ADMIN,
    "option-order": POST_ONLY,
    "option-edit": ADMIN,
    "option-retire": ADMIN,
    "option-back": POST_ONLY,
    "api-custom-fields-list": API,
    "api-custom-fields-detail": API,
    "api-field-mapping": ADMIN | {"anonymous": 401},
    "api-schema": OPEN,
    "api-docs": EVERYBODY,
    "api-leads-convert": API_OWN | {"reader": 403},
    **{
        f"{slug}-{page}": who
        for slug in ("leads", "organizations", "contacts", "opportunities")
        for page, who in {
            "list": EVERYBODY,
            "change": SELLERS,
            "status": POST_ONLY,
            "columns": EVERYBODY,
            "export": MANAGERS,
            "view-new": EVERYBODY,
            "view-edit": OWN_ONLY,
            "view-delete": POST_ONLY,
            "new": SELLERS,
            "detail": OWN,
            "edit": OWN_SELLERS,
            "delete": DELETE,
            "tags": POST_ONLY,
            "follow": POST_ONLY,
            "add": POST_ONLY,
        }.items()
    },
    **{f"opportunities-person-{action}": POST_ONLY for action in ("add", "role", "main", "remove")},
    **dict.fromkeys(("api-opportunities-people", "api-opportunities-person"), API_OWN),
    **{f"{slug}-merge": OWN_SELLERS for slug in ("leads", "organizations", "contacts")},
    **{
        f"api-{name}-{page}": API if page == "list" else API_OWN
        for name in (
            "leads",
            "organizations",
            "contacts",
            "opportunities",
            "activities",
            "comments",
            "emails",
            "documents",
            "conversions",
        )
        for page in ("list", "detail")
    },
}


def test_every_address_has_been_thought_about():
    assert {name for name, _path in ADDRESSES} == set(EXPECTED)


@pytest.mark.parametrize(("name", "path"), ADDRESSES)
def test_who_may_open_it(name, path, sample, request, client, as_user):
    address = concrete(name, path, sample)
    found = {}
    for person in NAMES:
        browser = client if person == "anonymous" else as_user(request.getfixturevalue(person))
        found[person] = browser.get(address).status_code
    assert found == EXPECTED[name], address


WRITING = ("post", "put", "patch", "delete")
REFUSED = {302, 401, 403, 404, 405}
OF_NOBODY = ("preferences", "api-leads-convert-many")  # POST alone, but at no record of sara's
OWN_AFFAIRS = (
    "account_",
    "profile",
    "preferences",
    "token",
    "-follow",
    "notifications",
    "-columns",
    "-view-",
)  # whoever signs in or sees a record may
JUNK = {
    "last_name": "Changed",
    "name": "Changed",
    "body": "Changed",
    "subject": "Changed",
    "tags": "changed",
    "create_contact": "on",
}


def is_refused(name, person):
    """Whether this person may change nothing at this address: not allowed to look, or not somebody who writes."""
    if person == "anonymous":
        return not name.startswith(("account_", "preferences"))
    only_posts = EXPECTED[name][person] == 405 and person == "omid"  # at a record of sara's
    reads = person == "reader" and not any(part in name for part in OWN_AFFAIRS)
    return EXPECTED[name][person] in (403, 404) or (only_posts and name not in OF_NOBODY) or reads


def everything():
    """All rows of the database but the sessions."""
    models = [model for model in apps.get_models() if model._meta.app_label != "sessions"]
    return {model._meta.label: serializers.serialize("json", model._base_manager.order_by("pk")) for model in models}


@pytest.mark.parametrize(("name", "path"), ADDRESSES)
def test_who_may_not_change_anything_there(name, path, sample, request, client, as_user):
    address = concrete(name, path, sample)
    as_json = {"content_type": "application/json"} if address.startswith("/api/") else {}
    refused = [person for person in NAMES if is_refused(name, person)]
    browsers = {
        person: client if person == "anonymous" else as_user(request.getfixturevalue(person)) for person in refused
    }
    before = everything()
    for person, browser in browsers.items():
        for method in WRITING:
            data = {} if method == "delete" else {"data": JUNK, **as_json}
            answer = getattr(browser, method)(address, **data)
            assert answer.status_code in REFUSED, (person, method, address)
            assert answer.status_code != 302 or answer.url.startswith("/accounts/login/"), (person, method, address)
    assert everything() == before


@pytest.mark.parametrize(("name", "path"), ADDRESSES)
def test_looking_changes_nothing(name, path, sample, sara, admin, as_user):
    address = concrete(name, path, sample)
    browsers = [as_user(user) for user in (sara, admin)]
    before = everything()
    for browser in browsers:
        for method in ("get", "head", "options", "trace"):
            answer = getattr(browser, method)(address)
            assert answer.status_code < 500
            assert method != "trace" or answer.status_code in (302, 403, 405), address
    assert everything() == before


@pytest.mark.parametrize(("name", "path"), ADDRESSES)
def test_nothing_is_sent_without_the_form_of_ours(name, path, sample, admin, as_user):
    """A form on somebody else's page can neither know the token nor come from our origin."""
    address = concrete(name, path, sample)
    browser = as_user(admin, enforce_csrf_checks=True)
    as_json = {"content_type": "application/json"} if address.startswith("/api/") else {}
    browser.get("/profile/")
    token = browser.cookies["csrftoken"].value
    before = everything()
    for headers in ({}, {"X-CSRFToken": "x" * 32}, {"X-CSRFToken": token, "Origin": "https://evil.example"}):
        answer = browser.post(address, JUNK, headers=headers, **as_json)
        assert answer.status_code in (403, 405), (address, headers)
    assert everything() == before


NO_KEYS = ("0", "007", "999999999999999999", "9" * 40, "abc", "-1", "1e3", "%00", "' OR 1=1 --")


@pytest.mark.parametrize(("name", "path"), [address for address in ADDRESSES if "<key:pk>" in address[1]])
def test_key_of_nothing_is_an_address_of_nothing(name, path, admin, as_user):
    browser = as_user(admin)
    for key in NO_KEYS:
        address = path.replace("<key:pk>", key).replace("<slug:slug>", "leads").replace("<slug:kind>", "comment")
        for method in ("get", "post", "patch", "delete"):
            answer = getattr(browser, method)(address, content_type="application/json")
            assert answer.status_code in (400, 404, 405), (method, address)
