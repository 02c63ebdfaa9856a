"""What a look at a page changes: a check row always, the link's standing only when confirmed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from directory.enums import FAULTS, BacklinkEventKind, BacklinkStatus, CheckSource, Verdict
from directory.models import Backlink, BacklinkCheck
from directory.rules.schedule import BUSY, next_check, next_check_of_fault, recheck
from directory.services.claiming import lease
from directory.services.looking import was_busy
from directory.services.moves import BacklinkMoveError, move_backlink
from directory.services.timeline import EventDraft, record_events
from directory.signals import link_broken, link_changed, link_live, link_restored

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.dispatch import Signal

    from directory.pages.verdicts import Finding

# What a check may change of a backlink; the rest belongs to people.
_FIELDS = [
    "is_live", "is_indexed", "verdict", "verdict_since", "changes", "first_live_at", "lost_at",
    "last_checked_at", "next_check_at", "check_token", "check_claimed_until", "check_attempts",
]  # fmt: skip
_THERE = frozenset({Verdict.LIVE, Verdict.CHANGED, Verdict.NOT_INDEXABLE})


@dataclass(frozen=True)
class _News:
    """A confirmed change of a link's standing."""

    link: Backlink
    check: BacklinkCheck
    signal: Signal | None
    kind: BacklinkEventKind
    summary: str


def release(links: Sequence[Backlink], *, next_check_at: datetime | None) -> None:
    """Let go of links that were not checked, to be looked at again at the time given."""
    tokens = {link.check_token for link in links}
    Backlink.objects.filter(
        pk__in=[link.pk for link in links], check_token__in=tokens - {""}
    ).update(check_token="", check_claimed_until=None, next_check_at=next_check_at)


def record_looks(looks: Sequence[tuple[Backlink, Finding]]) -> int:
    """Store what was found at links held by us; return how many still were.

    The links carry the token they were claimed with: whoever lost it stores nothing, as
    somebody else checks that link now. Facts are announced in the same transaction.
    """
    release([link for link, finding in looks if was_busy(finding)],
            next_check_at=timezone.now() + BUSY)  # fmt: skip
    read = {link.pk: finding for link, finding in looks if not was_busy(finding)}
    tokens = {link.check_token for link, _ in looks} - {""}
    with transaction.atomic():
        held = _hold(sorted(read), tokens)
        news = _record([(link, read[link.pk]) for link in held])
        record_events([_event(one) for one in news])
        for one in news:
            _announce(one)
    return len(held)


def _hold(ids: Sequence[int], tokens: set[str]) -> list[Backlink]:
    """Return those of the links still ours; the rows stay locked until the end."""
    ours = Backlink.objects.filter(pk__in=ids, check_token__in=tokens)
    ours.update(check_claimed_until=timezone.now() + lease())
    last = BacklinkCheck.objects.filter(backlink=OuterRef("pk")).order_by("-at", "-pk")
    return list(ours.annotate(last_verdict=Subquery(last.values("verdict")[:1])).order_by("pk"))


def _record(found: Sequence[tuple[Backlink, Finding]]) -> list[_News]:
    now = timezone.now()
    checks: list[BacklinkCheck] = []
    news: list[_News] = []
    for link, finding in found:
        check = _check_row(link, finding, now)
        checks.append(check)
        one = _apply(link, check)
        news += [one] if one else []
        link.check_token, link.check_claimed_until, link.last_checked_at = "", None, now
    BacklinkCheck.objects.bulk_create(checks)
    Backlink.objects.bulk_update([link for link, _ in found], _FIELDS)
    return news


def _check_row(link: Backlink, finding: Finding, at: datetime) -> BacklinkCheck:
    best = finding.link
    return BacklinkCheck(
        agency_id=link.agency_id, backlink=link, at=at, source=CheckSource.CRAWLER,
        http_status=finding.page.status or None, final_url=finding.page.final_url[:2000],
        verdict=finding.verdict, reason=finding.reason[:300], is_recheck=link.check_attempts > 0,
        changes=[change.as_json() for change in finding.changes],
        found_rel=finding.rel, found_anchor=best.anchor[:500] if best else "",
        found_target=best.url[:2000] if best else "",
        found_context=best.context[:500] if best else "",
        evidence=finding.evidence, evidence_digest=finding.digest,
    )  # fmt: skip


# What follows ---------------------------------------------------------------------------------


def _apply(link: Backlink, check: BacklinkCheck) -> _News | None:
    """Change the link as far as the check is proof; return what there is to tell."""
    if check.verdict == Verdict.LIVE:
        return _healthy(link, check)
    if _stands(link, check) and not link.check_attempts:
        link.check_attempts = 0
        link.next_check_at = next_check_of_fault(link.verdict_since or check.at, check.at)
        return None
    return _doubted(link, check)


def _stands(link: Backlink, check: BacklinkCheck) -> bool:
    """Return whether a fault is the one already known."""
    return link.verdict == check.verdict and _whats(link.changes) == _whats(check.changes)


def _whats(changes: Sequence[dict[str, str]]) -> list[tuple[str, str]]:
    return sorted((change["what"], change["found"]) for change in changes)


def _healthy(link: Backlink, check: BacklinkCheck) -> _News | None:
    was, is_first = link.verdict, link.first_live_at is None
    _stand(link, check)
    link.is_live, link.lost_at = True, None
    link.next_check_at = next_check(_there_since(link), check.at)
    if is_first:
        return _News(link, check, link_live, BacklinkEventKind.CHECKED, "The link is live")
    if was in FAULTS:
        return _News(
            link, check, link_restored, BacklinkEventKind.RESTORED, "The link is as it was"
        )
    return None


def _doubted(link: Backlink, check: BacklinkCheck) -> _News | None:
    """Look again before believing; a link that never was live has nobody to alarm."""
    last = getattr(link, "last_verdict", None)
    doubts = link.check_attempts + 1 if last == check.verdict and link.check_attempts else 1
    wait = recheck(check.verdict, doubts)
    news = _first_sight(link, check) if link.first_live_at is None else None
    if wait is not None:
        link.check_attempts, link.next_check_at = doubts, check.at + wait
        return news
    link.check_attempts = 0
    link.next_check_at = next_check_of_fault(link.verdict_since or check.at, check.at)
    return _confirmed(link, check) if link.first_live_at else None


def _first_sight(link: Backlink, check: BacklinkCheck) -> _News | None:
    """Show at once how a link stands that was never seen live."""
    if check.verdict not in _THERE:
        _stand(link, check)
        link.is_live = False if check.verdict == Verdict.MISSING else None
        return None
    link.first_live_at, link.is_live = check.at, True
    return _News(
        link, check, link_live, BacklinkEventKind.CHECKED, f"The link is there: {check.reason}"
    )


def _confirmed(link: Backlink, check: BacklinkCheck) -> _News | None:
    """Believe what several looks found."""
    _stand(link, check)
    if check.verdict == Verdict.UNVERIFIABLE:
        return _News(link, check, None, BacklinkEventKind.CHECKED, f"Cannot verify: {check.reason}")
    if check.verdict == Verdict.MISSING:
        link.is_live, link.lost_at = False, check.at
        return _News(link, check, link_broken, BacklinkEventKind.ALARM, f"Lost: {check.reason}")
    link.is_live = True
    return _News(link, check, link_changed, BacklinkEventKind.ALARM, f"Changed: {check.reason}")


def _stand(link: Backlink, check: BacklinkCheck) -> None:
    if link.verdict != check.verdict:
        link.verdict_since = check.at
    link.verdict, link.changes = check.verdict, check.changes
    if check.verdict == Verdict.LIVE:
        link.check_attempts = 0
        link.first_live_at = link.first_live_at or check.at
        link.is_indexed = None if link.is_indexed is False else link.is_indexed
    elif check.verdict == Verdict.NOT_INDEXABLE:
        link.is_indexed = False


def _there_since(link: Backlink) -> datetime:
    return link.published_at or link.completed_at or link.first_live_at or link.created_at


def _event(news: _News) -> EventDraft:
    return EventDraft(
        agency_id=news.link.agency_id, backlink_id=news.link.pk, kind=news.kind,
        summary=news.summary, details={"check": news.check.pk, "verdict": news.check.verdict},
        at=news.check.at,
    )  # fmt: skip


def _announce(news: _News) -> None:
    """Tell the apps above; a link agreed on and now seen as agreed counts as published."""
    if news.signal is link_live and news.check.verdict == Verdict.LIVE:
        _publish(news.link)
    if news.signal is not None:
        news.signal.send(Backlink, backlink=news.link, check=news.check)


def _publish(link: Backlink) -> None:
    if link.status != BacklinkStatus.AGREED:
        return
    planned = link.next_check_at
    try:
        with transaction.atomic():
            move_backlink(link, BacklinkStatus.PUBLISHED)
    except BacklinkMoveError:
        return  # somebody moved it in this very moment
    Backlink.objects.filter(pk=link.pk).update(next_check_at=planned)
