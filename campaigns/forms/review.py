"""What a reviewer says."""

from django import forms

from campaigns.templating import syntax_error


class EditEmailForm(forms.Form):
    """One e-mail's own wording, Liquid allowed."""

    subject = forms.CharField(max_length=500, required=False)
    body = forms.CharField(
        max_length=20_000, widget=forms.Textarea(attrs={"rows": 16, "class": "textarea"})
    )

    def clean(self) -> dict[str, object]:
        """Refuse what cannot be read as a template."""
        values = self.cleaned_data
        wrong = syntax_error(values.get("subject", ""), values.get("body", ""))
        if wrong:
            raise forms.ValidationError(wrong)
        return values


class SkipForm(forms.Form):
    """Why an e-mail is left out."""

    reason = forms.CharField(max_length=300, required=False)


class NoteForm(forms.Form):
    """What the author should change."""

    note = forms.CharField(
        label="What should change?",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4, "class": "textarea"}),
    )
