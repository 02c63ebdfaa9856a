"""Input of the compliance app to clean values; never saves."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from compliance.enums import ConsentBasis, Region, Requirement, SuppressionKind, SuppressionReason
from compliance.list_files import read_value
from compliance.rules import MAILBOX_PROVIDERS
from foundation.addresses import normalise_address

_MOST_LINES = 1000
_ERRORS_SHOWN = 10
_LINES = {"rows": 8, "spellcheck": "false", "autocapitalize": "off", "autocomplete": "off"}


def _day_input() -> forms.DateInput:
    """Return a browser's own date field, which reads ISO dates only."""
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def clean_lines(text: str, read: Any) -> list[Any]:
    """Return what `read` makes of each line; raise one `ValidationError` naming bad lines."""
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(lines) > _MOST_LINES:
        raise ValidationError(f"These are more than {_MOST_LINES} lines. Import a file instead.")
    values, errors = [], []
    for number, line in lines:
        try:
            values.append(read(line))
        except ValidationError as error:
            errors.append(f"Line {number}, “{line.strip()[:80]}”: {' '.join(error.messages)}")
    if errors:
        more = len(errors) - _ERRORS_SHOWN
        shown = errors[:_ERRORS_SHOWN] + ([f"And {more} more lines."] if more > 0 else [])
        raise ValidationError(shown)
    return values


class SuppressForm(forms.Form):
    """Addresses and domains to suppress, one a line."""

    values = forms.CharField(
        label="Addresses or domains",
        max_length=100_000,
        widget=forms.Textarea(attrs=_LINES),
        help_text="One on each line: ann@site.example for one person, site.example for everyone"
        " there.",
    )
    reason = forms.ChoiceField(
        choices=[
            choice
            for choice in SuppressionReason.choices
            if choice[0] not in {SuppressionReason.IMPORTED, SuppressionReason.ERASED}
        ],
        initial=SuppressionReason.MANUAL,
    )
    source = forms.CharField(
        label="Where you heard it",
        required=False,
        max_length=200,
        help_text="For example: told Maya on the phone.",
    )

    def clean_values(self) -> dict[SuppressionKind, list[str]]:
        """Return the normalised values by kind."""
        found: dict[SuppressionKind, list[str]] = {}
        for kind, value in clean_lines(self.cleaned_data["values"], _read_suppression):
            found.setdefault(kind, []).append(value)
        return found


def _read_suppression(line: str) -> tuple[SuppressionKind, str]:
    kind, value = read_value(line)
    if kind == SuppressionKind.DOMAIN and value in MAILBOX_PROVIDERS:
        raise ValidationError(
            f"Everyone with a {value} address would be suppressed. Name the addresses instead."
        )
    return kind, value


class RemoveSuppressionsForm(forms.Form):
    """Why suppressions are lifted."""

    reason = forms.CharField(
        label="Why they may be written to again",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Kept in the audit log, with your name. For example: asked us on 3 March to"
        " write again.",
    )


class SuppressionFileForm(forms.Form):
    """A list to import."""

    file = forms.FileField(
        label="File",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
        help_text="CSV or XLSX, at most 10 MB and 100,000 lines. One address or domain a line;"
        " a column named “reason” is read too.",
    )


class ConsentForm(forms.Form):
    """Evidence that people agreed to be written to."""

    addresses = forms.CharField(
        max_length=100_000,
        widget=forms.Textarea(attrs=_LINES | {"rows": 4}),
        help_text="One on each line, all with the same evidence.",
    )
    basis = forms.ChoiceField(choices=ConsentBasis.choices, initial=ConsentBasis.CONSENT)
    evidence = forms.CharField(
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What they agreed to, how, and where the proof is kept.",
    )
    obtained_at = forms.DateField(label="Given on", widget=_day_input(), initial=timezone.localdate)
    expires_at = forms.DateField(
        label="Holds until",
        required=False,
        widget=_day_input(),
        help_text="Empty when no end was agreed.",
    )

    def clean_addresses(self) -> list[str]:
        """Return the normalised addresses."""
        return clean_lines(self.cleaned_data["addresses"], normalise_address)

    def clean_obtained_at(self) -> dt.datetime:
        """Return the start of the day; it cannot lie ahead."""
        day: dt.date = self.cleaned_data["obtained_at"]
        if day > timezone.localdate() + dt.timedelta(days=1):
            raise ValidationError("This day has not come yet.")
        return dt.datetime.combine(day, dt.time.min, tzinfo=dt.UTC)

    def clean_expires_at(self) -> dt.datetime | None:
        """Return the end of the day."""
        day: dt.date | None = self.cleaned_data["expires_at"]
        if day is None:
            return None
        return dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min, tzinfo=dt.UTC)

    def clean(self) -> dict[str, Any]:
        """Refuse an end before the beginning."""
        given, ends = self.cleaned_data.get("obtained_at"), self.cleaned_data.get("expires_at")
        if given and ends and ends <= given:
            self.add_error("expires_at", "It ends before it was given.")
        return self.cleaned_data


class AssessmentForm(forms.Form):
    """The three parts of an assessment of legitimate interest."""

    purpose = forms.CharField(
        label="Purpose: what interest do you pursue?",
        min_length=20,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="For example: earning links to our clients’ pages from sites on their subject.",
    )
    necessity = forms.CharField(
        label="Necessity: why is e-mail needed for it, and nothing milder?",
        min_length=20,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    balancing = forms.CharField(
        label="Balance: why do the recipient’s interests not outweigh it?",
        min_length=20,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What they may expect, what you hold on them, how they can refuse.",
    )


class RegionRulesForm(forms.Form):
    """What the agency asks for in each region."""

    def __init__(self, *args: Any, requirements: dict[Region, Requirement], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for region in Region:
            self.fields[region.value] = forms.ChoiceField(
                label=region.label,
                choices=Requirement.choices,
                initial=requirements[region],
            )

    def rules(self) -> dict[Region, Requirement]:
        """Return the requirement chosen for every region."""
        return {region: Requirement(self.cleaned_data[region.value]) for region in Region}


class PersonForm(forms.Form):
    """Whose data is asked for."""

    address = forms.CharField(
        label="E-mail address",
        max_length=320,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "placeholder": "ann@site.example"}),
    )

    def clean_address(self) -> str:
        """Return the normalised address."""
        return normalise_address(self.cleaned_data["address"])


class ErasePersonForm(PersonForm):
    """Whose data is erased, with the promise that they were told."""

    sure = forms.BooleanField(
        label="I have checked that this person asked for it, and know that it cannot be undone."
    )


class LogFilterForm(forms.Form):
    """Filters of the logs; what cannot be read filters nothing."""

    q = forms.CharField(required=False, max_length=120)
    actor = forms.IntegerField(required=False, min_value=1)
    action = forms.CharField(required=False, max_length=120)
    outcome = forms.CharField(required=False, max_length=8)
    kind = forms.CharField(required=False, max_length=40)
    reason = forms.CharField(required=False, max_length=16)
    since = forms.DateField(required=False)
    until = forms.DateField(required=False)

    def values(self) -> dict[str, Any]:
        """Return the filters given and readable."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}
