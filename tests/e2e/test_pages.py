"""Every page in both languages, light and dark, desktop and phone: accessible, not too wide, and no word from the browser."""

import pytest

from crm.fields import registry
from crm.notices.models import Notification, Webhook, WebhookDelivery
from crm.related.changing import job as changing
from leads.conversion.order import Order, Part
from leads.conversion.service import convert
from leads.models import Lead
from tests.addresses import imported
from tests.e2e.conftest import overflow, violations
from tests.factories import ContactFactory, LeadFactory, OpportunityFactory, OrganizationFactory, activity, comment

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def addresses(admin):
    """One address of each kind of page."""
    lead = LeadFactory(assigned_to=admin, mobile="0912 345 6789", description="two\nlines", rating="Active")
    comment(lead, admin, "یادداشت")
    activity(lead, admin)
    done = LeadFactory(assigned_to=admin)
    made = convert(done.pk, Order(parts={"organization": Part(), "contact": Part(), "opportunity": Part()}), by=admin)
    hook = Webhook.objects.create(name="ERP", url="https://example.com/hook", salt="s")
    log = [{"at": made.converted_at.isoformat(), "status": 500, "ms": 12, "answer": "no"}]
    WebhookDelivery.objects.create(webhook=hook, message="lead-converted-1", event="lead.converted", body="{}", log=log)
    params = {
        "by": "Sara",
        "lead": "LEA1",
        "name": "سارا احمدی",
        "message": "Call her.",
        "records": [["contact", "سارا"]],
    }
    Notification.objects.create(user=admin, kind="handed-over", params=params, url=lead.get_absolute_url())
    detail = lead.get_absolute_url()
    twin = OrganizationFactory(assigned_to=admin, name=made.organization.name)
    changes = [changing.create(registry.module("lead"), [lead.pk, done.pk], by=admin) for _ in range(2)]
    for job in changes:
        changing.order(job, registry.module("lead").fields["city"], "Shiraz")
    changing.start(changes[1], by=admin)
    Lead.objects.filter(pk=lead.pk).update(city="تهران")
    merge = f"{made.organization.get_absolute_url()}merge/"
    return [
        merge, f"{merge}?with={twin.number}", f"{detail}similar/", "/settings/modules/leads/duplicates/",
        f"{detail}?in=view%3Dall",
        *(f"/changes/{job.pk}/" for job in changes), f"/changes/{changes[0].pk}/?field=assigned_to", "/leads/change/",
        f"/leads/?edit={lead.pk}", "/leads/?owner=1e9&status=Nothing",
        "/", "/leads/", "/leads/?q=nobody", f"/leads/board/?view=all&move={lead.pk}", "/contacts/", "/organizations/", "/opportunities/", "/activities/", "/search/?q=احمدی",
        "/search/", detail, f"{detail}?tab=details", f"{detail}?tab=history", f"{detail}?add=call", f"{detail}?add=document",
        f"{detail}edit/", f"{detail}delete/", f"{detail}convert/", "/leads/new/", made.get_absolute_url(),
        f"{made.get_absolute_url()}lead/", f"/leads/{done.pk}/", made.contact.get_absolute_url(), made.organization.get_absolute_url(),
        made.opportunity.get_absolute_url(), "/conversions/", f"{made.contact.get_absolute_url()}?tab=details", "/import/",
        *(f"/import/{imported(admin).pk}/{step}" for step in ("", "columns/", "duplicates/")), "/settings/", "/settings/modules/", "/settings/modules/leads/",
        "/settings/modules/leads/fields/", "/settings/modules/leads/fields/new/", "/settings/modules/leads/fields/company/",
        "/settings/modules/leads/layout/", "/settings/modules/leads/picklists/", "/settings/modules/leads/picklists/rating/",
        "/leads/new/?quick=1", "/settings/modules/leads/mapping/", "/settings/modules/leads/mapping/edit/",
        "/settings/modules/leads/mapping/edit/?plain=1", "/settings/modules/leads/mapping/history/",
        "/settings/modules/leads/mapping/history/1/", f"/settings/modules/leads/mapping/try/?lead={lead.number}",
        "/settings/people/", "/settings/people/new/",
        "/settings/teams/new/", "/profile/", "/profile/tokens/", "/notifications/", "/settings/webhooks/", "/settings/webhooks/new/",
        hook.get_absolute_url(), f"{hook.get_absolute_url()}delete/", "/settings/modules/leads/conversion/", "/reports/conversions/", "/shortcuts/", "/api/docs/", "/nowhere/",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "theme", "width", "looks_closely"),
    [("fa", "dark", 390, True), ("en", "light", 1366, True), ("fa", "light", 1366, False), ("en", "dark", 390, False)],
)
def test_every_page_is_sound(language, theme, width, looks_closely, admin, addresses, visit):
    """Axe takes two thirds of the time; two variants show it both languages, themes and widths."""
    page = visit(admin, language=language, theme=theme, width=width)
    wrong = []
    for address in addresses:
        page.goto(address)
        wrong += [f"{address}: {found}" for found in violations(page)] if looks_closely else []
        if overflow(page) > 0:
            wrong.append(f"{address}: {overflow(page)} px too wide")
        assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == [
            language,
            "rtl" if language == "fa" else "ltr",
        ]
    wrong += [text for text in page.complaints if "404" not in text and "410" not in text]
    assert wrong == []


def test_sign_in_page_is_sound(chromium, live_server):
    for language in ("fa", "en"):
        context = chromium.new_context(base_url=live_server.url, locale=language, reduced_motion="reduce")
        page = context.new_page()
        page.goto("/accounts/login/")
        assert violations(page) == []
        context.close()


def test_every_stop_of_the_keyboard_is_seen_on_the_conversion_page(admin, addresses, visit):
    page = visit(admin, language="fa", width=390)
    lead = Lead.objects.get()
    page.goto(f"/leads/{lead.pk}/convert/")
    hidden = []
    for _ in range(90):
        page.keyboard.press("Tab")
        stop = page.evaluate(
            """() => {
                const element = document.activeElement, box = element.getBoundingClientRect();
                const x = Math.min(Math.max(box.x + box.width / 2, 1), innerWidth - 1);
                const y = Math.min(Math.max(box.y + Math.min(box.height, 20) / 2, 1), innerHeight - 1);
                const top = document.elementFromPoint(x, y);
                const seen = element === document.body || element.contains(top) || top?.contains(element) || !!top?.closest("label");
                return [seen, element.outerHTML.slice(0, 120), getComputedStyle(element).outlineStyle];
            }"""
        )
        if not stop[0] or (stop[2] == "none" and "body" not in stop[1]):
            hidden.append(stop)
    assert hidden == []


def test_people_of_an_opportunity_are_edited_without_leaving_its_page(sara, visit):
    deal, contact = OpportunityFactory(assigned_to=sara), ContactFactory(assigned_to=sara, last_name="Moradi")
    page = visit(sara, width=390)
    page.goto(deal.get_absolute_url())
    page.fill("#tags-input", "half typed")
    page.get_by_text("Add person").focus()
    page.keyboard.press("Enter")
    page.fill("#id_person_person", "Morad")
    page.wait_for_selector(f"#id_person_person-suggestions option[value='{contact.number} Moradi']", state="attached")
    page.fill("#id_person_person", "Nobody")
    page.get_by_role("button", name="Add", exact=True).click()
    page.wait_for_selector("#id_person_person.is-invalid:focus")
    assert violations(page) == []
    page.fill("#id_person_person", f"{contact.number} Moradi")
    page.press("#id_person_person", "Enter")
    page.wait_for_selector("#people-add:focus")
    assert page.inner_text("[data-live-told]") == "The person was added."
    assert "Moradi" in page.inner_text("[data-live=key-fields]")  # the first one is the main contact
    assert "Takes part: Moradi" in page.inner_text("[data-live=timeline-activity]")
    assert page.input_value("#tags-input") == "half typed"
    page.click(f"#person-{contact.pk} summary")
    assert violations(page) == []
    page.click(f"#person-{contact.pk} .danger")
    page.wait_for_selector("#people-title:focus")
    assert deal.people.count() == 0
