"""Puts leads into a campaign, and says of each one left out why."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from celery import current_app
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from accounts.enums import ApprovalMode, Role
from accounts.models import Membership, User
from accounts.roles import includes
from campaigns.enums import CampaignStatus, EnrolmentStatus, RunStatus, SkipReason
from campaigns.models import Campaign, Enrolment, EnrolmentRun, EnrolmentSkip
from campaigns.selectors.eligibility import left_out
from campaigns.selectors.imported import leads_in_file
from campaigns.services.history import record
from campaigns.services.review import draft_enrolments
from campaigns.services.rows import update_returning
from foundation.wake import wake
from leads.enums import EventKind
from leads.models import Lead, LeadImport
from leads.selectors import filtered_leads

BATCH = 500
# Up to this many are enrolled while the visitor waits; more go to a worker.
AT_ONCE = 500
STALE = dt.timedelta(minutes=3)
CLOSED = (CampaignStatus.COMPLETED, CampaignStatus.ARCHIVED)
REVIEWED = (CampaignStatus.IN_REVIEW, CampaignStatus.APPROVED, CampaignStatus.RUNNING)


class EnrolError(Exception):
    """Nobody can be enrolled now; the message says why."""


@dataclass(frozen=True)
class EnrolResult:
    """How many were enrolled, how many were left out for which reason, and the record of it."""

    enrolled: int
    skipped: Counter[str]
    run: EnrolmentRun = field(repr=False)


def enrol_leads(
    *,
    campaign: Campaign,
    leads: QuerySet[Lead] | Iterable[int],
    actor: User | None,
    override_reason: str = "",
) -> EnrolResult:
    """Enrol leads now, in batches, in a number of queries that does not grow within one.

    Args:
        campaign: with its agency at hand; not completed.
        leads: a queryset of the agency's leads, or their keys.
        actor: the member who asks, None for a machine.
        override_reason: a manager's reason for writing again within the cooldown.

    Raises `EnrolError` when the campaign is closed, `PermissionDenied` when someone
    below manager overrides.
    """
    if not isinstance(leads, QuerySet):
        leads = Lead.objects.for_agency(campaign.agency).filter(pk__in=list(leads))
    run = start_run(campaign=campaign, actor=actor, source={}, override_reason=override_reason)
    _work(run, leads)
    run.refresh_from_db()
    skipped = Counter(run.skips.values_list("reason", flat=True))
    return EnrolResult(run.enrolled, skipped, run)


def start_run(
    *, campaign: Campaign, actor: User | None, source: dict[str, Any], override_reason: str = ""
) -> EnrolmentRun:
    """Record that leads are to be enrolled; the caller works it or leaves it to a worker.

    `source` is one of {"ids": […]}, {"query": "status=new&…"},
    {"run": key, "reason": SkipReason}.
    """
    if campaign.status in CLOSED:
        raise EnrolError(
            f"“{campaign}” is {campaign.get_status_display().lower()}; nobody can join."
        )
    if override_reason and not _may_override(actor, campaign):
        raise PermissionDenied
    return EnrolmentRun.objects.create(
        agency_id=campaign.agency_id,
        campaign=campaign,
        actor=actor,
        source=source,
        override_reason=override_reason.strip()[:300],
    )


def enrol_from(
    *, campaign: Campaign, actor: User | None, source: dict[str, Any], override_reason: str = ""
) -> EnrolmentRun:
    """Enrol what `source` names: at once when it is little, else in the background."""
    run = start_run(campaign=campaign, actor=actor, source=source, override_reason=override_reason)
    run.total = leads_of(run).count()
    run.save(update_fields=["total"])
    if run.total <= AT_ONCE:
        work_run(run.pk)
        run.refresh_from_db()
    else:
        wake(current_app.signature("campaigns.enrol"), run.pk)
    return run


def enrol_import(lead_import: LeadImport) -> EnrolmentRun | None:
    """Enrol the leads of a file whose import names a campaign; nobody twice."""
    wanted = lead_import.options.get("campaign_id")
    campaign = (
        Campaign.objects.for_agency(lead_import.agency_id)
        .filter(pk=wanted)
        .select_related("agency", "client", "owner")
        .exclude(status__in=CLOSED)
        .first()
        if wanted
        else None
    )
    if campaign is None:
        return None
    return enrol_from(
        campaign=campaign, actor=lead_import.actor, source={"ids": leads_in_file(lead_import)}
    )


def leads_of(run: EnrolmentRun) -> QuerySet[Lead]:
    """Return the leads a run is to enrol."""
    source = run.source
    if "query" in source:
        return filtered_leads(run.agency, QueryDict(source["query"]))
    rows = Lead.objects.for_agency(run.agency_id)
    if "run" in source:
        skips = EnrolmentSkip.objects.filter(
            agency=run.agency_id, run=source["run"], reason=source["reason"]
        )
        return rows.filter(pk__in=skips.values("lead"))
    return rows.filter(pk__in=source.get("ids", []))


def work_run(run_id: int) -> bool:
    """Enrol what a waiting (or abandoned) run names; return whether this call did it."""
    now = timezone.now()
    waiting = Q(status=RunStatus.QUEUED) | Q(status=RunStatus.RUNNING, heartbeat_at__lt=now - STALE)
    claimed = update_returning(
        EnrolmentRun.objects.filter(waiting, pk=run_id), status=RunStatus.RUNNING, heartbeat_at=now
    )
    if not claimed:
        return False
    run = EnrolmentRun.objects.select_related(
        "campaign__agency", "campaign__client", "campaign__owner", "actor", "agency"
    ).get(pk=run_id)
    _work(run, leads_of(run))
    return True


def waiting_runs(now: dt.datetime) -> list[int]:
    """Return the keys of runs nobody works on."""
    return list(
        EnrolmentRun.objects.filter(
            Q(status=RunStatus.QUEUED) | Q(status=RunStatus.RUNNING, heartbeat_at__lt=now - STALE)
        ).values_list("pk", flat=True)
    )


def _work(run: EnrolmentRun, leads: QuerySet[Lead]) -> None:
    """Enrol batch by batch in the order of keys; each batch commits with its progress."""
    run.total = run.total or leads.count()
    EnrolmentRun.objects.filter(pk=run.pk).update(
        total=run.total, status=RunStatus.RUNNING, heartbeat_at=timezone.now()
    )
    while True:
        batch = list(leads.filter(pk__gt=run.last_lead_id).order_by("pk")[:BATCH])
        if not batch or not _enrol_batch(run, batch):
            break
    EnrolmentRun.objects.filter(pk=run.pk, status=RunStatus.RUNNING).update(
        status=RunStatus.FINISHED, finished_at=timezone.now()
    )


@transaction.atomic
def _enrol_batch(run: EnrolmentRun, batch: Sequence[Lead]) -> bool:
    """Enrol one batch; return False when another worker has taken the run over."""
    now = timezone.now()
    ours = EnrolmentRun.objects.filter(pk=run.pk, last_lead_id=run.last_lead_id).update(
        last_lead_id=batch[-1].pk, done=F("done") + len(batch), heartbeat_at=now
    )
    if not ours:
        return False
    run.last_lead_id = batch[-1].pk
    campaign = run.campaign
    out = left_out(campaign, batch, now=now, with_cooldown=not run.override_reason)
    EnrolmentSkip.objects.bulk_create(
        [
            EnrolmentSkip(
                agency_id=run.agency_id, run=run, lead_id=pk, reason=reason, detail=detail[:300]
            )
            for pk, (reason, detail) in out.items()
        ],
        ignore_conflicts=True,
    )
    created = _create(run, [lead for lead in batch if lead.pk not in out], now)
    EnrolmentRun.objects.filter(pk=run.pk).update(enrolled=F("enrolled") + len(created))
    Campaign.objects.filter(pk=campaign.pk).update(
        total_enrolled=F("total_enrolled") + len(created)
    )
    if campaign.approval_mode == ApprovalMode.EACH_EMAIL and campaign.status in REVIEWED:
        draft_enrolments(campaign, created)
    return True


def _create(run: EnrolmentRun, leads: Sequence[Lead], now: dt.datetime) -> list[Enrolment]:
    campaign = run.campaign
    keys = [lead.pk for lead in leads]
    dropped, _ = Enrolment.objects.filter(
        campaign=campaign, lead__in=keys, status=EnrolmentStatus.FINISHED, first_sent_at=None
    ).delete()
    if dropped:
        _recount(campaign)
    Enrolment.objects.bulk_create(
        [
            Enrolment(
                agency_id=campaign.agency_id,
                campaign=campaign,
                lead=lead,
                due_at=now,
                created_at=now,
                cooldown_override=run.override_reason,
            )
            for lead in leads
        ],
        ignore_conflicts=True,
    )
    created = list(
        Enrolment.objects.filter(campaign=campaign, lead__in=keys, created_at=now)
        .select_related("lead")
        .order_by("pk")
    )
    for enrolment in created:
        enrolment.campaign = campaign
    record(created, kind=EventKind.ENROLLED, summary="Enrolled in {campaign}", actor=run.actor)
    return created


def _recount(campaign: Campaign) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(total_enrolled=campaign.enrolments.count())


def _may_override(actor: User | None, campaign: Campaign) -> bool:
    membership = Membership.objects.filter(user=actor, agency=campaign.agency_id).first()
    return membership is not None and includes(membership.role, Role.MANAGER)


def skip_counts(run: EnrolmentRun) -> dict[SkipReason, int]:
    """Return how many leads a run left out, by reason."""
    counted = Counter(run.skips.values_list("reason", flat=True))
    return {reason: counted[reason] for reason in SkipReason if counted[reason]}
