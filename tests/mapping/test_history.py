"""Every table that ever was: shown, compared, restored, exported and imported; and what SQL broke."""

import json

import pytest
from django.core.checks import run_checks
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from crm.fields import dictionary
from leads.conversion.order import Order, Part
from leads.conversion.service import convert
from mapping import services
from mapping.defaults import ROWS
from mapping.models import Link, Revision
from mapping.rows import Row
from mapping.table import current
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db
URL = "/settings/modules/leads/mapping/"
LOCKED = [row for row in ROWS if row.locked]


@pytest.fixture
def browser(admin, as_user):
    services.replace([*ROWS, Row(lead="city", contact="other_city")], seen=1, by=admin)
    services.replace(LOCKED, seen=2, by=admin)
    return as_user(admin)


def upload(browser, content, seen=3):
    return browser.post(f"{URL}import/", {"seen": seen, "file": SimpleUploadedFile("mapping.json", content)})


def test_history_says_what_each_table_changed(browser, admin):
    page = browser.get(f"{URL}history/")
    told = [
        (line["revision"].number, [change.text for change in line["changes"] or []][:1])
        for line in page.context["lines"]
    ]
    assert told == [
        (3, ["Removed: Salutation → Contact · Salutation"]),
        (2, ["Added: City → Contact · Other city"]),
        (1, []),
    ]
    assert [line["revision"].number for line in browser.get(f"{URL}history/?before=3").context["lines"]] == [2, 1]


def test_any_two_tables_are_compared(browser):
    page = browser.get(f"{URL}history/1/?with=2")
    assert [change.text for change in page.context["changes"]] == ["Removed: City → Contact · Other city"]
    assert "There is no revision with this number." in browser.get(f"{URL}history/1/?with=77").content.decode()
    assert browser.get(f"{URL}history/77/").status_code == 404


def test_table_is_restored(browser):
    assert browser.post(f"{URL}history/2/", {"seen": 3}).status_code == 302
    assert (current().revision, current().rows()) == (4, [*ROWS, Row(lead="city", contact="other_city")])
    assert browser.post(f"{URL}defaults/", {"seen": 4}).status_code == 302
    assert current().rows() == list(ROWS)


def test_restoring_an_older_view_of_the_table_is_a_conflict(browser):
    answer = browser.post(f"{URL}history/2/", {"seen": 2})
    assert (answer.status_code, current().revision) == (409, 3)


def test_table_that_breaks_a_rule_today_goes_to_the_editor(browser):
    Revision.objects.filter(number=2).update(
        rows=[*(row.as_dict() for row in LOCKED), Row(lead="cf_gone", contact="department").as_dict()]
    )
    answer = browser.post(f"{URL}history/2/", {"seen": 3})
    assert (answer.status_code, answer.context["refused"]) == (
        422, ["Row 5, Lead field: This lead field doesn't exist any more. Choose another."],
    )  # fmt: skip
    assert answer.context["editor"].lines[-1].edited.row == Row(lead="cf_gone", contact="department")


def test_exported_file_can_be_imported(browser):
    answer = browser.get(f"{URL}export/?revision=2")
    assert answer["Content-Disposition"] == 'attachment; filename="field-mapping-2.json"'
    assert upload(browser, answer.content).status_code == 302
    assert current().rows() == [*ROWS, Row(lead="city", contact="other_city")]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "This file is no JSON."),
        (b"\xff", "This file is no JSON."),
        (b"[" * 100_000, "This file is no JSON."),
        (b'{"rows": [{"lead": "\\ud800"}]}', "This file is no JSON."),
        (b'{"\\udfff": []}', "This file is no JSON."),
        (b"x" * 1_000_001, "This file is too large"),
        (b"[]", "Send a JSON object."),
        (b'{"rows": [{"lead": 1}]}', "Row 1, Lead field: Send a field key or null."),
        (b'{"rows": [{"lead": "city", "<script>": 1}]}', "Row 1, &lt;script&gt;: There is no such key."),
        (json.dumps({"rows": [{"lead": "city", "contact": "birthday"}]}).encode(), "Row 1, Contact: Text can&#x27;t go into Date."),
    ],
)  # fmt: skip
def test_file_that_is_no_mapping_is_refused(content, words, browser):
    answer = upload(browser, content)
    assert (answer.status_code, words in answer.content.decode(), current().revision) == (422, True, 3)


def test_command_carries_the_table(browser, admin, tmp_path, capsys):
    file = tmp_path / "mapping.json"
    call_command("field_mapping", "export", str(file))
    services.defaults(seen=3, by=admin)
    call_command("field_mapping", "import", str(file), "--as=admin")
    assert (current().revision, current().rows()) == (5, LOCKED)
    file.write_text('{"rows": []}')
    with pytest.raises(CommandError, match="Row 1: The row of Company is part of the system"):
        call_command("field_mapping", "import", str(file), "--as=admin")


def test_receipt_leads_administrators_to_the_table_that_was_used(browser, sara, as_user):
    made = convert(LeadFactory(assigned_to=sara).pk, Order(parts={"contact": Part()}), by=sara)
    link = f'{URL}history/3/"'
    assert link in browser.get(made.get_absolute_url()).content.decode()
    assert link not in as_user(sara).get(made.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    "change", [{"target": "birthday"}, {"target": "cf_gone"}, {"source": "cf_gone"}, {"target": "organization"}]
)
def test_what_sql_broke_is_reported_and_a_conversion_keeps_the_value_in_a_note(change, sara):
    lead = LeadFactory(assigned_to=sara, city="تهران")
    Link.objects.filter(source="city", module="contact").update(**change)
    Link.objects.filter(source="city", module="organization").delete()
    dictionary.forget()
    warnings = [warning.msg for warning in run_checks(databases=["default"]) if warning.id == "mapping.W001"]
    assert len(warnings) == 1
    made = convert(lead.pk, Order(parts={"contact": Part(), "organization": Part()}), by=sara)
    assert (made.kept_in_note, made.contact.mailing_city) == (["lead_status", "city"], "")


def test_sound_mapping_gives_no_warning():
    assert [warning for warning in run_checks(databases=["default"]) if warning.id == "mapping.W001"] == []
