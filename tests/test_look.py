"""Rules for templates and styles that a reviewer would otherwise have to look for."""

import re

import pytest
from django.conf import settings

TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
STYLES = sorted((settings.BASE_DIR / "static/css").glob("*.css"))
SCRIPTS = sorted((settings.BASE_DIR / "static/js").glob("*.js"))
ICONS = set(re.findall(r'<symbol id="([^"]+)"', (settings.BASE_DIR / "static/icons.svg").read_text()))
PHYSICAL = re.compile(
    r"(?:^|[\s;{])(?:(?:margin|padding|border)-(?:left|right)|left|right)\s*:|(?:text-align|float)\s*:\s*(?:left|right)"
)


def name(path):
    return str(path.relative_to(settings.BASE_DIR))


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_templates_hold_no_inline_style_or_script(path):
    assert not re.findall(r"\sstyle=|\son[a-z]+=|<style|<script(?![^>]*\ssrc=)|javascript:", path.read_text())


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_templates_name_icons_that_exist(path):
    assert set(re.findall(r'{% icon "([^"]+)"', path.read_text())) <= ICONS


@pytest.mark.parametrize("path", STYLES, ids=name)
def test_styles_know_start_and_end_only(path):
    assert not PHYSICAL.findall(path.read_text())


@pytest.mark.parametrize("path", STYLES, ids=name)
def test_colours_are_tokens(path):
    colours = re.findall(r"#[0-9a-fA-F]{3,8}\b", path.read_text())
    assert not colours or path.name in ("tokens.css", "account.css")


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_scripts_are_small_and_run_no_text(path):
    script = path.read_text()
    assert len(script.splitlines()) < 100
    assert not re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|\beval\(|new Function", script)
