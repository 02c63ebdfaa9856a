"""Inviting members and changing what they may do."""

from typing import Any

from django import forms

from accounts.enums import Role
from accounts.models import Client, Membership
from accounts.roles import grantable


class _SeatForm(forms.Form):
    """A role, and the client when the role is client."""

    role = forms.ChoiceField(choices=())
    client = forms.ModelChoiceField(
        Client.objects.none(),
        required=False,
        empty_label="Choose a client",
        help_text="Only for the role client: whose campaigns this person sees.",
    )

    def __init__(self, *args: Any, actor: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = grantable(actor.role)
        self.fields["role"].choices = [(role.value, role.label) for role in roles]  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["client"].queryset = (  # type: ignore[attr-defined]  # a ModelChoiceField
            Client.objects.for_agency(actor.agency).filter(is_archived=False).order_by("name")
        )

    def clean(self) -> dict[str, Any]:
        """Ask for a client with the role client, and drop it with any other."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("role") != Role.CLIENT:
            cleaned["client"] = None
        elif not cleaned.get("client") and "client" not in self.errors:
            self.add_error("client", "Choose the client whose campaigns this person may see.")
        return cleaned


class InviteForm(_SeatForm):
    """Whom to offer a seat, and which."""

    email = forms.EmailField(label="E-mail address", max_length=254)

    field_order = ("email", "role", "client")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].initial = Role.MEMBER
        self.fields["email"].widget.attrs["autocomplete"] = "off"

    def clean_email(self) -> str:
        """Return the address in lower case, as it is compared."""
        email: str = self.cleaned_data["email"]
        return email.lower()


class RoleForm(_SeatForm):
    """The role a member gets instead."""
