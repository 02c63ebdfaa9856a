"""What visitors of an e-mail's addresses are answered with, and how their visit is kept.

Answering writes one line to the spool (`mailer.spool`) and nothing to the database;
`mailer.services.draining` stores the lines, `mailer.services.fetches` draws the
conclusions.
"""

import time
from dataclasses import dataclass

import structlog
from celery import current_app
from django.conf import settings

from foundation.wake import wake
from mailer import spool
from mailer.enums import EventKind
from mailer.links import is_web_url
from mailer.models import Message
from mailer.services.draining import drain
from mailer.services.fetches import Visit, record_visits
from mailer.tokens import Purpose, Token

log = structlog.get_logger(__name__)

KIND_OF = {
    Purpose.OPEN: EventKind.OPENED,
    Purpose.CLICK: EventKind.CLICKED,
    Purpose.TRAP: EventKind.TRAPPED,
}
_WAKE_EVERY = 1.0  # seconds between two calls for a drain by one process


def find_message(token: Token) -> Message | None:
    """Return the message a token names, if it is still known in that agency."""
    rows = Message.objects.filter(agency=token.agency_id, pk=token.message_id)
    return rows.select_related("agency").first()


# A process remembers the links of this many e-mails, this many seconds: they never change,
# but for being erased. Only beside a broker, that is in production.
_REMEMBERED, _FOR = 20_000, 60.0
_links: dict[tuple[int, int], tuple[float, list[str]]] = {}


def target_of(token: Token) -> str:
    """Return the link of that message a token names; "" when there is none to follow."""
    links = _links_of(token)
    url = links[token.link] if token.link < len(links) else ""
    return url if is_web_url(url) else ""


def _links_of(token: Token) -> list[str]:
    key, now = (token.agency_id, token.message_id), time.monotonic()
    until, links = _links.get(key, (0.0, []))
    if until > now and not settings.SPOOL_DRAIN_AT_ONCE:
        return links
    rows = Message.objects.filter(pk=token.message_id, agency=token.agency_id)
    links = rows.values_list("links", flat=True).first() or []
    if links and not settings.SPOOL_DRAIN_AT_ONCE:
        if len(_links) >= _REMEMBERED:
            _links.clear()
        _links[key] = (now + _FOR, links)
    return links


def note_visit(visit: Visit) -> None:
    """Keep a visit: once this returns it is counted, whatever becomes of this process.

    A full disk is no reason to lose it: then it goes straight into the tables.
    """
    try:
        spool.append(visit.line())
    except spool.SpoolError as error:
        log.warning("spool_refused", error=str(error))
        record_visits([visit])
        return
    _call_for_drain()


@dataclass
class _LastCall:
    at: float = 0.0


_last_call = _LastCall()


def _call_for_drain() -> None:
    """Have what was spooled stored soon: by this process without a broker, else by a worker."""
    if settings.SPOOL_DRAIN_AT_ONCE:
        drain(wait=True)
        return
    now = time.monotonic()
    if now - _last_call.at >= _WAKE_EVERY:
        _last_call.at = now
        wake(current_app.signature("mailer.drain_spool"))
