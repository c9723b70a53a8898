"""The mapping editor in a browser: rows are checked as they change, and nothing that was chosen gets lost."""

import pytest
from playwright.sync_api import expect

from mapping.defaults import ROWS
from mapping.rows import Row
from mapping.table import current

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
URL = "/settings/modules/leads/mapping/edit/"


def test_rows_are_added_checked_removed_and_saved(admin, visit):
    page = visit(admin)
    page.goto(URL)
    page.click("[data-add-row]")
    row = page.locator("tbody tr").last
    expect(page.locator("#r30-lead")).to_be_focused()
    row.locator("[data-cell=lead]").select_option("city")
    row.locator("[data-cell=contact]").select_option("other_city")
    page.locator("#r12-lead").evaluate("select => select.closest('tr').querySelector('[data-remove]').click()")
    page.locator("#r8-lead").select_option("rating")  # into a phone
    expect(page.locator("#r8-contact")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[data-problems]")).to_have_text("Problems in the mapping: 1")
    bar = "Rows added: 1, changed: 1, removed: 1. Applies to conversions from now on."
    expect(page.locator("[data-changes]")).to_have_text(bar)
    page.locator("#r8-lead").select_option("mobile")
    expect(page.locator("[data-problems]")).to_have_text("No problem in the mapping.")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/mapping/")
    assert current().rows() == [*ROWS[:12], *ROWS[13:], Row(lead="city", contact="other_city")]
    assert page.complaints == []


def test_editor_works_without_scripts(admin, visit):
    page = visit(admin, java_script_enabled=False)
    page.goto(URL)
    page.wait_for_url("**plain=1")
    rows = page.locator("tbody tr")
    shown = rows.count()
    page.click("[data-add-row]")
    expect(rows).to_have_count(shown + 1)
    rows.last.locator("[data-cell=lead]").select_option("city")
    rows.last.locator("[data-cell=contact]").select_option("other_city")
    page.click(".savebar .btn-p")
    page.wait_for_url("**/mapping/")
    assert current().rows()[-1] == Row(lead="city", contact="other_city")
