"""A person's own settings."""

from django import forms

from accounts.forms.fields import OneLineField, TimeZoneField
from accounts.models import User


class PreferencesForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """Name, the zone times are shown in, and single-key shortcuts."""

    name = OneLineField(
        max_length=120,
        help_text="Colleagues see it, and templates may sign with it.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    time_zone = TimeZoneField(
        required=False,
        empty="The agency’s time zone",
        help_text="Every time on screen is shown in this zone.",
    )

    class Meta:
        model = User
        fields = ("name", "time_zone", "single_key_shortcuts")
        labels = {"single_key_shortcuts": "Single-key shortcuts"}
