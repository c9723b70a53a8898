"""The pages of notifications and webhooks."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.jobs.worker import work_off
from crm.notices.models import Notification, Webhook, WebhookDelivery
from crm.people.models import User
from tests.notices.receiver import receiver

pytestmark = pytest.mark.django_db
PARAMS = {"by": "<b>Omid</b>", "lead": "LEA1", "name": "سارا احمدی"}


def notify(user, count=1, **more):
    made = [Notification(user=user, kind="lead-converted", params=PARAMS, url="/leads/", **more) for _ in range(count)]
    return Notification.objects.bulk_create(made)


def test_bell_counts_and_the_page_lists_the_newest_first(sara, omid, as_user):
    notify(sara, 31)
    notify(omid, 5)
    browser = as_user(sara)
    page = browser.get("/notifications/")
    assert "Notifications: 31 not read" in page.content.decode()
    keys = [line["notification"].pk for line in page.context["lines"]]
    mine = list(sara.notifications.order_by("-pk").values_list("pk", flat=True))
    assert keys == mine[:30]
    older = browser.get(f"/notifications/?before={page.context['older']}")
    assert [line["notification"].pk for line in older.context["lines"]] == mine[30:]


def test_names_are_escaped(sara, as_user):
    notify(sara)
    content = as_user(sara).get("/notifications/").content.decode()
    assert ("<b>Omid" in content, "&lt;b&gt;Omid" in content) == (False, True)


def test_opening_one_marks_it_read_and_goes_there(sara, as_user):
    first, second = notify(sara, 2)
    browser = as_user(sara)
    answer = browser.post(f"/notifications/{first.pk}/open/")
    assert (answer.status_code, answer.url) == (302, "/leads/")
    assert browser.post(f"/notifications/{second.pk}/read/").url == "/notifications/"
    assert not sara.notifications.filter(read_at=None).exists()


def test_all_are_read_but_those_that_came_meanwhile(sara, omid, as_user):
    notify(sara, 3)
    notify(omid)
    browser = as_user(sara)
    newest = browser.get("/notifications/").context["newest"]
    [late] = notify(sara)
    browser.post("/notifications/", {"newest": newest})
    assert [one.pk for one in sara.notifications.filter(read_at=None)] == [late.pk]
    assert omid.notifications.get().read_at is None
    for nonsense in ("", "x", "9" * 40, "-1"):
        assert browser.post("/notifications/", {"newest": nonsense}).status_code == 302
    assert sara.notifications.filter(read_at=None).count() == 1


def test_what_was_read_long_ago_goes_when_the_rest_is_read(sara, as_user):
    old = timezone.now() - dt.timedelta(days=181)
    notify(sara, 2, read_at=old)
    notify(sara, 2, created_at=old)
    browser = as_user(sara)
    browser.post("/notifications/", {"newest": browser.get("/notifications/").context["newest"]})
    assert sara.notifications.count() == 2


def test_nobody_reads_somebody_elses(sara, omid, as_user):
    [mine] = notify(sara)
    for page in ("open", "read"):
        assert as_user(omid).post(f"/notifications/{mine.pk}/{page}/").status_code == 404
    mine.refresh_from_db()
    assert mine.read_at is None


@pytest.mark.parametrize("count", [1, 30])
def test_pages_take_the_same_few_statements_for_any_number_of_rows(count, admin, as_user):
    notify(admin, count)
    for number in range(count):
        hook = Webhook.objects.create(name=f"{number}", url="https://example.com/", salt="s")
        log = [{"at": timezone.now().isoformat(), "status": 500, "ms": 3, "answer": "no"}] * 3
        WebhookDelivery.objects.bulk_create(
            WebhookDelivery(webhook=hook, message=f"{place}", event="test", body="{}", log=log)
            for place in range(count)
        )
    browser = as_user(admin)
    browser.get("/")
    for address in ("/notifications/", "/settings/webhooks/", f"/settings/webhooks/{hook.pk}/"):
        with CaptureQueriesContext(connection) as done:
            assert browser.get(address).status_code == 200
        assert len(done) <= 9, (address, [query["sql"][:90] for query in done])


def test_profile_keeps_the_choice_about_e_mail(sara, as_user):
    browser = as_user(sara)
    assert 'name="gets_email"' in browser.get("/profile/").content.decode()
    browser.post("/profile/", {"language": "en"})
    assert User.objects.get(pk=sara.pk).gets_email is False


def test_a_webhook_from_its_form_to_its_log(admin, as_user):
    browser = as_user(admin)
    with receiver() as other:
        answer = browser.post("/settings/webhooks/new/", {"name": "ERP", "url": other.url, "is_active": "on"})
        hook = Webhook.objects.get()
        assert (answer.url, hook.created_by) == (hook.get_absolute_url(), admin)
        shown, again = (browser.get(answer.url).content.decode() for _ in range(2))
        assert ("whsec_" in shown, "whsec_" in again) == (True, False)
        assert browser.post(f"{answer.url}test/").status_code == 302
        assert ("Waiting" in browser.get(answer.url).content.decode(), other.got) == (True, [])
        other.answer = b"<script>alert(1)</script>"
        work_off()
        content = browser.get(answer.url).content.decode()
        assert ("HTTP 200" in content, "<script>alert" in content) == (True, False)
        delivery = WebhookDelivery.objects.get()
        browser.post(f"/settings/webhooks/deliveries/{delivery.pk}/again/")
        work_off()
        assert [one["headers"]["webhook-id"] for one in other.got] == [delivery.message] * 2
    assert "whsec_" in browser.post(f"{answer.url}secret/", follow=True).content.decode()
    browser.post(answer.url, {"name": "ERP 2", "url": hook.url})
    hook.refresh_from_db()
    assert (hook.name, hook.is_active) == ("ERP 2", False)
    assert "Delete" in browser.get(f"{answer.url}delete/").content.decode()
    browser.post(f"{answer.url}delete/")
    assert (Webhook.objects.count(), WebhookDelivery.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"url": "ftp://example.com"}, "begins with http:// or https://"),
        ({"url": "http://127.0.0.1/"}, "leads into a private network"),
        ({"url": "https://user:secret@example.com/"}, "Leave out the user name and password."),
        ({"url": ""}, "required"),
        ({"url": "https://example.com/" + "x" * 500}, "500"),
        ({"name": " "}, "required"),
        ({"name": "a\0b"}, "name"),
    ],
)
def test_bad_input_comes_back_in_the_page(changes, words, admin, as_user, settings):
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = False
    sent = {"name": "ERP", "url": "https://example.com/hook", "is_active": "on", **changes}
    answer = as_user(admin).post("/settings/webhooks/new/", sent)
    assert (answer.status_code, words in answer.content.decode()) == (422, True)
    assert not Webhook.objects.exists()
