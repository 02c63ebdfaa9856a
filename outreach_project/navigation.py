"""Where a member may go: one list drawn as sidebar, phone bar, palette and shortcuts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from django.urls import NoReverseMatch, resolve, reverse

from accounts.clients import current_client
from accounts.enums import ApprovalMode, Role
from accounts.roles import includes
from campaigns.enums import CampaignStatus, Review
from campaigns.models import Campaign, StepEmail
from mailer.enums import ThreadStatus
from mailer.models import Thread

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from accounts.models import Agency, Client, Membership
    from accounts.tenancy import AgencyRequest

# Where e-mails approved one by one may still wait for their approval.
UNDER_REVIEW = (CampaignStatus.IN_REVIEW, CampaignStatus.APPROVED, CampaignStatus.RUNNING)
# A nav count past this says "99+": nobody plans by the exact number, and counting costs.
COUNT_LIMIT = 99


@dataclass(frozen=True)
class Place:
    """A page of the navigation: its words, icon, URL name, and the key after G."""

    label: str
    icon: str
    name: str
    section: str
    key: str = ""
    counts: str = ""


@dataclass(frozen=True)
class Link:
    """A place as one member sees it on one page."""

    place: Place
    url: str
    current: bool


OVERVIEW = Place("Overview", "home", "overview", "", "o")
INBOX = Place("Inbox", "inbox", "mailer:inbox", "inbox", "i", "inbox")
APPROVALS = Place("Approvals", "check-badge", "campaigns:approvals", "approvals", "a", "approvals")
CAMPAIGNS = Place("Campaigns", "megaphone", "campaigns:list", "campaigns", "c")
LEADS = Place("Leads", "users", "leads:list", "leads", "l")
TEMPLATES = Place("Templates", "document-text", "campaigns:templates", "templates", "t")
MESSAGES = Place("Messages", "paper-airplane", "mailer:messages", "messages", "m")
BACKLINKS = Place("Backlinks", "link", "directory:backlinks", "backlinks", "b")
GAPS = Place("Competitor gaps", "arrows-right-left", "directory:gaps", "gaps", "x")
OPPORTUNITIES = Place(
    "Opportunities", "clipboard-document-check", "directory:opportunities", "opportunities", "p"
)
PREFERENCES = Place("Preferences", "user-circle", "accounts:preferences", "settings/preferences")
SETTINGS = (
    Place("Agency", "building-office", "accounts:agency", "settings"),
    Place("Team", "user-group", "accounts:team", "settings/team"),
    Place("Clients", "briefcase", "accounts:clients", "settings/clients"),
    Place("Mailboxes", "envelope", "mailer:mailboxes", "settings/mailboxes"),
    Place(
        "Suppressions", "no-symbol", "compliance:suppressions", "settings/compliance/suppressions"
    ),
    Place("Providers", "key", "integrations:providers", "settings/providers"),
    Place("Consent", "hand-thumb-up", "compliance:consents", "settings/compliance/consents"),
    Place("Region rules", "globe-alt", "compliance:rules", "settings/compliance/rules"),
    Place("People’s data", "identification", "compliance:people", "settings/compliance/people"),
    Place("Audit log", "clipboard-document-list", "compliance:audit", "settings/compliance/audit"),
    PREFERENCES,
)
SANDBOX = Place("Sandbox", "beaker", "mailer:sandbox", "sandbox")


class Shell:
    """What the frame around a page shows; each part is worked out only when it is drawn."""

    def __init__(self, request: AgencyRequest, membership: Membership) -> None:
        self.request = request
        self.membership = membership
        self.agency = membership.agency

    @cached_property
    def client(self) -> Client | None:
        """The client the member has narrowed their lists to."""
        return None if self.is_client else current_client(self.request)

    @property
    def is_client(self) -> bool:
        """Whether the member is a client, who sees the portal only."""
        return self.membership.role == Role.CLIENT

    @cached_property
    def work(self) -> list[Link]:
        """What waits for the member."""
        return self._links((OVERVIEW, INBOX, APPROVALS))

    @cached_property
    def outreach(self) -> list[Link]:
        """Where the member works."""
        return self._links((CAMPAIGNS, LEADS, TEMPLATES, MESSAGES))

    @cached_property
    def links(self) -> list[Link]:
        """Where links are won and kept."""
        return self._links((BACKLINKS, OPPORTUNITIES, GAPS))

    @cached_property
    def bar(self) -> list[Link]:
        """The four places of a phone's bar."""
        return self._links((CAMPAIGNS, LEADS, APPROVALS, INBOX))

    @cached_property
    def settings(self) -> list[Link]:
        """The settings pages the member's role reaches."""
        return self._links(SETTINGS)

    @cached_property
    def sandbox(self) -> list[Link]:
        """The sandbox, while developing."""
        return self._links((SANDBOX,))

    @cached_property
    def in_settings(self) -> bool:
        """Whether the page is one of the settings."""
        return self._section.partition("/")[0] == "settings"

    @cached_property
    def counts(self) -> dict[str, str]:
        """How much waits behind each place, "" for nothing."""
        threads = Thread.objects.for_agency(self.agency).filter(
            status=ThreadStatus.OPEN, is_unread=True
        )
        approves = includes(self.membership.role, Role.MANAGER)
        return {
            "approvals": _capped(_to_approve(self.agency)) if approves else "",
            "inbox": _capped(threads.values_list("pk")),
        }

    @cached_property
    def _section(self) -> str:
        """The page's path inside the agency; the portal is a client's overview."""
        section = self.request.path.removeprefix(f"/w/{self.agency.slug}/").rstrip("/")
        return "" if section == "portal" else section

    def _links(self, places: Iterable[Place]) -> list[Link]:
        links = []
        for place in places:
            try:
                url = reverse(place.name, args=[self.agency.slug])
            except NoReverseMatch:  # the page has not been built yet
                continue
            if includes(self.membership.role, _needed_role(place)):
                links.append(Link(place, url, self._is_current(place)))
        return links

    def _is_current(self, place: Place) -> bool:
        if place.section in ("", "settings"):
            return self._section == place.section
        return self._section == place.section or self._section.startswith(f"{place.section}/")


@cache
def _needed_role(place: Place) -> str:
    """Read the least role from the view itself, so that no link leads to a 403."""
    view = resolve(reverse(place.name, args=["any"])).func
    role: str = getattr(view, "needs_role", Role.MEMBER)
    return role


def _to_approve(agency: Agency) -> QuerySet[StepEmail, tuple[int]]:
    """Return the keys of e-mails and of whole sequences that wait for a manager."""
    emails = StepEmail.objects.for_agency(agency).filter(
        review=Review.DRAFTED,
        message=None,
        campaign__approval_mode=ApprovalMode.EACH_EMAIL,
        campaign__status__in=UNDER_REVIEW,
    )
    sequences = Campaign.objects.for_agency(agency).filter(
        status=CampaignStatus.IN_REVIEW, approval_mode=ApprovalMode.SEQUENCE
    )
    return emails.values_list("pk").union(sequences.values_list("pk"), all=True)


def _capped(keys: QuerySet[Any, tuple[int]]) -> str:
    """Count by fetching: at most a hundred keys, and a union counts no faster."""
    number = len(keys[: COUNT_LIMIT + 1])
    return f"{COUNT_LIMIT}+" if number > COUNT_LIMIT else str(number or "")
