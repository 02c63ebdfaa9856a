"""allauth's forms in the product's words; settings name them in ACCOUNT_FORMS."""

from typing import TYPE_CHECKING, Any

from allauth.account import forms as theirs

if TYPE_CHECKING:
    from django.forms import Field

_HINT = "At least 8 characters. Not a common password, not only digits, nothing like your name."
_LABELS = {"Email": "E-mail address", "Email address": "E-mail address"}


class _OurWords:
    """Renames fields after allauth has made them."""

    fields: "dict[str, Field]"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = _LABELS.get(str(field.label), field.label)
            field.widget.attrs.pop("placeholder", None)
            if name == "password1":
                field.help_text = _HINT


class SignupForm(_OurWords, theirs.SignupForm):  # type: ignore[misc]  # allauth ships no types
    """Opening an account."""


class LoginForm(_OurWords, theirs.LoginForm):  # type: ignore[misc]  # allauth ships no types
    """Logging in."""


class ResetPasswordForm(_OurWords, theirs.ResetPasswordForm):  # type: ignore[misc]  # untyped
    """Asking for a new password."""


class ResetPasswordKeyForm(_OurWords, theirs.ResetPasswordKeyForm):  # type: ignore[misc]  # untyped
    """Choosing the new password."""


class ChangePasswordForm(_OurWords, theirs.ChangePasswordForm):  # type: ignore[misc]  # untyped
    """Changing the password."""


class AddEmailForm(_OurWords, theirs.AddEmailForm):  # type: ignore[misc]  # untyped
    """Adding an address."""
