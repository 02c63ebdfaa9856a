"""A new campaign, and its name."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.forms.fields import OneLineField
from accounts.models import Agency, Client
from campaigns.enums import CampaignKind, ProspectType
from mailer.enums import MailboxStatus
from mailer.models import Mailbox


class ClientChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # not subscriptable
    """One of the agency's clients."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Client.objects.none(), **kwargs)


class MailboxChoices(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # as above
    """Some of the agency's mailboxes, each shown with its state."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            queryset=Mailbox.objects.none(), widget=forms.CheckboxSelectMultiple, **kwargs
        )

    def label_from_instance(self, obj: Any) -> str:
        """Return the address, and what stands against sending from it."""
        state = "" if obj.status == "active" else f" ({obj.get_status_display().lower()})"
        return f"{obj.address}{state}"


class CampaignForm(forms.Form):
    """What a campaign needs to exist; the rest has defaults."""

    name = OneLineField(max_length=120, help_text="Seen only by your team.")
    client = ClientChoice(
        required=False,
        empty_label="No client",
        help_text="Its target pages and offer become variables of the templates.",
    )
    kind = forms.ChoiceField(
        choices=CampaignKind.choices,
        widget=forms.RadioSelect,
        initial=CampaignKind.LINK_BUILDING,
    )
    prospect_type = forms.ChoiceField(
        label="Kind of link",
        choices=[("", "Any kind"), *ProspectType.choices],
        required=False,
        help_text="Matched with what each site says it accepts.",
    )
    mailboxes = MailboxChoices(
        required=False,
        label="Send from",
        help_text="Each person hears from one mailbox only, however many you choose.",
    )

    def __init__(self, *args: Any, agency: Agency, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["client"].queryset = _clients(agency)  # type: ignore[attr-defined]  # a choice
        boxes = Mailbox.objects.for_agency(agency).exclude(status=MailboxStatus.ARCHIVED)
        self.fields["mailboxes"].queryset = boxes  # type: ignore[attr-defined]  # a choice

    def clean(self) -> dict[str, Any]:
        """Drop the kind of link where no link is asked for."""
        found: dict[str, Any] = super().clean() or {}
        if found.get("kind") == CampaignKind.GENERAL:
            found["prospect_type"] = ""
        return found


class RenameForm(forms.Form):
    """Another name for a campaign."""

    name = OneLineField(max_length=120)


def _clients(agency: Agency) -> QuerySet[Client]:
    return Client.objects.for_agency(agency).filter(is_archived=False)
