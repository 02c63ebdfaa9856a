"""Input of the leads app to clean values."""

from collections.abc import Mapping
from typing import Any

from django import forms

from accounts.models import Agency, Client, User
from leads.importing.cleaning import CleaningError, clean_address, clean_website
from leads.importing.mapping import CUSTOM, FIELDS
from leads.models import Lead, SavedView
from leads.rules.places import country_choices
from leads.rules.zones import zone_named

FIELD_LABELS: Mapping[str, str] = {
    "email": "E-mail",
    "first_name": "First name",
    "last_name": "Last name",
    "name": "Full name",
    "job_title": "Job title",
    "company": "Company",
    "website": "Website",
    "phone": "Phone",
    "linkedin": "LinkedIn",
    "city": "City",
    "region": "State or province",
    "country": "Country",
    "time_zone": "Time zone",
    "domain_rating": "Domain rating",
    "verification": "Address verification",
}
DUPLICATES = (
    ("fill", "Fill in what is empty, keep everything else"),
    ("overwrite", "Overwrite with what the file says"),
    ("skip", "Leave them as they are"),
)


class LeadForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """One lead by hand."""

    country = forms.ChoiceField(required=False)
    time_zone = forms.CharField(
        required=False, max_length=64, help_text="Like Europe/Paris. Empty: from the country."
    )
    domain_rating = forms.IntegerField(required=False, min_value=0, max_value=100)

    class Meta:
        model = Lead
        fields = [
            "email",
            "first_name",
            "last_name",
            "job_title",
            "company",
            "website",
            "phone",
            "linkedin",
            "city",
            "region",
            "country",
            "time_zone",
            "domain_rating",
            "client",
            "owner",
        ]

    def __init__(self, *args: Any, agency: Agency, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unknown = [("", "Unknown: infer it from the domain or phone")]
        fields: dict[str, Any] = self.fields
        fields["country"].choices = [*unknown, *country_choices()]
        fields["client"].queryset = Client.objects.for_agency(agency)
        fields["client"].empty_label, fields["owner"].empty_label = "No client", "Nobody"
        fields["owner"].queryset = User.objects.filter(memberships__agency=agency)
        for name, label in FIELD_LABELS.items():
            if name in fields:
                fields[name].label = label
        fields["region"].help_text = ""
        fields["email"].widget.input_type = "email"
        for place in ("country", "time_zone"):
            if getattr(self.instance, f"{place}_source") != "given":
                self.initial[place] = ""

    def clean_email(self) -> str | None:
        """Return the normalised address, None when there is none."""
        return self._cleaned("email", clean_address) or None

    def clean_website(self) -> str:
        """Return the site's URL."""
        return self._cleaned("website", clean_website)

    def clean_time_zone(self) -> str:
        """Return an IANA zone."""
        text = self.cleaned_data["time_zone"]
        if text and not zone_named(text):
            raise forms.ValidationError(
                "No time zone goes by this name; write it like Europe/Paris."
            )
        return zone_named(text) if text else ""

    def clean(self) -> dict[str, Any]:
        """Ask for something to know the lead by."""
        data = super().clean() or {}
        if not self.errors and not data.get("email") and not data.get("website"):
            raise forms.ValidationError("Give an e-mail address or a website.")
        return data

    def _cleaned(self, name: str, clean: Any) -> str:
        text = (self.cleaned_data[name] or "").strip()
        if not text:
            return ""
        try:
            return str(clean(text))
        except CleaningError as error:
            raise forms.ValidationError(str(error)) from error


class UploadForm(forms.Form):
    """A spreadsheet, and whom its leads are for."""

    file = forms.FileField(label="Spreadsheet", allow_empty_file=True)
    client = forms.ModelChoiceField(
        queryset=Client.objects.none(), required=False, empty_label="No client yet"
    )

    def __init__(self, *args: Any, agency: Agency, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["client"].queryset = Client.objects.for_agency(agency)
        fields["file"].widget.attrs["accept"] = ".csv,.tsv,.txt,.xlsx,.xlsm,.xls,.ods"


class MappingForm(forms.Form):
    """Which column is which field; one select a column."""

    duplicates = forms.ChoiceField(
        choices=DUPLICATES, initial="fill", label="Leads you already have", widget=forms.RadioSelect
    )

    def __init__(
        self, *args: Any, columns: list[str], mapping: Mapping[str, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._columns = columns
        for position, column in enumerate(columns):
            target = mapping.get(column, "")
            self.fields[f"column_{position}"] = forms.ChoiceField(
                choices=_targets(target, column),
                required=False,
                initial=target,
                label=column,
                widget=forms.Select(attrs={"class": "select"}),
            )

    def mapping(self) -> dict[str, str]:
        """Return column → target as chosen."""
        return {
            column: self.cleaned_data[f"column_{position}"]
            for position, column in enumerate(self._columns)
        }


def _targets(target: str, column: str) -> list[Any]:
    custom = target if target.startswith(CUSTOM) else "custom"
    name = target.removeprefix(CUSTOM) if target.startswith(CUSTOM) else "named after the column"
    return [
        ("", "Leave out"),
        (custom, f"Custom field: {name}"),
        ("Fields", [(field, FIELD_LABELS[field]) for field in FIELDS]),
    ]


class NoteForm(forms.Form):
    """A note for the timeline."""

    text = forms.CharField(
        max_length=300,
        label="Note",
        widget=forms.TextInput(attrs={"placeholder": "What should the others know?"}),
    )


class ViewForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A saved view's name, and whether the others see it."""

    class Meta:
        model = SavedView
        fields = ["name", "query", "shared"]
