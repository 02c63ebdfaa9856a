"""Whom to enrol, and where."""

from django import forms
from django.conf import settings

from accounts.models import Agency
from campaigns.enums import CampaignStatus
from campaigns.models import Campaign

OPEN = (
    CampaignStatus.DRAFT,
    CampaignStatus.IN_REVIEW,
    CampaignStatus.APPROVED,
    CampaignStatus.RUNNING,
    CampaignStatus.PAUSED,
)


class CampaignField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic at run time
    """A campaign, named with its client and status."""

    def label_from_instance(self, obj: Campaign) -> str:
        """Return the words of one choice."""
        client = f", {obj.client}" if obj.client else ""
        return f"{obj.name}{client} ({obj.get_status_display().lower()})"


class EnrolForm(forms.Form):
    """The campaign that chosen leads join."""

    campaign = CampaignField(Campaign.objects.none(), empty_label="Choose a campaign")

    def __init__(self, *args: object, agency: Agency, **kwargs: object) -> None:
        """Offer the agency's campaigns that people can still join, newest first."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # as Form takes them
        field = self.fields["campaign"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  # declared above
        field.queryset = (
            Campaign.objects.for_agency(agency)
            .filter(status__in=OPEN)
            .select_related("client")
            .order_by("-created_at")
        )


class OverrideForm(forms.Form):
    """Why someone is written to again within the cooldown."""

    override_reason = forms.CharField(
        label="Reason",
        max_length=300,
        min_length=5,
        help_text="Kept with each enrolment, for whoever asks later.",
    )


class EnrolFileForm(forms.Form):
    """A spreadsheet whose leads are to be imported and enrolled."""

    file = forms.FileField(
        label="Spreadsheet",
        help_text="CSV or XLSX with a header row. New leads are added, known ones kept.",
    )

    def clean_file(self) -> object:
        """Refuse what is too large to import."""
        file = self.cleaned_data["file"]
        if file.size > settings.IMPORT_MAX_BYTES:
            limit = settings.IMPORT_MAX_BYTES // (1024 * 1024)
            raise forms.ValidationError(f"The file is larger than {limit} MB; split it.")
        return file
