"""Searches for opportunities as rows: asked for by a person or the clock, run by a worker."""

import datetime as dt

import structlog
from celery import current_app
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Agency, Client, User
from accounts.tenancy import AgencyQuerySet
from directory.enums import MatchStatus
from directory.models import MatchingPreference, MatchRun
from directory.selectors.matching import Sites, active_sites
from directory.services.matching import find_opportunities
from foundation.wake import wake

log = structlog.get_logger(__name__)

# A run that has shown no sign of life for this long is taken to be dead.
STALE = dt.timedelta(minutes=5)
KEPT = dt.timedelta(days=30)
_OPEN = (MatchStatus.QUEUED, MatchStatus.RUNNING)


@transaction.atomic
def start_search(
    *, agency: Agency, client: Client | None = None, actor: User | None = None
) -> MatchRun:
    """Ask for a search, for one client or for all; one that waits already serves."""
    waiting = MatchRun.objects.for_agency(agency).filter(client=client, status__in=_OPEN)
    run = waiting.order_by("-pk").first()
    if run is None:
        total = 1 if client else _clients(agency.pk, None).count()
        run = MatchRun.objects.create(
            agency=agency, client=client, actor=actor, clients_total=total
        )
    wake(current_app.signature("directory.run_search"), run.pk)
    return run


def start_daily_searches() -> int:
    """Ask for a search in every agency that has clients; return how many."""
    MatchRun.objects.filter(actor=None, created_at__lt=timezone.now() - KEPT).delete()
    with_clients = Client.objects.filter(is_archived=False).values("agency")
    agencies = Agency.objects.filter(is_active=True, pk__in=with_clients).order_by("pk")
    for agency in agencies:
        start_search(agency=agency)
    return len(agencies)


def due_searches() -> list[int]:
    """Return the searches nobody is running: queued, or left by a worker that died."""
    left = Q(status=MatchStatus.RUNNING, heartbeat_at__lt=timezone.now() - STALE)
    due = MatchRun.objects.filter(Q(status=MatchStatus.QUEUED) | left)
    return list(due.order_by("pk").values_list("pk", flat=True)[:100])


def run_searches(run_ids: list[int]) -> None:
    """Run searches one after the other, reading the directories once for all of them."""
    sites = active_sites() if run_ids else None
    for run_id in run_ids:
        run_search(run_id, sites)


def run_search(run_id: int, sites: Sites | None = None) -> MatchRun | None:
    """Run a search to its end; None when it is not waiting to be run.

    A search that is killed is run again from its start, and finds what is there already.
    """
    if not _claim(run_id):
        return None
    run = MatchRun.objects.select_related("agency").get(pk=run_id)
    clients = list(_clients(run.agency_id, run.client_id))
    for outcome in find_opportunities(run.agency_id, clients, sites):
        MatchRun.objects.filter(pk=run_id).update(
            clients_done=F("clients_done") + outcome.clients,
            created_count=F("created_count") + outcome.created,
            updated_count=F("updated_count") + outcome.updated,
            withdrawn_count=F("withdrawn_count") + outcome.withdrawn,
            heartbeat_at=timezone.now(),
        )
    MatchRun.objects.filter(pk=run_id, status=MatchStatus.RUNNING).update(
        status=MatchStatus.FINISHED, finished_at=timezone.now(), clients_done=F("clients_total")
    )
    run.refresh_from_db()
    log.info("search_finished", run=run_id, created=run.created_count)
    return run


def _claim(run_id: int) -> bool:
    now = timezone.now()
    free = Q(status=MatchStatus.QUEUED) | Q(
        status=MatchStatus.RUNNING, heartbeat_at__lt=now - STALE
    )
    claimed = MatchRun.objects.filter(free, pk=run_id).update(
        status=MatchStatus.RUNNING,
        heartbeat_at=now,
        clients_done=0,
        created_count=0,
        updated_count=0,
        withdrawn_count=0,
    )
    return bool(claimed)


def _clients(agency_id: int, client_id: int | None) -> AgencyQuerySet[Client]:
    clients = Client.objects.for_agency(agency_id).filter(is_archived=False).order_by("pk")
    return clients.filter(pk=client_id) if client_id else clients


def save_preference(*, client: Client, fields: dict[str, object]) -> MatchingPreference:
    """Store which directories are worth a client's time; the next search follows it."""
    preference, _ = MatchingPreference.objects.update_or_create(
        client=client, defaults={**fields, "agency_id": client.agency_id}
    )
    return preference
