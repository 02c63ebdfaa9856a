"""Input of the directory app to clean values."""

from typing import Any

from django import forms

from accounts.forms.fields import OneLineField
from accounts.models import Agency, User
from directory.enums import Category
from directory.models import Backlink, MatchingPreference

_PROOF_HELP = "The page that shows the link. It is checked after you complete the listing."


class ProofField(forms.URLField):
    """The page that shows the link."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            assume_scheme="https",
            required=False,
            max_length=2000,
            label="Proof URL",
            help_text=_PROOF_HELP,
            **kwargs,
        )

    def clean(self, value: Any) -> str:
        """Return a web address, "" when none was given."""
        url: str = super().clean(value)
        if url and not url.startswith(("http://", "https://")):
            raise forms.ValidationError("Start the URL with https:// or http://.")
        return url


class WorkForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """Notes, time and proof of an opportunity; for staff also who works on it."""

    proof_url = ProofField()
    minutes_spent = forms.IntegerField(
        min_value=0, max_value=100_000, required=False, label="Minutes spent"
    )
    notes = forms.CharField(
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="The client reads them too.",
    )

    class Meta:
        model = Backlink
        fields = ["proof_url", "minutes_spent", "notes", "assignee"]

    def __init__(self, *args: Any, agency: Agency | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if agency is None:
            del self.fields["assignee"]
            self.fields["notes"].help_text = "The agency reads them too."
        else:
            people = User.objects.filter(memberships__agency=agency).distinct()
            self.fields["assignee"] = forms.ModelChoiceField(
                people.order_by("name", "pk"),
                required=False,
                label="Assigned to",
                empty_label="Nobody",
                initial=self.instance.assignee_id,
            )

    def clean_minutes_spent(self) -> int:
        """Read an empty field as none."""
        return self.cleaned_data["minutes_spent"] or 0


class EndForm(forms.Form):
    """How an opportunity ended."""

    reason = OneLineField(max_length=300, required=False, label="Why it is not applicable")
    proof_url = ProofField()


class PreferenceForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """Which directories are worth a client's time."""

    categories = forms.MultipleChoiceField(
        choices=Category.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None ticked means all.",
    )

    class Meta:
        model = MatchingPreference
        fields = ["max_price", "max_difficulty", "min_rating", "min_relevance", "categories"]
