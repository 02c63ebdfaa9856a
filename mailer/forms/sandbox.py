"""What one answers as a prospect in the sandbox."""

from typing import Any

from django import forms

from mailer.sandbox.prospects import Preset


class ProspectForm(forms.Form):
    """A preset, with words or a date where it needs them."""

    preset = forms.ChoiceField(choices=Preset.choices, label="Answer")
    text = forms.CharField(
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        label="Words",
        help_text="Empty for the preset’s own.",
    )
    return_date = forms.DateField(
        required=False, label="Back on", widget=forms.DateInput(attrs={"type": "date"})
    )

    def clean(self) -> dict[str, Any]:
        """Ask for words where a preset has none."""
        cleaned = super().clean() or {}
        if cleaned.get("preset") == Preset.FREE and not cleaned.get("text", "").strip():
            self.add_error("text", "Write what the prospect answers.")
        return cleaned
