"""Everything the agency knows about one address."""

from dataclasses import dataclass

from accounts.models import Agency
from campaigns.enums import EnrolmentStatus
from campaigns.models import Enrolment
from compliance.models import Suppression
from compliance.selectors import suppressed
from foundation.addresses import registrable_domain
from leads.models import Lead
from mailer.models import Message
from mailer.selectors import PriorContact, prior_contacts_domains


@dataclass(frozen=True)
class Person:
    """One address and what is known of it across every client of the agency."""

    address: str
    leads: list[Lead]
    enrolments: list[Enrolment]
    written: list[Message]
    suppression: Suppression | None
    colleague: PriorContact | None

    @property
    def name(self) -> str:
        """The name, as far as a lead has one."""
        return next((lead.full_name for lead in self.leads if lead.full_name), self.address)

    @property
    def open_enrolments(self) -> list[Enrolment]:
        """Sequences that still run or wait."""
        return [one for one in self.enrolments if one.status != EnrolmentStatus.FINISHED]

    @property
    def is_known(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.leads or self.written or self.suppression)


def person(agency: Agency, address: str, *, size: int = 10) -> Person:
    """Return what the agency knows about an address (normalised), in six queries at most."""
    leads = list(Lead.objects.for_agency(agency).filter(email=address).select_related("client"))
    enrolments = list(
        Enrolment.objects.for_agency(agency)
        .filter(lead__in=leads)
        .select_related("campaign__client", "mailbox", "lead")
        .order_by("-pk")[:size]
    )
    written = list(
        Message.objects.for_agency(agency)
        .filter(to_address=address, sent_at__isnull=False)
        .select_related("mailbox", "sender_user", "thread")
        .order_by("-sent_at")[:size]
    )
    domain = registrable_domain(address)
    colleague = prior_contacts_domains(agency, [domain]).get(domain) if domain else None
    same = colleague is not None and written and colleague.message_id == written[0].pk
    return Person(
        address=address,
        leads=leads,
        enrolments=enrolments,
        written=written,
        suppression=suppressed(agency, [address]).get(address),
        colleague=None if same else colleague,
    )
