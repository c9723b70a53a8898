"""The form to change one's password, in the product's look."""

from typing import Any

from allauth.account.forms import ChangePasswordForm


class PasswordForm(ChangePasswordForm):  # type: ignore[misc]
    """Passwords are typed left to right; the label says what goes in, so there is no placeholder."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
            field.widget.attrs["dir"] = "ltr"
