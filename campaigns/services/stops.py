"""What stops, pauses and resumes a sequence, and takes back what it has queued.

The enrolment moves first and the queue is emptied after it: whoever composes the same
enrolment meanwhile holds its row, so nothing can be queued behind a stop's back.
"""

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Agency, User
from campaigns.enums import ENROLMENT_MOVES, EnrolmentStatus, StopReason
from campaigns.models import Enrolment, StepEmail
from campaigns.rules import sequence_key
from campaigns.services.history import record_stops
from campaigns.services.rows import update_returning
from leads.enums import LeadStatus
from leads.services.status import move_leads
from mailer.enums import MessageStatus
from mailer.models import Message
from mailer.services.outbox import cancel_messages

# What certainly never left and never will: its e-mail may be made again.
DEAD = (MessageStatus.CANCELLED, MessageStatus.BLOCKED, MessageStatus.FAILED)
CHUNK = 1000


def move_enrolments(rows: QuerySet[Enrolment], to: str, **values: object) -> list[int]:
    """Move those of `rows` that may become `to`; return the keys of those that did."""
    sources = [old for old, allowed in ENROLMENT_MOVES.items() if to in allowed]
    return update_returning(rows.filter(status__in=sources), status=to, **values)


@transaction.atomic
def finish_enrolments(
    rows: QuerySet[Enrolment],
    *,
    agency: Agency,
    reason: StopReason,
    actor: User | None = None,
    detail: str = "",
) -> int:
    """Finish what is open among `rows`, cancel what it has queued; return how many stopped.

    Safe to run twice: the second time nothing is open any more.
    """
    moved = move_enrolments(
        rows.filter(agency=agency),
        EnrolmentStatus.FINISHED,
        stop_reason=reason,
        finished_at=timezone.now(),
        due_at=None,
        paused_until=None,
        pause_reason=detail[:200],
    )
    for ids in _chunks(moved):
        cancel_messages(
            agency=agency,
            reason=f"The sequence stopped: {reason.label.lower()}.",
            sequence_keys=[sequence_key(pk) for pk in ids],
        )
        record_stops(ids, reason=reason, actor=actor, detail=detail)
    return len(moved)


@transaction.atomic
def pause_enrolments(
    rows: QuerySet[Enrolment], *, agency: Agency, reason: str, until: dt.datetime | None = None
) -> int:
    """Pause what is open among `rows` and take back what it has queued.

    With `until` the clock resumes it; one already paused by the clock gets the new date.
    """
    scope = rows.filter(agency=agency)
    if until is not None:
        scope.filter(status=EnrolmentStatus.PAUSED, paused_until__isnull=False).update(
            paused_until=until, pause_reason=reason[:200]
        )
    moved = move_enrolments(
        scope,
        EnrolmentStatus.PAUSED,
        paused_until=until,
        pause_reason=reason[:200],
        due_at=Coalesce(F("due_at"), Value(timezone.now())),
    )
    for ids in _chunks(moved):
        recall(ids, agency=agency, reason=f"The sequence is paused: {reason}"[:200])
    return len(moved)


@transaction.atomic
def resume_enrolments(rows: QuerySet[Enrolment], *, agency: Agency) -> int:
    """Let what is paused among `rows` go on; an e-mail that was held back is made again."""
    moved = move_enrolments(
        rows.filter(agency=agency, status=EnrolmentStatus.PAUSED),
        EnrolmentStatus.ACTIVE,
        paused_until=None,
        pause_reason="",
        due_at=Coalesce(F("due_at"), Value(timezone.now())),
    )
    for ids in _chunks(moved):
        _forget_dead(ids)
        StepEmail.objects.filter(enrolment__in=ids, message=None).exclude(unresolved=[]).update(
            unresolved=[]
        )
    return len(moved)


def resume_due(now: dt.datetime) -> int:
    """Resume every enrolment whose pause is over."""
    due = Enrolment.objects.filter(status=EnrolmentStatus.PAUSED, paused_until__lte=now)
    agencies = list(Agency.objects.filter(pk__in=due.values("agency")))
    return sum(resume_enrolments(due, agency=agency) for agency in agencies)


def recall(ids: Sequence[int], *, agency: Agency, reason: str) -> None:
    """Cancel what these enrolments have queued, so that it can be made again later."""
    cancel_messages(agency=agency, reason=reason, sequence_keys=[sequence_key(pk) for pk in ids])
    _forget_dead(ids)


@transaction.atomic
def recall_campaign(*, campaign_id: int, agency: Agency, reason: str) -> int:
    """Take back everything a campaign has queued; its content is about to change."""
    rows = Enrolment.objects.filter(
        agency=agency,
        campaign=campaign_id,
        status__in=[EnrolmentStatus.PENDING, EnrolmentStatus.ACTIVE],
        due_at=None,
    )
    moved = update_returning(rows, due_at=timezone.now())
    for ids in _chunks(moved):
        recall(ids, agency=agency, reason=reason)
    return len(moved)


def withdraw_strays() -> int:
    """Cancel what is queued for a sequence that has ended; return how many.

    An e-mail that was being handed over when its sequence stopped comes back to the queue
    when the server puts it off.
    """
    strays = StepEmail.objects.filter(
        message__status=MessageStatus.QUEUED, enrolment__status=EnrolmentStatus.FINISHED
    )
    by_agency: dict[Agency, list[int]] = {}
    for email in strays.select_related("agency"):
        by_agency.setdefault(email.agency, []).append(email.message_id or 0)
    return sum(
        cancel_messages(agency=agency, reason="The sequence has ended.", message_ids=ids)
        for agency, ids in by_agency.items()
    )


@transaction.atomic
def mark_won(rows: QuerySet[Enrolment], *, agency: Agency, actor: User) -> int:
    """Stop the sequences of people who agreed, and call their leads placed."""
    leads = list(rows.filter(agency=agency).values_list("lead_id", flat=True))
    count = finish_enrolments(rows, agency=agency, reason=StopReason.WON, actor=actor)
    for to in (LeadStatus.REPLIED, LeadStatus.PLACED):
        move_leads(agency=agency, lead_ids=leads, to=to, actor=actor, note="Marked as won")
    return count


def open_for(
    agency: Agency | int, *, addresses: Iterable[str] = (), domains: Iterable[str] = ()
) -> QuerySet[Enrolment]:
    """Return the unfinished enrolments, in every campaign, of these people or domains."""
    rows = Enrolment.objects.for_agency(agency).exclude(status=EnrolmentStatus.FINISHED)
    wanted = list(addresses)
    if wanted:
        return rows.filter(lead__email__in=wanted)
    found = rows.none()
    for domain in domains:
        found = found | rows.filter(
            Q(lead__email__endswith=f"@{domain}") | Q(lead__email__endswith=f".{domain}")
        )
    return found


@transaction.atomic
def write_anew(message: Message) -> None:
    """Forget an e-mail that was stopped while handed over and came back unsent.

    A sequence that still runs is due again, and gets it as it is now approved; one that
    is paused gets it when it resumes; one that has ended keeps it for the record.
    """
    email = StepEmail.objects.filter(message=message).first()
    if email is None:
        return
    rows = Enrolment.objects.filter(pk=email.enrolment_id)
    rows = rows.exclude(status=EnrolmentStatus.FINISHED)
    if rows.update(due_at=Coalesce(F("due_at"), Value(timezone.now()))):
        _forget_dead([email.enrolment_id])


def _forget_dead(ids: Sequence[int]) -> None:
    StepEmail.objects.filter(enrolment__in=ids, message__status__in=DEAD).update(
        message=None, attempt=F("attempt") + 1
    )


def _chunks(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]
