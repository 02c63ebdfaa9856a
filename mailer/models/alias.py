"""Other addresses from which a person we wrote to answers."""

from django.db import models
from django.utils import timezone

from accounts.tenancy import AgencyModel
from mailer.models.inbound import InboundMessage


class Alias(AgencyModel):
    """An address that answered for another; rejected when a person says it is somebody else."""

    alias = models.CharField(max_length=320, help_text="Whom the answer was from.")
    address = models.CharField(max_length=320, help_text="Whom we had written to.")
    inbound = models.ForeignKey(
        InboundMessage, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    is_rejected = models.BooleanField(default=False, help_text="Not the same person after all.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name_plural = "aliases"
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "alias", "address"], name="mailer_alias_unique"
            )
        ]
        indexes = [models.Index(fields=["agency", "address"], name="mailer_alias_address")]

    def __str__(self) -> str:
        return f"{self.alias} for {self.address}"
