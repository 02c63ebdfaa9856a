"""Input of the accounts app to clean values; never saves."""

from accounts.forms.agencies import AgencyForm, CloseAgencyForm, NewAgencyForm
from accounts.forms.clients import (
    AnchorFormSet,
    ClientForm,
    CompetitorForm,
    CompetitorsForm,
    TargetPageForm,
    wanted_anchors,
)
from accounts.forms.people import PreferencesForm
from accounts.forms.signup import SignupForm
from accounts.forms.team import InviteForm, RoleForm

__all__ = [
    "AgencyForm",
    "AnchorFormSet",
    "ClientForm",
    "CloseAgencyForm",
    "CompetitorForm",
    "CompetitorsForm",
    "InviteForm",
    "NewAgencyForm",
    "PreferencesForm",
    "RoleForm",
    "SignupForm",
    "TargetPageForm",
    "wanted_anchors",
]
