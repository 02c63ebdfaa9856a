"""Agency settings, founding and closing an agency."""

from typing import Any

from django import forms

from accounts.enums import ApprovalMode
from accounts.forms.fields import OneLineField, TimeZoneField
from accounts.models import Agency


class NewAgencyForm(forms.Form):
    """What a new agency needs to exist."""

    name = OneLineField(
        label="Agency name",
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    time_zone = TimeZoneField(
        initial="UTC", help_text="Days and hours of sending are counted in it."
    )


class AgencyForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """Everything an owner or manager may set about the agency."""

    name = OneLineField(max_length=120)
    time_zone = TimeZoneField(help_text="Days and hours of sending are counted in it.")
    sender_name = OneLineField(
        label="Legal sender name",
        max_length=120,
        required=False,
        help_text="The company that stands behind the e-mails, as registered.",
    )
    approval_mode = forms.ChoiceField(
        label="A manager approves",
        choices=ApprovalMode.choices,
        help_text="What new campaigns start with; each campaign can choose its own.",
    )

    class Meta:
        model = Agency
        fields = (
            "name",
            "time_zone",
            "sender_name",
            "postal_address",
            "user_daily_cap",
            "recipient_domain_daily_cap",
            "cooldown_days",
            "approval_mode",
            "link_trap",
        )
        labels = {
            "user_daily_cap": "E-mails a member may send in a day",
            "recipient_domain_daily_cap": "E-mails a day to one recipient domain",
            "cooldown_days": "Days before writing to the same person again",
        }
        help_texts = {
            "user_daily_cap": "1 to 100,000. Counted over all campaigns a member owns.",
            "recipient_domain_daily_cap": "1 to 10,000.",
            "cooldown_days": "0 to 730. Counts across all campaigns and clients of the agency.",
        }
        widgets = {"postal_address": forms.Textarea(attrs={"rows": 3})}

    def clean_postal_address(self) -> str:
        """Return the address without blank lines around and inside."""
        lines = [
            " ".join(line.split()) for line in self.cleaned_data["postal_address"].splitlines()
        ]
        return "\n".join(line for line in lines if line)


class CloseAgencyForm(forms.Form):
    """The agency's name, typed by hand."""

    typed_name = forms.CharField(label="Agency name", max_length=200, strip=True)

    def __init__(self, *args: Any, agency: Agency, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["typed_name"].help_text = f"Type “{agency.name}” to confirm."
        self.fields["typed_name"].widget.attrs["autocomplete"] = "off"
