"""How far spools of fetches were read into the tables, and agencies' own link domains."""

from django.db import models
from django.utils import timezone

from accounts.tenancy import AgencyModel


class SpoolPosition(models.Model):
    """How many bytes of a spool file are in the tables.

    Moved on in the very transaction that stores the fetches, so that each is stored once
    however often a reader dies. The row named `LOCK` is changed first in every such
    transaction: stories of one message are told one after the other.
    """

    LOCK = "*"

    name = models.CharField(max_length=120, unique=True)
    position = models.BigIntegerField(default=0)
    moved_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.name} to {self.position}"


class TrackingDomain(AgencyModel):
    """A host name that was seen to point at us and carries its agency's links.

    Kept when no mailbox uses it any more: links already sent go on working.
    """

    host = models.CharField(max_length=253, unique=True)
    verified_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.host
