"""A template of the library."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.forms.fields import OneLineField
from campaigns.templating import syntax_error

BODY_LIMIT = 20_000


class BodyField(forms.CharField):
    """The body of an e-mail: plain text with Liquid, line breaks kept."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault(
            "widget", forms.Textarea(attrs={"rows": 14, "spellcheck": "true", "data-liquid": ""})
        )
        super().__init__(max_length=BODY_LIMIT, **kwargs)

    def to_python(self, value: Any) -> str:
        """Return the text with plain line breaks."""
        return str(super().to_python(value) or "").replace("\r\n", "\n").replace("\r", "\n")


class TemplateForm(forms.Form):
    """Name, category and text of a template; one with a mistake in its Liquid is not kept."""

    name = OneLineField(max_length=120)
    category = OneLineField(
        max_length=60,
        required=False,
        help_text="For example Guest post, Broken link, Follow-up.",
        widget=forms.TextInput(attrs={"list": "categories", "autocomplete": "off"}),
    )
    subject = OneLineField(
        max_length=500,
        required=False,
        help_text="A follow-up in the same thread needs none.",
        widget=forms.TextInput(attrs={"data-liquid": "", "autocomplete": "off"}),
    )
    body = BodyField()

    def clean(self) -> dict[str, Any]:
        """Refuse Liquid that cannot be read, at the field it stands in."""
        found: dict[str, Any] = super().clean() or {}
        for name in ("subject", "body"):
            if error := syntax_error(**{"subject": "", "body": "", name: found.get(name, "")}):
                self.add_error(name, ValidationError(said_of_field(error), code="liquid"))
        return found


def said_of_field(error: str) -> str:
    """Return a template's error without naming the field it already stands at."""
    text = error.removeprefix("Subject").removeprefix("Body").lstrip(",: ")
    return text[:1].upper() + text[1:]
