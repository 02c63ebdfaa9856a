"""What sign-up asks besides address and password."""

from typing import Any

from allauth.core import context
from django import forms
from django.http import HttpRequest

from accounts.forms.fields import OneLineField
from accounts.invited import remembered_invitation
from accounts.models import User
from accounts.services.people import introduce_user


class SignupForm(forms.Form):
    """Name and agency; whoever was invited gives no agency and keeps the invited address."""

    name = OneLineField(
        label="Your name",
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    agency_name = OneLineField(
        label="Agency name",
        max_length=120,
        help_text="The company you work for. You can invite colleagues afterwards.",
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )

    field_order = ("name", "agency_name", "email", "password1")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        invitation = remembered_invitation(context.request)
        if invitation is None:
            return
        del self.fields["agency_name"]
        email = self.fields["email"]
        email.initial = self.initial["email"] = invitation.email
        # A disabled field ignores what is posted, so the address is the invited one.
        email.disabled = True
        email.help_text = f"You join {invitation.agency.name} with this address."

    def signup(self, request: HttpRequest, user: User) -> None:
        """Store the answers; allauth calls this once the user exists."""
        introduce_user(
            user=user,
            name=self.cleaned_data["name"],
            wanted_agency=self.cleaned_data.get("agency_name", ""),
        )
