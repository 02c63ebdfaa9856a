"""What must be right before a campaign is reviewed: a list with names, nothing hidden."""

import datetime as dt
import zoneinfo
from dataclasses import dataclass

from django.utils import timezone

from campaigns.enums import EnrolmentStatus, ThreadMode, VariantStatus
from campaigns.models import Campaign, SequenceStep, StepVariant
from campaigns.selectors.sample import REVIEW_SAMPLE, active_texts, holes_in, open_leads
from campaigns.templating import syntax_error
from campaigns.windows import Windows
from compliance.windows import WindowError
from mailer.enums import MailboxStatus
from mailer.models import Mailbox


@dataclass(frozen=True)
class Check:
    """One line of the list: whether it is right, in words, and where it is put right.

    `tone` is ok, warn (some people are held back) or bad (nothing can be submitted).
    """

    key: str
    tone: str
    text: str
    target: str = ""
    action: str = ""


def campaign_checks(campaign: Campaign) -> list[Check]:
    """Return every check, in the order a person would make them."""
    steps = list(campaign.steps.prefetch_related("variants"))
    return [
        *_sequence(steps),
        *_mailboxes(campaign),
        _identity(campaign),
        _schedule(campaign),
        *_people(campaign, steps),
    ]


def blocking_checks(campaign: Campaign) -> list[Check]:
    """Return what stands against submitting; the people are not looked at one by one."""
    steps = list(campaign.steps.prefetch_related("variants"))
    found = [
        *_sequence(steps),
        *_mailboxes(campaign),
        _identity(campaign),
        _schedule(campaign),
        _enrolled(campaign),
    ]
    return [check for check in found if check.tone == "bad"]


def _sequence(steps: list[SequenceStep]) -> list[Check]:
    if not steps:
        text = "The sequence has no e-mail yet."
        return [Check("steps", "bad", text, "campaigns:sequence", "Write it")]
    problems = [problem for step in steps for problem in _step_problems(step)]
    if problems:
        return [
            Check("text", "bad", problem, "campaigns:sequence", "Open the sequence")
            for problem in problems
        ]
    number = len(steps)
    return [Check("steps", "ok", f"{number} e-mail{'s' if number > 1 else ''}, all readable.")]


def _step_problems(step: SequenceStep) -> list[str]:
    active = [one for one in step.variants.all() if one.status == VariantStatus.ACTIVE]
    if not active:
        return [f"Step {step.order} has no active variant."]
    name = f"Step {step.order}" if len(active) == 1 else ""
    return [
        f"{name or f'Step {step.order}{one.label}'}: {problem}"
        for one in active
        if (problem := _variant_problem(step, one))
    ]


def _variant_problem(step: SequenceStep, variant: StepVariant) -> str:
    if not variant.body.strip():
        return "the e-mail is empty."
    if step.thread_mode == ThreadMode.NEW and not variant.subject.strip():
        return "the subject is empty."
    error = syntax_error(variant.subject, variant.body)
    return error[:1].lower() + error[1:]


def _mailboxes(campaign: Campaign) -> list[Check]:
    boxes = list(campaign.mailboxes.all())
    active = [box for box in boxes if box.status == MailboxStatus.ACTIVE]
    if not boxes:
        text = "No mailbox is chosen to send from."
        return [Check("mailbox", "bad", text, "campaigns:settings", "Choose mailboxes")]
    if not active:
        text = "None of the chosen mailboxes can send at the moment."
        return [Check("mailbox", "bad", text, "mailer:mailboxes", "Open mailboxes")]
    found = [
        Check(
            "mailbox",
            "ok",
            "Sends from "
            + ", ".join(box.address for box in active[:3])
            + (f" and {len(active) - 3} more." if len(active) > 3 else "."),  # noqa: PLR2004  # shown
        )
    ]
    for box in boxes:
        if box.status != MailboxStatus.ACTIVE:
            text = f"{box.address} is {box.get_status_display().lower()} and sends nothing."
            found.append(Check("mailbox", "warn", text, "mailer:mailboxes", "Open mailboxes"))
    return [*found, *_left_mailboxes(campaign, boxes)]


def _left_mailboxes(campaign: Campaign, boxes: list[Mailbox]) -> list[Check]:
    """A thread stays in the mailbox that began it, so a mailbox taken away strands people."""
    begun = campaign.enrolments.exclude(status=EnrolmentStatus.FINISHED).exclude(first_sent_at=None)
    number = begun.exclude(mailbox__in=boxes).count()
    if not number:
        return []
    text = f"{number:,} people wait for a follow-up from a mailbox that is no longer chosen."
    return [Check("left", "warn", text, "campaigns:settings", "Choose it again")]


def _identity(campaign: Campaign) -> Check:
    agency = campaign.agency
    missing = [
        words
        for words, value in (
            ("postal address", agency.postal_address),
            ("legal sender name", agency.sender_name),
        )
        if not value.strip()
    ]
    if missing:
        text = f"The agency’s {' and '.join(missing)} must stand in every e-mail and is missing."
        return Check("identity", "bad", text, "accounts:agency", "Fill it in")
    return Check("identity", "ok", "Postal address and unsubscribe link go into every e-mail.")


def _schedule(campaign: Campaign) -> Check:
    try:
        first = first_opening(campaign, timezone.now())
    except WindowError as error:
        return Check("schedule", "bad", str(error), "campaigns:settings", "Change the schedule")
    at = first.astimezone(campaign_zone(campaign))
    return Check("schedule", "ok", f"The next window opens {at:%A %-d %B, %H:%M} ({at.tzname()}).")


def _people(campaign: Campaign, steps: list[SequenceStep]) -> list[Check]:
    enrolled = _enrolled(campaign)
    if enrolled.tone == "bad":
        return [enrolled]
    leads = open_leads(campaign, REVIEW_SAMPLE)
    holes = holes_in(campaign, active_texts(steps), leads)
    if not holes.leads:
        return [enrolled, Check("holes", "ok", "Every variable is filled in for everyone.")]
    names = ", ".join(f"{name} ({number})" for name, number in holes.counts)
    among = f" of the first {holes.checked:,}" if holes.checked == REVIEW_SAMPLE else ""
    text = f"{holes.leads:,}{among} lack a variable and will be held back: {names}."
    return [enrolled, Check("holes", "warn", text, "campaigns:sequence", "Give defaults")]


def _enrolled(campaign: Campaign) -> Check:
    number = campaign.enrolments.exclude(status=EnrolmentStatus.FINISHED).count()
    if not number:
        text = "Nobody is enrolled. Choose leads in the lead list and enrol them here."
        return Check("leads", "bad", text, "leads:list", "Choose leads")
    return Check(
        "leads", "ok", f"{number:,} {'people are' if number > 1 else 'person is'} enrolled."
    )


def campaign_zone(campaign: Campaign) -> dt.tzinfo:
    """Return the campaign's own time zone."""
    return zoneinfo.ZoneInfo(campaign.time_zone)


def first_opening(campaign: Campaign, now: dt.datetime) -> dt.datetime:
    """Return the first moment something may be sent to a recipient whose zone is not known.

    Raises `WindowError` when there is none.
    """
    return Windows(campaign, now).opening("", now)
