"""Forms of the pages for users and teams."""

from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm.people.models import Team, User


class UserForm(forms.ModelForm):  # type: ignore[type-arg]
    role = forms.ModelChoiceField(label=_("Role"), queryset=Group.objects.order_by("pk"))
    password = forms.CharField(
        label=_("New password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password", "dir": "ltr"}),
        help_text=_("Leave it empty to keep the present one."),
    )

    class Meta:
        model = User
        fields = ("username", "first_name", "last_name", "email", "team", "language", "is_active")
        labels = {"is_active": _("May sign in")}
        help_texts = {"username": "", "is_active": ""}
        widgets = {"username": forms.TextInput({"dir": "ltr"}), "email": forms.EmailInput({"dir": "ltr"})}

    field_order = ("first_name", "last_name", "username", "password", "email", "role", "team", "language", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial.setdefault("role", self.instance.groups.first())
        else:
            self.fields["password"].required = True
            self.fields["password"].help_text = ""

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if password:
            validate_password(password, self.instance)
        return password


class TeamForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Team
        fields = ("name",)
        widgets = {"name": forms.TextInput({"dir": "auto"})}

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"].strip()
        if not name:
            raise ValidationError(_("Enter a name."))
        return name
