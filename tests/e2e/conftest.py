"""A real browser against a real server; these tests exist where Chromium does."""

import os
import shutil
from pathlib import Path

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import sync_playwright

from crm.people.models import User
from tests.accounts import person

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop runs in the tests' own thread, idle
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

collect_ignore_glob = [] if CHROMIUM else ["test_*.py"]


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def sara(transactional_db) -> User:
    return person("sara", password=make_password("secret-word-1"), first_name="سارا", last_name="رضایی")


@pytest.fixture
def admin(transactional_db) -> User:
    return person("admin", password=make_password("secret-word-1"))


@pytest.fixture
def visit(chromium, live_server):
    """Open a signed-in page: visit(user, language=…, width=…, theme=…). What the browser complains of is collected."""
    contexts = []

    def sign_in(user, *, language="en", width=1366, theme="light", **more):
        User.objects.filter(pk=user.pk).update(language=language, theme=theme)
        context = chromium.new_context(
            base_url=live_server.url, reduced_motion="reduce", viewport={"width": width, "height": 900}, **more
        )
        contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto("/accounts/login/")
        page.fill("input[name=login]", user.username)
        page.fill("input[name=password]", "secret-word-1")
        page.press("input[name=password]", "Enter")
        page.wait_for_selector("nav.side", state="attached")
        page.wait_for_load_state()
        return page

    yield sign_in
    for context in contexts:
        context.close()


def violations(page) -> list[str]:
    """What axe finds wrong, at the page's full height, so that sticky bars cover nothing."""
    height = page.evaluate("document.documentElement.scrollHeight")
    size = page.viewport_size
    page.set_viewport_size({"width": size["width"], "height": max(height, size["height"])})
    page.evaluate(AXE)
    found = page.evaluate("tags => axe.run({runOnly: tags}).then(result => result.violations)", TAGS)
    page.set_viewport_size(size)
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


def overflow(page) -> int:
    """How many pixels the page is too wide."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
