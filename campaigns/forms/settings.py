"""When, how much and from where a campaign sends, and what stops it."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.enums import ApprovalMode
from accounts.forms.fields import LinesField, TimeZoneField
from accounts.models import Agency, Client
from campaigns.enums import CampaignKind, ProspectType
from campaigns.forms.campaigns import ClientChoice, MailboxChoices
from campaigns.models import Campaign
from compliance.calendars import countries_with_holidays
from compliance.regions import country_code
from mailer.enums import MailboxStatus
from mailer.models import Mailbox

MAX_CAP = 100_000
_DAYS = tuple(
    enumerate(
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), start=1
    )
)
_TIME = {"type": "time", "step": 60}


class SettingsForm(forms.Form):
    """Everything of a campaign but its name and its words."""

    client = ClientChoice(required=False, empty_label="No client")
    kind = forms.ChoiceField(choices=CampaignKind.choices)
    prospect_type = forms.ChoiceField(
        label="Kind of link", choices=[("", "Any kind"), *ProspectType.choices], required=False
    )
    mailboxes = MailboxChoices(
        required=False,
        label="Send from",
        help_text="New people are shared out by what each mailbox has left; nobody changes"
        " mailbox within a thread.",
    )
    daily_cap = forms.IntegerField(
        label="E-mails a day",
        min_value=1,
        max_value=MAX_CAP,
        help_text="1 to 100,000, over all mailboxes. Mailboxes and recipient domains have caps"
        " of their own.",
    )
    send_days = forms.TypedMultipleChoiceField(
        label="Days", choices=_DAYS, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    send_from = forms.TimeField(label="From", widget=forms.TimeInput(attrs=_TIME, format="%H:%M"))
    send_until = forms.TimeField(label="Until", widget=forms.TimeInput(attrs=_TIME, format="%H:%M"))
    time_zone = TimeZoneField(label="Campaign’s time zone")
    in_recipient_time_zone = forms.BooleanField(
        label="Use each recipient’s time zone where it is known", required=False
    )
    start_on = forms.DateField(
        label="Not before",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Empty to start as soon as it is launched.",
    )
    holiday_countries = LinesField(
        label="Public holidays of",
        required=False,
        limit=20,
        help_text="Countries, one a line: GB or United Kingdom. Nothing is sent on their holidays.",
    )
    extra_holidays = LinesField(
        label="Other days off",
        required=False,
        item_length=10,
        limit=100,
        help_text="Dates, one a line, like 2026-12-24.",
    )
    track_opens = forms.BooleanField(
        label="Count opens", required=False, help_text="Puts an invisible picture into each e-mail."
    )
    track_clicks = forms.BooleanField(
        label="Count clicks", required=False, help_text="Leads links through your tracking domain."
    )
    stop_domain_on_reply = forms.BooleanField(
        label="When one person replies, stop for everyone at that domain", required=False
    )
    approval_mode = forms.ChoiceField(
        label="A manager approves", choices=ApprovalMode.choices, widget=forms.RadioSelect
    )

    sections = (
        ("What it is for", ("client", "kind", "prospect_type")),
        ("Who writes", ("mailboxes", "daily_cap")),
        ("When", ("send_days", "send_from", "send_until", "time_zone", "in_recipient_time_zone")),
        ("Start and days off", ("start_on", "holiday_countries", "extra_holidays")),
        ("Tracking", ("track_opens", "track_clicks")),
        ("Stops and approval", ("stop_domain_on_reply", "approval_mode")),
    )

    def __init__(self, *args: Any, campaign: Campaign, agency: Agency, **kwargs: Any) -> None:
        self.campaign = campaign
        names = [name for _, fields in self.sections for name in fields if name != "mailboxes"]
        initial = {name: getattr(campaign, name) for name in names}
        initial |= {"client": campaign.client_id, "mailboxes": campaign.mailboxes.all()}
        initial["send_days"] = campaign.send_days or [1, 2, 3, 4, 5]
        kwargs.setdefault("initial", initial)
        super().__init__(*args, **kwargs)
        clients = Client.objects.for_agency(agency).filter(is_archived=False)
        clients = clients | Client.objects.for_agency(agency).filter(pk=campaign.client_id or 0)
        self.fields["client"].queryset = clients  # type: ignore[attr-defined]  # a choice
        boxes = Mailbox.objects.for_agency(agency).exclude(status=MailboxStatus.ARCHIVED)
        self.fields["mailboxes"].queryset = boxes  # type: ignore[attr-defined]  # a choice

    def grouped(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Return the fields under their headings."""
        return [(title, [self[name] for name in names]) for title, names in self.sections]

    def clean_holiday_countries(self) -> list[str]:
        """Return ISO codes of countries whose holidays are known."""
        known = set(countries_with_holidays())
        codes = []
        for typed in self.cleaned_data["holiday_countries"]:
            code = country_code(typed)
            if code not in known:
                raise ValidationError(
                    f"“{typed[:40]}” is not a country whose holidays are known."
                    " Write a two-letter code like GB."
                )
            codes.append(code)
        return list(dict.fromkeys(codes))

    def clean_extra_holidays(self) -> list[str]:
        """Return ISO dates, sorted."""
        days = []
        for typed in self.cleaned_data["extra_holidays"]:
            try:
                days.append(dt.date.fromisoformat(typed))
            except ValueError as error:
                raise ValidationError(
                    f"“{typed}” is not a date. Write it like 2026-12-24."
                ) from error
        return [day.isoformat() for day in sorted(set(days))]

    def clean_start_on(self) -> dt.date | None:
        """Refuse dates nobody means; one that has passed may stay."""
        day: dt.date | None = self.cleaned_data["start_on"]
        today = timezone.localdate()
        if day and day != self.campaign.start_on and day < today - dt.timedelta(days=1):
            raise ValidationError("This day has passed. Leave it empty to start at once.")
        if day and day > today + dt.timedelta(days=730):
            raise ValidationError("Choose a day within two years.")
        return day

    def clean(self) -> dict[str, Any]:
        """Check that the window opens at all."""
        found: dict[str, Any] = super().clean() or {}
        start, end = found.get("send_from"), found.get("send_until")
        if start and end and start >= end:
            self.add_error("send_until", "Choose a time later than the beginning.")
        if found.get("kind") == CampaignKind.GENERAL:
            found["prospect_type"] = ""
        found["send_days"] = sorted(found.get("send_days") or [])
        return found
