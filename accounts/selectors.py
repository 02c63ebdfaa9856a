"""What pages show of agencies, teams and clients."""

from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Agency, Client, Invitation, Membership, User
from accounts.rules import digest


@dataclass(frozen=True)
class Missing:
    """Something an agency must add before mail may go out."""

    field: str
    text: str


def missing_for_mail(agency: Agency) -> list[Missing]:
    """Return what the law asks of a sender and this agency has not given yet."""
    missing = []
    if not agency.postal_address.strip():
        missing.append(Missing("postal_address", "the postal address"))
    if not agency.sender_name.strip():
        missing.append(Missing("sender_name", "the legal sender name"))
    return missing


def memberships_of(user: User) -> QuerySet[Membership]:
    """Return the seats of a person in agencies that are open, by name."""
    return (
        Membership.objects.filter(user=user, agency__is_active=True)
        .select_related("agency", "client")
        .order_by("agency__name", "pk")
    )


def landing_membership(user: User, slug: str) -> Membership | None:
    """Return the seat `/` leads to: in the agency last worked in, else the newest."""
    seats = list(memberships_of(user))
    last = [seat for seat in seats if seat.agency.slug == slug]
    newest = sorted(seats, key=lambda seat: seat.pk, reverse=True)
    return next(iter(last + newest), None)


def team(agency: Agency) -> QuerySet[Membership]:
    """Return an agency's members with their users."""
    return Membership.objects.filter(agency=agency).select_related("user", "client")


def waiting_invitations(agency: Agency) -> QuerySet[Invitation]:
    """Return the offers neither taken nor taken back, expired ones included, newest first."""
    return (
        Invitation.objects.for_agency(agency)
        .filter(accepted_at__isnull=True, revoked_at__isnull=True)
        .select_related("invited_by", "client")
        .order_by("-created_at", "-pk")
    )


def addresses_of(user: User) -> set[str]:
    """Return the addresses a person has proved to be theirs.

    Nobody logs in with an unconfirmed address, so the login is one of them.
    """
    confirmed = EmailAddress.objects.filter(user=user, verified=True)
    addresses = confirmed.values_list("email", flat=True)
    return {user.email.lower(), *(address.lower() for address in addresses)}


def invitations_to(user: User) -> QuerySet[Invitation]:
    """Return the offers this person could take now."""
    return (
        Invitation.objects.filter(
            email__in=addresses_of(user),
            accepted_at__isnull=True,
            revoked_at__isnull=True,
            expires_at__gt=timezone.now(),
            agency__is_active=True,
        )
        .exclude(agency__memberships__user=user)
        .select_related("agency", "invited_by")
        .order_by("-created_at")
    )


def invitation_by_token(token: str) -> Invitation | None:
    """Return the invitation a link leads to, whatever its state."""
    return (
        Invitation.objects.select_related("agency", "client", "invited_by")
        .filter(token_digest=digest(token))
        .first()
    )


def clients(agency: Agency, *, search: str = "", archived: bool = False) -> QuerySet[Client]:
    """Return an agency's clients with how many competitors and pages each has."""
    rows = Client.objects.for_agency(agency).filter(is_archived=archived)
    if search:
        rows = rows.filter(
            Q(name__icontains=search) | Q(domain__icontains=search) | Q(industry__icontains=search)
        )
    return rows.annotate(
        competitor_count=Count("competitors", distinct=True),
        page_count=Count("target_pages", distinct=True),
    )


def choosable_clients(agency: Agency, *, limit: int = 200) -> list[Client]:
    """Return the clients the switcher offers, by name."""
    return list(
        Client.objects.for_agency(agency)
        .filter(is_archived=False)
        .only("pk", "name", "agency")
        .order_by("name")[:limit]
    )


def owner_count(agency: Agency) -> int:
    """Return how many owners an agency has."""
    return Membership.objects.filter(agency=agency, role=Role.OWNER).count()


def client_counts(agency: Agency) -> dict[str, int]:
    """Return how many clients an agency works for, and how many are put away."""
    return Client.objects.for_agency(agency).aggregate(
        working=Count("pk", filter=Q(is_archived=False)),
        archived=Count("pk", filter=Q(is_archived=True)),
    )
