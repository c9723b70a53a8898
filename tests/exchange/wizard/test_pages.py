"""The import's pages, from the upload to the report and back again."""

import csv
import datetime as dt
import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import Workbook

from crm.exchange.models import FileImport, Matching
from crm.exchange.wizard import job as jobs
from crm.exchange.wizard import steps
from crm.fields import dictionary, registry
from crm.jobs.models import Job, Task
from crm.jobs.worker import work_off
from crm.related import filing
from crm.related.models import Comment
from leads.conversion.order import Order, Part
from leads.conversion.service import convert
from leads.models import Lead
from tests.factories import LeadFactory, activity, comment

pytestmark = pytest.mark.django_db
SMALL = """First Name,Last Name,Email,Post,Budget,Rank
Sara,Ahmadi,sara@example.com,sara@post.ir,449000000,gold
Ali,Novak,ali@example.com,,12,
Mina,,mina@example.com,,0,=1+1
Reza,Rad,no address,,1,silver
"""


@pytest.fixture(autouse=True)
def store(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def browser(admin, as_user):
    return as_user(admin)


def upload(browser, content=SMALL, name="leads.csv"):
    content = content.encode() if isinstance(content, str) else content
    return browser.post("/import/", {"file": SimpleUploadedFile(name, content)})


def newest():
    return FileImport.objects.select_related("job").latest("pk")


def go(browser, address, **sent):
    """Post, and give the import as it is then."""
    answer = browser.post(address, sent)
    assert answer.status_code == 302, answer.content.decode()
    return newest()


def matched(browser, content=SMALL, **choices):
    """Upload, and go on with what is proposed but for these columns ("c3": "+new")."""
    upload(browser, content)
    found = newest()
    sent = {f"column-{place}": choice for place, choice in enumerate(found.choices)}
    return go(
        browser, f"/import/{found.pk}/columns/", **(sent | {f"column-{key[1:]}": one for key, one in choices.items()})
    )


def checked(browser, admin, content=SMALL, on_duplicate="skip", **choices):
    found = matched(browser, content, **choices)
    return go(browser, f"/import/{found.pk}/duplicates/", on_duplicate=on_duplicate, owner=admin.pk)


def ran(browser, admin, *args, **more):
    found = checked(browser, admin, *args, **more)
    go(browser, f"/import/{found.pk}/", action="start")
    work_off()
    return newest()


def undone(browser, found):
    go(browser, f"/import/{found.pk}/", action="undo")
    work_off()
    return newest()


def counts(found):
    return {key: found.report.get(key, 0) for key in ("created", "updated", "skipped", "refused")}


def test_columns_are_matched_by_title_and_by_values(browser):
    answer = upload(browser)
    found = newest()
    assert (answer.status_code, answer.url) == (302, f"/import/{found.pk}/")
    assert found.choices == ["first_name", "last_name", "email", "secondary_email", "+note", "+note"]
    assert found.hows == ["header", "header", "header", "values", "", ""]
    page = browser.get(f"/import/{found.pk}/columns/")
    lines = page.context["page"].lines()
    assert (lines[4].name, list(lines[4].column.shown), lines[4].others[0].text) == (
        "Budget", ["449000000", "12", "0"], "New custom field (Currency)",
    )  # fmt: skip
    assert "no address" in lines[2].misfit
    assert Lead.objects.count() == 0


def test_persian_and_vtiger_titles_are_known(browser):
    upload(browser, "نام خانوادگی,شماره کارمندی,موبایل,Designation\nاحمدی,۱۲,۰۹۱۲۳۴۵۶۷۸۹,CEO\n")
    assert newest().choices == ["last_name", "employees", "mobile", "job_title"]


@pytest.mark.parametrize(
    ("choices", "place"),
    [
        ({"c3": "email"}, 3),
        ({"c1": "+leave"}, None),
        ({"c4": "nonsense"}, 4),
        ({"c4": "number"}, 4),
        ({"c4": ""}, 4),
        ({"c2": "+new"}, 2),
    ],
)
def test_wrong_choices_are_told_in_the_page_and_kept(browser, choices, place):
    upload(browser)
    found = newest()
    sent = {f"column-{at}": choice for at, choice in enumerate(found.choices)}
    sent |= {f"column-{key[1:]}": one for key, one in choices.items()}
    answer = browser.post(f"/import/{found.pk}/columns/", sent)
    assert (answer.status_code, list(answer.context["page"].problems)) == (422, [place])
    assert answer.context["page"].choices == list(sent.values())
    assert newest().step == "columns"


def test_check_writes_nothing_and_names_what_is_wrong(browser, admin):
    found = checked(browser, admin)
    assert (found.job.state, counts(found)) == (
        "ready", {"created": 2, "updated": 0, "skipped": 0, "refused": 2},
    )  # fmt: skip
    assert Lead.objects.count() == 0
    page = browser.get(f"/import/{found.pk}/").context["page"]
    assert [problem[:2] for problem in page.first_problems()] == [(4, "Last Name"), (5, "Email")]


def test_rows_that_were_not_taken_come_as_a_harmless_file_that_can_be_imported(browser, admin):
    found = checked(browser, admin)
    answer = browser.get(f"/import/{found.pk}/errors/")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0][:3] == ["Tabdil row", "Tabdil problem", "First Name"]
    assert (rows[1][0], rows[1][-1]) == ("4", "'=1+1")
    upload(browser, text.replace("Mina,,", "Mina,Azad,"))
    again = newest()
    assert again.choices[:4] == ["+leave", "+leave", "first_name", "last_name"]
    found = ran(browser, admin, text.replace("Mina,,", "Mina,Azad,"))
    assert Comment.objects.get(dossier__lead__last_name="Azad").body == "Budget: 0\nRank: =1+1"


def test_import_runs_in_the_background_makes_fields_and_notes_and_leaves_out(browser, admin):
    found = checked(browser, admin, c4="+new", c5="+leave")
    go(browser, f"/import/{found.pk}/", action="start")
    assert Lead.objects.count() == 0
    work_off()
    found = newest()
    assert (found.job.state, counts(found)) == (
        "finished", {"created": 2, "updated": 0, "skipped": 0, "refused": 2},
    )  # fmt: skip
    assert found.report["new_fields"] == {"Budget": "currency"}
    dictionary.forget()
    field = registry.module("lead").fields["cf_budget"]
    assert [int(field.get(lead)) for lead in Lead.objects.order_by("pk")] == [449000000, 12]
    assert Comment.objects.count() == 0
    page = browser.get(f"/import/{found.pk}/")
    assert [(group.key, group.count) for group in page.context["page"].groups()] == [("created", 2)]
    assert all(lead.get_absolute_url() in page.content.decode() for lead in Lead.objects.all())


def test_last_matching_of_the_same_header_is_offered_again(browser, admin):
    ran(browser, admin, c3="+leave", c4="+new")
    assert Matching.objects.get().choices == ["first_name", "last_name", "email", "+leave", "cf_budget", "+note"]
    upload(browser)
    found = newest()
    assert found.choices == Matching.objects.get().choices
    assert "Match anew" in browser.get(f"/import/{found.pk}/columns/").content.decode()
    found = go(browser, f"/import/{found.pk}/columns/", do="anew")
    assert found.choices == ["first_name", "last_name", "email", "secondary_email", "cf_budget", "+note"]


@pytest.mark.parametrize(
    ("on_duplicate", "expected", "city"),
    [
        ("skip", {"created": 1, "updated": 0, "skipped": 1, "refused": 0}, ""),
        ("update", {"created": 1, "updated": 1, "skipped": 0, "refused": 0}, "Tehran"),
        ("create", {"created": 2, "updated": 0, "skipped": 0, "refused": 0}, ""),
    ],
)
def test_duplicates_are_skipped_filled_or_created(browser, admin, on_duplicate, expected, city):
    there = LeadFactory(assigned_to=admin, first_name="Sara", last_name="Ahmadi", email="s@example.com", city="")
    content = "First Name,Last Name,Email,City\nSara,Ahmadi,S@example.com,Tehran\nAli,Novak,,Shiraz\n"
    found = ran(browser, admin, content, on_duplicate=on_duplicate)
    there.refresh_from_db()
    assert (counts(found), there.city) == (expected, city)


def test_a_run_that_was_interrupted_takes_each_row_once(browser, admin, monkeypatch):
    monkeypatch.setattr("crm.exchange.importing.CHUNK", 1)
    monkeypatch.setattr(jobs, "CHUNK", 1)
    monkeypatch.setattr(jobs, "TURN", 0)  # so that each turn reads everything anew
    content = "First Name,Last Name,Email\n" + "Sara,Ahmadi,s@example.com\n" * 4
    found = checked(browser, admin, content)
    work_off()
    go(browser, f"/import/{found.pk}/", action="start")
    work_off(2)
    go(browser, f"/import/{found.pk}/", action="pause")
    work_off()
    assert (newest().position, Lead.objects.count()) == (2, 2)
    go(browser, f"/import/{found.pk}/", action="resume")
    work_off()
    assert (newest().job.state, counts(newest())["created"], Lead.objects.count()) == ("finished", 4, 4)


def test_what_was_cancelled_stops_and_its_file_goes(browser, admin, store):
    found = checked(browser, admin)
    go(browser, f"/import/{found.pk}/", action="start")
    go(browser, f"/import/{found.pk}/", action="cancel")
    work_off()
    assert (newest().job.state, Lead.objects.count(), list(store.rglob("*.*"))) == ("cancelled", 0, [])
    go(browser, f"/import/{found.pk}/", action="resume")
    assert newest().job.state == "cancelled"


def files(store):
    return [path for path in store.rglob("*") if path.is_file()]


def test_file_is_private_and_goes_when_the_import_ends(browser, admin, store, django_capture_on_commit_callbacks):
    found = checked(browser, admin)
    (kept,) = files(store)
    assert (kept.stat().st_mode & 0o777, "leads" in kept.name) == (0o600, False)
    go(browser, f"/import/{found.pk}/", action="start")
    with django_capture_on_commit_callbacks(execute=True):
        work_off()
    assert (files(store), newest().file.name) == ([], "")


def test_file_goes_after_a_day(browser, store):
    upload(browser)
    task = Task.objects.get(name=jobs.REMOVE)
    assert dt.timedelta(hours=23) < task.run_at - timezone.now() <= steps.KEPT_FOR
    Task.objects.update(run_at=timezone.now())
    work_off()
    found = newest()
    assert (files(store), found.file.name, found.job.state) == ([], "", "cancelled")
    assert browser.get(f"/import/{found.pk}/columns/").status_code == 302
    assert "a day after" in browser.get(f"/import/{found.pk}/").content.decode()


def test_large_file_is_read_and_checked_in_the_background(browser, admin, monkeypatch):
    monkeypatch.setattr(steps, "READ_AT_ONCE", 10)
    monkeypatch.setattr(steps, "CHECKED_AT_ONCE", 1)
    upload(browser)
    found = newest()
    assert "The file is being read" in browser.get(f"/import/{found.pk}/").content.decode()
    work_off()
    sent = {f"column-{place}": choice for place, choice in enumerate(newest().choices)}
    go(browser, f"/import/{found.pk}/columns/", **sent)
    go(browser, f"/import/{found.pk}/duplicates/", on_duplicate="skip", owner=admin.pk)
    assert "The rows are being checked" in browser.get(f"/import/{found.pk}/").content.decode()
    work_off()
    assert (newest().job.state, counts(newest())["created"]) == ("ready", 2)


def test_large_file_that_can_not_be_read_says_so(browser, monkeypatch, store):
    monkeypatch.setattr(steps, "READ_AT_ONCE", 0)
    upload(browser, "Name\nAhmadi\n")
    work_off()
    assert "one column only" in browser.get(f"/import/{newest().pk}/").content.decode()
    assert files(store) == []


def test_undo_deletes_what_nobody_touched_and_says_what_it_kept(browser, admin, as_user):
    content = "First Name,Last Name,Budget\n" + "".join(f"A,Lead{number},{number}\n" for number in range(1, 8))
    before = LeadFactory(assigned_to=admin)
    found = ran(browser, admin, content)
    leads = list(Lead.objects.exclude(pk=before.pk).order_by("pk"))
    assert Comment.objects.count() == 7
    filing.edit(leads[1], {"city": "Shiraz"}, by=admin)
    comment(leads[2], admin)
    activity(leads[3], admin)
    browser.post(f"/leads/{leads[4].pk}/tags/", {"tags": "hot"})
    convert(leads[5].pk, Order(parts={"contact": Part()}), by=admin)
    leads[6].delete()
    found = undone(browser, found)
    rows = {row.number: (row.outcome, row.reason) for row in found.rows.all()}
    assert rows[3] == ("kept", "It was changed since.")
    assert rows[7] == ("kept", "It was converted or merged.")
    assert rows[2] == ("deleted", "")
    assert rows[4] == ("kept", "Something was added to it since.")
    assert rows[5] == ("kept", "Something was added to it since.")
    assert rows[6] == ("kept", "Somebody tagged or follows it.")
    assert rows[8] == ("deleted", "It was deleted already.")
    assert Lead.objects.filter(pk__in=[before.pk, leads[2].pk]).count() == 2
    assert not Lead.objects.filter(pk=leads[0].pk).exists()
    page = browser.get(f"/import/{found.pk}/")
    assert "Something was added to it since." in page.content.decode()
    assert not page.context["page"].can_undo


def test_who_may_not_import_any_more_does_not_go_on(browser, admin):
    found = checked(browser, admin)
    go(browser, f"/import/{found.pk}/", action="start")
    admin.groups.clear()
    work_off()
    assert (newest().job.state, Lead.objects.count()) == ("failed", 0)
    assert browser.get(f"/import/{found.pk}/").status_code == 403


@pytest.mark.parametrize("name", ["sara", "reader", "manager"])
def test_only_who_may_import_gets_in(name, request, as_user, admin, browser):
    found = checked(browser, admin)
    other = as_user(request.getfixturevalue(name))
    for address in ("", f"{found.pk}/", f"{found.pk}/columns/", f"{found.pk}/duplicates/", f"{found.pk}/errors/"):
        assert other.get(f"/import/{address}").status_code == 403
    assert other.post(f"/import/{found.pk}/", {"action": "start"}).status_code == 403
    assert newest().job.state == "ready"


def test_imports_are_no_conversions_of_many(browser, admin):
    found = checked(browser, admin)
    assert browser.get(f"/jobs/{found.job_id}/").status_code == 404
    assert browser.get(f"/api/v1/jobs/{found.job_id}/").status_code == 404


def sheet(*rows):
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def bomb():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000)
    return file.getvalue()


def broken():
    return SMALL.replace("Ahmadi", "احمدی" * 30).encode()[:-1].replace("دی".encode()[:2], b"\xff", 1)


BAD = {
    "empty": (b"", "empty"),
    "blank": (b"\n\n", "empty"),
    "binary": (b"\x00\x01\x02" * 100, "no table"),
    "picture": (b"\x89PNG\r\n\x1a\n" + b"x" * 300, "no table"),
    "old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "no table"),
    "one column": (b"Last Name\nAhmadi\n", "one column only"),
    "only a header": (b"First Name,Last Name\n", "no rows"),
    "1000 columns": ((",".join(f"c{n}" for n in range(1000)) + "\n" + "x," * 999 + "x\n").encode(), "more than 300 columns"),
    "wide workbook": (sheet(["x"] * 301), "more than 300 columns"),
    "utf-16 without its mark": (SMALL.encode("utf-16-le"), "no table"),
    "broken utf-8": (broken(), "letters can"),
    "bomb": (bomb(), "unpacks to far more"),
    "damaged workbook": (b"PK\x03\x04" + b"x" * 300, "damaged"),
    "no workbook": (bomb()[:-100], "damaged"),
    "quote": (b'First Name,Last Name\n"Sara,Ahmadi\n', "quotation mark"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_file_is_refused_in_the_page(browser, name, store):
    content, text = BAD[name]
    answer = upload(browser, content, "leads.csv")
    assert (answer.status_code, FileImport.objects.count(), files(store)) == (422, 0, [])
    assert text in str(answer.context["form"].errors)


def test_file_that_is_too_large_is_refused(browser, monkeypatch):
    monkeypatch.setattr("crm.exchange.wizard.forms.MAX_BYTES", 100)
    assert "Split it" in upload(browser).content.decode()


def test_workbook_with_blank_rows_goes_in(browser, admin):
    content = sheet(["First Name", "Last Name"], ["Sara", "Ahmadi"], [None, None], ["Ali", "Novak"], ["", None])
    found = ran(browser, admin, content)
    assert counts(found) == {"created": 2, "updated": 0, "skipped": 0, "refused": 0}


def test_what_no_database_holds_stops_nothing(browser, admin):
    found = ran(browser, admin, sheet(["Last Name", "Odd_x0000_"], ["Ahmadi", "a_x0000_b_xD800_"], ["N_x0000_", "c"]))
    assert counts(found) == {"created": 1, "updated": 0, "skipped": 0, "refused": 1}


def test_pages_cost_the_same_for_few_and_many_rows(browser, admin):
    def cost(address):
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(address).status_code == 200
        return len(queries)

    def costs(found):
        return [cost("/import/"), cost(f"/import/{found.pk}/"), cost(f"/import/{matched(browser).pk}/columns/")]

    few = costs(ran(browser, admin, "First Name,Last Name\nSara,Ahmadi\n"))
    many = costs(ran(browser, admin, "First Name,Last Name\n" + "".join(f"Ali,Rad{n}\n" for n in range(30))))
    assert few == many


def test_job_of_another_is_not_found(browser, admin):
    found = checked(browser, admin)
    assert Job.objects.filter(pk=found.job_id).update(kind="convert-leads") == 1
    assert browser.get(f"/import/{found.pk}/").status_code == 404
