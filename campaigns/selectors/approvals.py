"""The review queue: e-mails and sequences that wait for a manager, and what speaks for each."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from accounts.enums import ApprovalMode
from accounts.models import Agency
from campaigns.enums import CampaignStatus, Review, ThreadMode
from campaigns.models import Campaign, SequenceStep, StepEmail
from campaigns.templating import lead_context, render_email
from compliance.selectors import suppressed
from leads.enums import Verification
from leads.models import Lead
from mailer.enums import MailboxStatus
from mailer.models import Mailbox
from mailer.selectors import PriorContact, prior_contacts

# Where a review still decides something.
REVIEWED = (CampaignStatus.IN_REVIEW, CampaignStatus.APPROVED, CampaignStatus.RUNNING)
SHOWS = ("waiting", "flagged", "done")
QUEUE_SIZE = 40


@dataclass(frozen=True)
class Check:
    """One line of the checklist beside an e-mail."""

    tone: str
    text: str
    detail: str = ""


@dataclass(frozen=True)
class Line:
    """One line of the queue."""

    email: StepEmail
    heading: str


@dataclass(frozen=True)
class Progress:
    """How much of the queue is decided."""

    done: int
    total: int
    clean: int

    @property
    def left(self) -> int:
        """E-mails that still wait."""
        return self.total - self.done


def emails_to_review(agency: Agency, campaign: Campaign | None = None) -> QuerySet[StepEmail]:
    """Return the e-mails of campaigns that are reviewed one by one and not sent yet."""
    rows = StepEmail.objects.for_agency(agency).filter(
        campaign__approval_mode=ApprovalMode.EACH_EMAIL,
        campaign__status__in=REVIEWED,
        message=None,
    )
    return rows.filter(campaign=campaign) if campaign else rows


def shown(rows: QuerySet[StepEmail], show: str) -> QuerySet[StepEmail]:
    """Return those of one tab of the queue: waiting, flagged or done."""
    if show == "done":
        return rows.exclude(review=Review.DRAFTED)
    rows = rows.filter(review=Review.DRAFTED)
    return rows.exclude(unresolved=[]) if show == "flagged" else rows


def queue(rows: QuerySet[StepEmail], agency: Agency, start: int = 0) -> list[Line]:
    """Return the next e-mails from key `start` on, with all a line of the queue shows."""
    found = list(
        rows.filter(pk__gte=start)
        .select_related(
            "enrolment__lead", "enrolment__mailbox", "campaign__client", "step", "variant"
        )
        .prefetch_related("campaign__client__target_pages")
        .order_by("pk")[:QUEUE_SIZE]
    )
    return [Line(email, _heading(email, agency)) for email in found]


def _heading(email: StepEmail, agency: Agency) -> str:
    """Return the subject as the recipient reads it, or that it answers in the thread."""
    subject = email.subject if email.edited else email.variant.subject
    if not subject or (email.step.thread_mode == ThreadMode.SAME and email.step.order > 1):
        return "Answers in the same thread"
    context = lead_context(
        email.enrolment.lead,
        client=email.campaign.client,
        mailbox=email.enrolment.mailbox,
        user=None,
        agency=agency,
    )
    return render_email(subject, "", context).subject


def progress(rows: QuerySet[StepEmail]) -> Progress:
    """Return how far the review has come."""
    counted = rows.aggregate(
        total=Count("pk"),
        done=Count("pk", filter=~Q(review=Review.DRAFTED)),
        clean=Count("pk", filter=Q(review=Review.DRAFTED, unresolved=[])),
    )
    return Progress(counted["done"], counted["total"], counted["clean"])


def campaigns_in_review(agency: Agency) -> QuerySet[Campaign]:
    """Return the campaigns whose whole sequence waits for a manager, oldest first."""
    return (
        Campaign.objects.for_agency(agency)
        .filter(status=CampaignStatus.IN_REVIEW, approval_mode=ApprovalMode.SEQUENCE)
        .select_related("client", "owner")
        .annotate(step_count=Count("steps"))
        .order_by("created_at", "pk")
    )


def sequence_of(email: StepEmail) -> Sequence[SequenceStep]:
    """Return all steps of an e-mail's campaign."""
    return list(email.campaign.steps.all())


def checks(email: StepEmail, agency: Agency) -> list[Check]:
    """Return what speaks for and against one e-mail (enrolment.lead at hand)."""
    lead = email.enrolment.lead
    address = lead.email or ""
    found = suppressed(agency, [address]).get(address)
    contact = prior_contacts(agency, [address]).get(address)
    return [
        _holes(email),
        _address(lead),
        Check("bad", "Must not be written to", found.get_reason_display())
        if found
        else Check("ok", "Not on the suppression list"),
        _contact(contact),
        _mailbox(email.enrolment.mailbox),
        Check("ok", "Postal address and opt-out are added")
        if agency.postal_address
        else Check("bad", "The agency has no postal address", "Add it in the agency’s settings."),
    ]


def _holes(email: StepEmail) -> Check:
    if not email.unresolved:
        return Check("ok", "Every variable is filled in")
    return Check("bad", "Something is missing", ", ".join(email.unresolved))


def _address(lead: Lead) -> Check:
    tone = {Verification.VALID: "ok", Verification.INVALID: "bad"}.get(
        Verification(lead.verification), "warn"
    )
    return Check(
        tone,
        f"Address {lead.get_verification_display().lower()}",
        "; ".join(str(reason) for reason in lead.verification_reasons[:2]),
    )


def _contact(contact: PriorContact | None) -> Check:
    if contact is None:
        return Check("ok", "Nobody here has written to them")
    where = f" for “{contact.context}”" if contact.context else ""
    return Check(
        "warn",
        f"{contact.who} wrote on {contact.sent_at:%-d %b %Y}",
        f"{contact.result.capitalize()}{where}",
    )


def _mailbox(mailbox: Mailbox | None) -> Check:
    if mailbox is None:
        return Check("warn", "No mailbox chosen yet")
    if mailbox.status == MailboxStatus.ACTIVE:
        return Check("ok", "The mailbox can send", mailbox.address)
    return Check("bad", f"The mailbox is {mailbox.get_status_display().lower()}", mailbox.address)
