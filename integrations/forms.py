"""Input of the integrations app to clean values; never saves."""

from django import forms

from integrations.enums import Provider

_MOST_CALLS = 1_000_000


class AccountForm(forms.Form):
    """An account at a provider; an empty password keeps the stored one."""

    provider = forms.ChoiceField(choices=Provider.choices)
    login = forms.CharField(
        label="API login",
        max_length=200,
        help_text="As the provider’s dashboard shows it under API access.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    secret = forms.CharField(
        label="API password",
        max_length=500,
        strip=True,
        required=False,
        help_text="Stored encrypted and never shown again.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=False),
    )
    monthly_limit = forms.IntegerField(
        label="Calls a month, at most",
        min_value=0,
        max_value=_MOST_CALLS,
        initial=1000,
        help_text="No call is made past it. A call costs a few cents at most.",
    )

    def __init__(self, *args: object, has_secret: bool = False, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # a form's own arguments
        self.fields["secret"].required = not has_secret
        if has_secret:
            self.fields["secret"].help_text += " Leave empty to keep the stored one."
