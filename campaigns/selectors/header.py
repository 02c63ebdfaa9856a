"""What stands above every page of one campaign: its tabs, and what may be done with it now."""

from dataclasses import dataclass

from accounts.enums import Role
from accounts.roles import includes
from campaigns.enums import CampaignStatus
from campaigns.models import Campaign

S = CampaignStatus


@dataclass(frozen=True)
class Verb:
    """Something a person may do with a campaign in one of these statuses.

    One that asks first opens a page (a dialog under htmx) that says what will happen;
    `undo` is the verb that takes it back.
    """

    name: str
    label: str
    icon: str
    statuses: tuple[str, ...]
    role: str = Role.MEMBER
    asks: bool = False
    primary: bool = False
    undo: str = ""


VERBS = (
    Verb(
        "submit",
        "Submit for review",
        "paper-airplane",
        (S.DRAFT, S.PAUSED),
        asks=True,
        primary=True,
        undo="return",
    ),
    Verb("approve", "Approve", "check", (S.IN_REVIEW,), Role.MANAGER, asks=True, primary=True),
    Verb("return", "Back to writing", "arrow-uturn-left", (S.IN_REVIEW, S.APPROVED), asks=True),
    Verb("launch", "Launch", "rocket-launch", (S.APPROVED,), asks=True, primary=True, undo="pause"),
    Verb("pause", "Pause", "pause", (S.RUNNING,), undo="resume"),
    Verb("resume", "Resume", "play", (S.PAUSED,), asks=True, primary=True, undo="pause"),
    Verb("complete", "Complete", "flag", (S.RUNNING, S.PAUSED), asks=True),
    Verb("reopen", "Reopen", "arrow-path", (S.COMPLETED,)),
    Verb("archive", "Archive", "archive-box", (S.DRAFT, S.COMPLETED), undo="unarchive"),
    Verb("unarchive", "Bring back", "archive-box-arrow-down", (S.ARCHIVED,), primary=True),
)
VERB_OF = {verb.name: verb for verb in VERBS}
# What stays in the row of buttons; everything else is in the menu.
_SHOWN = frozenset({"submit", "approve", "return", "launch", "pause", "resume", "unarchive"})


@dataclass(frozen=True)
class Header:
    """The verbs of one campaign for one member, as buttons and as a menu."""

    buttons: tuple[Verb, ...]
    menu: tuple[Verb, ...]
    needs_approval: bool
    may_delete: bool


def header_of(campaign: Campaign, role: str) -> Header:
    """Return what this member may do with the campaign now."""
    stale = campaign.approved_version != campaign.content_version
    found = tuple(verb for verb in VERBS if _fits(verb, campaign, role, stale=stale))
    return Header(
        buttons=tuple(sorted((v for v in found if v.name in _SHOWN), key=lambda v: v.primary)),
        menu=tuple(verb for verb in found if verb.name not in _SHOWN),
        needs_approval=stale and campaign.status == S.PAUSED,
        may_delete=campaign.status == S.DRAFT and campaign.total_enrolled == 0,
    )


def _fits(verb: Verb, campaign: Campaign, role: str, *, stale: bool) -> bool:
    if campaign.status not in verb.statuses or not includes(role, verb.role):
        return False
    if campaign.status == S.PAUSED and verb.name in ("submit", "resume"):
        return stale == (verb.name == "submit")
    return True
