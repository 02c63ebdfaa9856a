"""One e-mail of a sequence, with the timing of its step."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.forms.fields import OneLineField
from campaigns.enums import ThreadMode, VariantStatus, WaitUnit
from campaigns.forms.templates import BodyField, said_of_field
from campaigns.models import StepVariant
from campaigns.templating import syntax_error


class EmailForm(forms.Form):
    """Wording and weight of a variant; wait and thread of its step.

    A text with a mistake in its Liquid may be kept while it is written, since submitting
    refuses it; the form says so as `warnings`.
    """

    subject = OneLineField(
        max_length=500,
        required=False,
        widget=forms.TextInput(attrs={"data-liquid": "", "autocomplete": "off"}),
    )
    body = BodyField(required=False)
    wait = forms.IntegerField(label="Wait", min_value=1, max_value=365, required=False)
    wait_unit = forms.ChoiceField(label="Counted in", choices=WaitUnit.choices, required=False)
    thread_mode = forms.ChoiceField(label="Sent as", choices=ThreadMode.choices, required=False)
    weight = forms.IntegerField(
        label="Weight",
        min_value=1,
        max_value=100,
        help_text="1 to 100: its share of the people, beside the other variants.",
    )
    status = forms.ChoiceField(label="This variant is", choices=VariantStatus.choices)

    def __init__(self, *args: Any, variant: StepVariant, **kwargs: Any) -> None:
        self.variant = variant
        kwargs.setdefault("initial", _stored(variant))
        super().__init__(*args, **kwargs)
        if variant.step.order == 1:
            for name in ("wait", "wait_unit", "thread_mode"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """Fill in what the first step has fixed; a follow-up must say when it goes."""
        found: dict[str, Any] = super().clean() or {}
        if self.variant.step.order == 1:
            found |= {"wait": 0, "thread_mode": ThreadMode.NEW, "wait_unit": self._unit()}
        elif "wait" in found and found["wait"] is None:
            self.add_error("wait", ValidationError("Say how long to wait, 1 to 365."))
        found["wait_unit"] = found.get("wait_unit") or self._unit()
        found["thread_mode"] = found.get("thread_mode") or self.variant.step.thread_mode
        return found

    def _unit(self) -> str:
        return self.variant.step.wait_unit

    @property
    def warning(self) -> str:
        """What is wrong with the Liquid as it stands; "" when nothing is."""
        subject, body = self.text
        error = syntax_error(subject, body)
        return said_of_field(error) if error.startswith("Body") else error

    @property
    def text(self) -> tuple[str, str]:
        """Subject and body as they stand in the form."""
        source = self.data if self.is_bound else self.initial
        return str(source.get("subject", "")), str(source.get("body", ""))


def _stored(variant: StepVariant) -> dict[str, Any]:
    step = variant.step
    return {
        "subject": variant.subject,
        "body": variant.body,
        "weight": variant.weight,
        "status": variant.status,
        "wait": step.wait or 3,
        "wait_unit": step.wait_unit,
        "thread_mode": step.thread_mode,
    }
