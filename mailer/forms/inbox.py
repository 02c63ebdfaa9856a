"""What members type and choose in the inbox."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from mailer.conversations import colleagues
from mailer.services.threads import CORRECTIONS

if TYPE_CHECKING:
    from accounts.models import Agency, User

MAX_REPLY = 20_000
LONGEST = dt.timedelta(days=366)
PRESETS = (
    ("hours", "In three hours"),
    ("tomorrow", "Tomorrow, 9:00"),
    ("monday", "Monday, 9:00"),
    ("week", "In a week"),
)


class ReplyForm(forms.Form):
    """An answer; its key makes sure that a second click sends nothing twice."""

    text = forms.CharField(
        max_length=MAX_REPLY,
        strip=True,
        error_messages={"required": "Write the reply before you send it."},
    )
    key = forms.RegexField(r"^[\w-]{8,64}$", error_messages={"invalid": "Reload the page."})

    def clean_text(self) -> str:
        """Return the text with plain line ends."""
        return str(self.cleaned_data["text"]).replace("\r\n", "\n")


class CorrectionForm(forms.Form):
    """What an answer really is."""

    value = forms.ChoiceField(choices=CORRECTIONS)


class SnoozeForm(forms.Form):
    """Until when a thread is put aside: a preset, or a moment of the agency's time zone."""

    preset = forms.ChoiceField(choices=PRESETS, required=False)
    until = forms.DateTimeField(required=False, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d"])

    def __init__(self, *args: Any, agency: Agency, **kwargs: Any) -> None:
        self.zone = agency.zone
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """Work out the moment, which must lie ahead."""
        cleaned = super().clean() or {}
        now = timezone.now().astimezone(self.zone)
        moment = self._preset(cleaned.get("preset", ""), now) or self._typed(cleaned)
        if moment is None and not self.errors:
            raise ValidationError("Choose until when to snooze this conversation.")
        if moment is not None and not now < moment <= now + LONGEST:
            raise ValidationError("Choose a moment that lies ahead, within a year.")
        cleaned["until"] = moment
        return cleaned

    def _typed(self, cleaned: dict[str, Any]) -> dt.datetime | None:
        typed = cast("dt.datetime | None", cleaned.get("until"))
        return typed.replace(tzinfo=self.zone) if typed else None

    def _preset(self, name: str, now: dt.datetime) -> dt.datetime | None:
        morning = now.replace(hour=9, minute=0, second=0, microsecond=0)
        moments = {
            "hours": now + dt.timedelta(hours=3),
            "tomorrow": morning + dt.timedelta(days=1),
            "monday": morning + dt.timedelta(days=7 - now.weekday()),
            "week": morning + dt.timedelta(days=7),
        }
        return moments.get(name)


class AssignForm(forms.Form):
    """To whom a thread is given."""

    assignee = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, agency: Agency, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._people = {str(user.pk): user for user in colleagues(agency)}
        field = cast("forms.ChoiceField", self.fields["assignee"])
        field.choices = [("", "Nobody"), *[(pk, str(user)) for pk, user in self._people.items()]]

    def user(self) -> User | None:
        """Return the member chosen, or None for nobody."""
        return self._people.get(self.cleaned_data["assignee"])
