"""Every address × every person. A new address fails here until somebody says who may open it."""

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from crm.people.models import Team
from crm.people.tokens import create_token
from crm.related import services
from crm.related.models import Document, Email
from leads.conversion.order import Order, Part
from leads.conversion.service import convert
from tests.factories import ContactFactory, LeadFactory, OpportunityFactory, OrganizationFactory, activity, comment

pytestmark = pytest.mark.django_db
NAMES = ("anonymous", "sara", "omid", "reader", "manager", "admin")

EVERYBODY = dict.fromkeys(NAMES[1:], 200) | {"anonymous": 302}
OWN = {"anonymous": 302, "sara": 200, "omid": 404, "reader": 200, "manager": 200, "admin": 200}  # sara's record
OWN_SELLERS = OWN | {"reader": 403}  # who sells may, who reads may not
DELETE = OWN | {"sara": 403, "reader": 403}  # managers and administrators
ADMIN = {"anonymous": 302, "sara": 403, "omid": 403, "reader": 403, "manager": 403, "admin": 200}
SELLERS = EVERYBODY | {"reader": 403}
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
    "preferences": None,  # POST, for everybody
    "shortcuts": EVERYBODY,
    "tokens": EVERYBODY,
    "token-revoke": POST_ONLY,
    "people": ADMIN,
    "user-new": ADMIN,
    "user-edit": ADMIN,
    "team-new": ADMIN,
    "team-edit": ADMIN,
    "team-delete": POST_ONLY,
    "dashboard": EVERYBODY,
    "leads-convert": OWN_SELLERS,
    "conversion-detail": OWN,
    "conversion-lead": ADMIN,
    "suggest": EVERYBODY,
    "search": EVERYBODY,
    "activities-list": EVERYBODY,
    "activity-done": POST_ONLY,
    "related-edit": OWN_SELLERS,
    "related-delete": OWN_SELLERS,
    "document": OWN,
    "import": ADMIN,
    "settings": ADMIN,
    "settings-modules": ADMIN,
    "mapping": ADMIN,
    "settings-module": ADMIN,
    "settings-fields": ADMIN,
    "api-field-mapping": ADMIN | {"anonymous": 401},
    "api-schema": OPEN,
    "api-docs": EVERYBODY,
    "api-leads-convert": API_OWN | {"reader": 403},
    **{
        f"{slug}-{page}": who
        for slug in ("leads", "organizations", "contacts", "opportunities")
        for page, who in {
            "list": EVERYBODY,
            "new": SELLERS,
            "detail": OWN,
            "edit": OWN_SELLERS,
            "delete": DELETE,
            "tags": POST_ONLY,
            "follow": POST_ONLY,
            "add": POST_ONLY,
        }.items()
    },
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


def patterns(resolver=None, prefix="/"):
    """All named addresses of the product with their path."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry, prefix + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            yield entry.name, prefix + str(entry.pattern)


ADDRESSES = sorted({(name, path) for name, path in patterns() if "format" not in path}, key=str)


def test_every_address_has_been_thought_about():
    assert {name for name, _path in ADDRESSES} == set(EXPECTED)


@pytest.fixture
def sample(sara, admin, tmp_path, settings):
    """One of everything of sara's, by the parameter that names it."""
    settings.MEDIA_ROOT = tmp_path
    lead = LeadFactory(assigned_to=sara)
    made = convert(LeadFactory(assigned_to=sara).pk, Order(parts={"organization": Part(), "contact": Part()}), by=sara)
    document = Document(title="t", file="x.txt", file_name="x.txt", content_type="text/plain", size=1, sha256="0")
    services.add(document, to=lead, by=sara)
    (tmp_path / "x.txt").write_text("x")
    create_token(sara)
    return {
        "leads": lead.pk,
        "organizations": OrganizationFactory(assigned_to=sara).pk,
        "contacts": ContactFactory(assigned_to=sara).pk,
        "opportunities": OpportunityFactory(assigned_to=sara).pk,
        "conversion": made.pk,
        "document": document.pk,
        "activity": activity(lead, sara).pk,
        "comment": comment(lead, sara).pk,
        "email": services.add(Email(subject="Price list"), to=lead, by=sara).pk,
        "user": admin.pk,
        "team": Team.objects.get(members=sara).pk,
        "token": sara.api_tokens.get().pk,
    }


def concrete(name, path, sample):
    """The path with the sample's keys in the place of its parameters."""
    kinds = {
        "user-edit": "user", "team-edit": "team", "team-delete": "team", "token-revoke": "token", "document": "document",
        "activity-done": "activity", "conversion-detail": "conversion", "conversion-lead": "conversion", "related-edit": "comment",
        "related-delete": "comment", "api-activities-detail": "activity", "api-comments-detail": "comment",
        "api-emails-detail": "email", "api-documents-detail": "document", "api-conversions-detail": "conversion",
    }  # fmt: skip
    slug = next((one for one in ("leads", "organizations", "contacts", "opportunities") if f"/{one}/" in path), "leads")
    pk = sample[kinds.get(name, slug)]
    for parameter in ("<int:pk>", "<str:pk>", "<pk>"):
        path = path.replace(parameter, str(pk))
    return path.replace("<slug:slug>", "leads").replace("<slug:kind>", "comment")


@pytest.mark.parametrize(("name", "path"), ADDRESSES)
def test_who_may_open_it(name, path, sample, request, client, as_user):
    wanted = EXPECTED[name]
    if wanted is None:
        return
    address = concrete(name, path, sample)
    found = {}
    for person in NAMES:
        browser = client if person == "anonymous" else as_user(request.getfixturevalue(person))
        found[person] = browser.get(address).status_code
    assert found == wanted, address


WRITES = (
    ("/leads/{leads}/edit/", {"last_name": "Changed"}),
    ("/leads/{leads}/delete/", {}),
    ("/leads/{leads}/convert/", {"create_contact": "on"}),
    ("/leads/{leads}/add/comment/", {"body": "x"}),
    ("/leads/{leads}/tags/", {"tags": "x"}),
    ("/leads/{leads}/follow/", {"follow": "1"}),
    ("/activities/{activity}/done/", {}),
    ("/related/comment/{comment}/edit/", {"body": "x"}),
    ("/related/comment/{comment}/delete/", {}),
    ("/organizations/{organizations}/edit/", {"name": "Changed"}),
    ("/contacts/{contacts}/delete/", {}),
)


@pytest.mark.parametrize(("path", "data"), WRITES)
@pytest.mark.parametrize("name", ["omid", "reader"])
def test_others_can_not_write(name, path, data, sample, request, as_user):
    if (name, path) == ("reader", "/leads/{leads}/follow/"):
        return  # who sees a record may follow it
    response = as_user(request.getfixturevalue(name)).post(path.format(**sample), data)
    assert response.status_code == (404 if name == "omid" else 403)


@pytest.mark.parametrize(("path", "data"), WRITES)
def test_nothing_is_written_without_the_form_of_ours(path, data, sample, sara, as_user):
    browser = as_user(sara, enforce_csrf_checks=True)
    assert browser.post(path.format(**sample), data).status_code == 403


@pytest.mark.parametrize("path", ["/", "/leads/", "/nowhere/", "/accounts/login/", "/api/v1/leads/"])
def test_headers_stand_on_every_answer(path, sara, as_user):
    headers = as_user(sara).get(path).headers
    policy = headers["Content-Security-Policy"]
    for rule in (
        "default-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    ):
        assert rule in policy
    assert "unsafe" not in policy
    assert (headers["X-Content-Type-Options"], headers["X-Frame-Options"]) == ("nosniff", "DENY")
    assert headers["Referrer-Policy"] == "same-origin"
