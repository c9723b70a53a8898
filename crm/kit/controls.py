"""How form controls become HTML. Django renders each by templates that include templates, and a page of a record has eighty."""

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from django.forms.renderers import TemplatesSetting
from django.utils.formats import localize
from django.utils.html import conditional_escape
from django.utils.safestring import SafeData
from django.utils.timezone import template_localtime  # type: ignore[attr-defined]

Widget = Mapping[str, Any]  # what `Widget.get_context` gives to the template
FOLDER = "django/forms/widgets"
OPTION = f"{FOLDER}/select_option.html"


class Renderer(TemplatesSetting):
    """Writes the plain controls straight away, to the character as Django's templates would; all others go through their template."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        draw = DRAWN.get(template_name)
        return draw(self, context["widget"]) if draw else super().render(template_name, context, request)

    def input(self, widget: Widget) -> str:
        value = "" if widget["value"] is None else f' value="{_formatted(widget["value"])}"'
        return f'<input type="{_shown(widget["type"])}" name="{_shown(widget["name"])}"{value}{_attributes(widget)}>'

    def textarea(self, widget: Widget) -> str:
        value = _shown(widget["value"]) if widget["value"] else ""
        return f'<textarea name="{_shown(widget["name"])}"{_attributes(widget)}>\n{value}</textarea>'

    def select(self, widget: Widget) -> str:
        groups = "".join(self._group(name, options) for name, options, _index in widget["optgroups"])
        return f'<select name="{_shown(widget["name"])}"{_attributes(widget)}>{groups}\n</select>'

    def _group(self, name: Any, options: list[dict[str, Any]]) -> str:
        drawn = "".join(f"\n  {self._option(option)}" for option in options)
        return f'\n  <optgroup label="{_shown(name)}">{drawn}\n  </optgroup>' if name else drawn

    def _option(self, widget: Widget) -> str:
        if widget["template_name"] != OPTION:
            own: Any = self.get_template(widget["template_name"])
            return str(own.render({"widget": widget}))
        value = _formatted(widget["value"])
        return f'<option value="{value}"{_attributes(widget)}>{_shown(widget["label"])}</option>\n'


def _attributes(widget: Widget) -> str:
    """As attrs.html writes them: True has no value, False isn't there."""
    return "".join(
        f" {_shown(name)}" if value is True else f' {_shown(name)}="{_formatted(value)}"'
        for name, value in widget["attrs"].items()
        if value is not False
    )


def _formatted(value: Any) -> str:
    """`{{ value|stringformat:"s" }}`."""
    return str(value) if isinstance(value, SafeData) else escape(str(value))


def _shown(value: Any) -> str:
    """`{{ value }}`."""
    return escape(value) if type(value) is str else conditional_escape(localize(template_localtime(value)))


INPUTS = ("text", "number", "email", "url", "password", "hidden", "date", "datetime", "time", "checkbox")
DRAWN: dict[str, Callable[[Renderer, Widget], str]] = {
    **{f"{FOLDER}/{name}.html": Renderer.input for name in INPUTS},
    f"{FOLDER}/textarea.html": Renderer.textarea,
    f"{FOLDER}/select.html": Renderer.select,
}
