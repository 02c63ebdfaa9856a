"""Users, agencies, memberships, invitations, and the clients an agency works for."""

import zoneinfo
from typing import ClassVar

from django.contrib.auth.models import (
    AbstractBaseUser,
    BaseUserManager,
    PermissionsMixin,
)
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from accounts.enums import ApprovalMode, Role
from accounts.tenancy import AgencyModel


def validate_time_zone(value: str) -> None:
    """Raise `ValidationError` unless `value` names an IANA time zone."""
    if value not in zoneinfo.available_timezones():
        raise ValidationError("“%(value)s” is not a time zone.", params={"value": value})


class UserManager(BaseUserManager["User"]):
    """Makes users whose login is their e-mail address."""

    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **extra: object) -> "User":
        """Return a new, saved user."""
        user = self.model(email=email.strip().lower(), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra: object) -> "User":
        """Return a new, saved superadmin."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **extra)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who logs in; the e-mail address is the login."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    is_staff = models.BooleanField(
        "superadmin", default=False, help_text="May enter the admin site."
    )
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)
    single_key_shortcuts = models.BooleanField(
        default=True,
        help_text="Act on a single letter, such as J and K to move through a list.",
    )
    time_zone = models.CharField(
        max_length=64,
        blank=True,
        validators=[validate_time_zone],
        help_text="Times are shown in this zone; empty for the agency's.",
    )
    wanted_agency = models.CharField(
        max_length=120,
        blank=True,
        editable=False,
        help_text="Name given at sign-up; the agency is made once the address is confirmed.",
    )

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        """Return the name shown to others."""
        return str(self)

    def get_short_name(self) -> str:
        """Return the first word of the name."""
        return str(self).split(maxsplit=1)[0]


class Agency(models.Model):
    """The paying account and the isolation boundary."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(unique=True, max_length=60)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_time_zone])
    postal_address = models.TextField(
        blank=True,
        max_length=400,
        help_text="Printed at the foot of every campaign e-mail; the law asks for it.",
    )
    sender_name = models.CharField(
        "legal sender name",
        max_length=120,
        blank=True,
        help_text="The company that stands behind the e-mails.",
    )
    user_daily_cap = models.PositiveIntegerField(
        default=100,
        validators=[MinValueValidator(1), MaxValueValidator(100_000)],
        help_text="E-mails a member's campaigns may send in a day.",
    )
    recipient_domain_daily_cap = models.PositiveIntegerField(
        default=20,
        validators=[MinValueValidator(1), MaxValueValidator(10_000)],
        help_text="E-mails a day to one recipient domain.",
    )
    cooldown_days = models.PositiveSmallIntegerField(
        default=30,
        validators=[MaxValueValidator(730)],
        help_text="Days before anyone here may write to the same person for another campaign.",
    )
    approval_mode = models.CharField(
        max_length=12, choices=ApprovalMode.choices, default=ApprovalMode.SEQUENCE
    )
    link_trap = models.BooleanField(
        "find link scanners with an invisible link",
        default=False,
        help_text="Adds an empty link to tracked e-mails. Only programs follow it.",
    )
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "agencies"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The agency's time zone."""
        return zoneinfo.ZoneInfo(self.time_zone)


class Client(AgencyModel):
    """A business the agency builds links for, with its service context."""

    name = models.CharField(max_length=120)
    domain = models.CharField(max_length=253, blank=True)
    industry = models.CharField(max_length=80, blank=True)
    subcategories = models.JSONField(default=list, blank=True)
    regions = models.JSONField(default=list, blank=True)
    language = models.CharField(max_length=10, default="en")
    core_offer = models.TextField(blank=True, max_length=1000)
    key_differentiator = models.TextField(blank=True, max_length=1000)
    cta = models.TextField("call to action", blank=True, max_length=500)
    timeline = models.CharField(max_length=200, blank=True)
    goal = models.TextField(blank=True, max_length=500)
    fallback_action = models.TextField(blank=True, max_length=500)
    brand_voice = models.TextField(blank=True, max_length=1000)
    is_archived = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["agency", "name"], name="accounts_client_name_unique")
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A user in an agency, in one role; the role client is bound to one client."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=8, choices=Role.choices, default=Role.MEMBER)
    client = models.ForeignKey(
        Client, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "agency"], name="accounts_membership_unique"),
            models.CheckConstraint(
                condition=models.Q(role=Role.CLIENT, client__isnull=False)
                | ~models.Q(role=Role.CLIENT) & models.Q(client__isnull=True),
                name="accounts_membership_client_role",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()} of {self.agency}"


class Invitation(AgencyModel):
    """A seat offered by mail; the link carries the token, the table its digest."""

    email = models.EmailField()
    role = models.CharField(max_length=8, choices=Role.choices, default=Role.MEMBER)
    client = models.ForeignKey(
        Client, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True, blank=True)
    mail_error = models.CharField(max_length=300, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "email"],
                condition=models.Q(accepted_at__isnull=True, revoked_at__isnull=True),
                name="accounts_invitation_open_unique",
            )
        ]

    def __str__(self) -> str:
        return f"Invitation of {self.email}"


class Competitor(AgencyModel):
    """A site that competes with a client."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="competitors")
    domain = models.CharField(max_length=253)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "domain"], name="accounts_competitor_unique")
        ]

    def __str__(self) -> str:
        return self.domain


class TargetPage(AgencyModel):
    """A client's page that wants links, with the anchors it wants."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="target_pages")
    url = models.URLField(max_length=1000)
    title = models.CharField(max_length=200, blank=True)
    anchors = models.JSONField(
        default=list,
        blank=True,
        help_text="[{“text”: …, “weight”: …}], heaviest first.",
    )
    priority = models.PositiveSmallIntegerField(
        default=3, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )

    class Meta:
        ordering = ["priority", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["client", "url"], name="accounts_targetpage_unique")
        ]

    def __str__(self) -> str:
        return self.title or self.url
