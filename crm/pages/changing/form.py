"""Which field of many records is to change, and to what."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from crm.fields import registry
from crm.fields.kinds import LINK, USER
from crm.pages.forms import make_field
from crm.records.validation import validate
from crm.related import filing


class ValueForm(forms.Form):
    """The value that all chosen records are to get, in the field's own control, checked as in the record's own form."""

    def __init__(self, field: registry.Field, user: Any, value: Any, data: Any = None) -> None:
        super().__init__(data, initial={field.key: value}, auto_id="value-%s", label_suffix="")
        self.field, self.user = field, user
        made: Any = make_field(field, user, value)
        if field.kind is USER and value is None:
            made.choices = [("", _("Choose a user")), *made.choices]
        self.fields[field.key] = made

    @property
    def control(self) -> forms.BoundField:
        return self[self.field.key]

    @property
    def value(self) -> Any:
        return self.cleaned_data[self.field.key]

    def clean(self) -> dict[str, Any]:
        """Refuse a link to what the user may not see, or to a user who left."""
        if self.field.key in self.cleaned_data:
            trial: Any = registry.module(self.field.module).model()
            self.field.set(trial, self.value)
            try:
                validate(trial, by=self.user, only=(self.field.key,))
            except ValidationError as error:
                for text in filing.errors_of(error).get(self.field.key, []):
                    self.add_error(self.field.key, text)
        return self.cleaned_data


def choosable(module: registry.Module, user: Any) -> Iterator[registry.Field]:
    """The fields that the user may give a value to; links only to what they may see."""
    seen = {one.key for one in registry.modules() if user.has_perm(one.permission("view"))}
    known = {one.key for one in registry.modules()}
    return (field for field in module.editable() if field.kind is not LINK or field.to in seen or field.to not in known)
