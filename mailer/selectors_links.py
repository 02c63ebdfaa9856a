"""Whose host name a request came to."""

import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.http import is_same_domain

from mailer.models import TrackingDomain

_KEPT = 60.0  # seconds a process remembers an answer
_MOST = 1000  # hosts remembered; strangers may send any name


@dataclass
class _Known:
    """Answers by host, and until when they hold."""

    answers: dict[str, tuple[float, int | None]] = field(default_factory=dict)


_known = _Known()


def is_ours(host: str) -> bool:
    """Return whether a host name is the operator's own, by the settings alone."""
    if "." not in host or host.replace(".", "").isdigit():
        return True
    if host == urlsplit(settings.SITE_URL).hostname or host == link_host():
        return True
    return any(name != "*" and is_same_domain(host, name) for name in settings.ALLOWED_HOSTS)


def link_host() -> str:
    """Return the host name that an agency's own one must point at."""
    return urlsplit(settings.TRACKING_URL).hostname or ""


def agency_of_host(host: str) -> int | None:
    """Return the agency that has proved a host name to be its own; asked once a minute."""
    host = host.lower().rstrip(".")[:253]
    now = time.monotonic()
    until, agency_id = _known.answers.get(host, (0.0, None))
    if until < now:
        if len(_known.answers) >= _MOST:
            _known.answers.clear()
        rows = TrackingDomain.objects.filter(host=host)
        agency_id = rows.values_list("agency", flat=True).first()
        _known.answers[host] = (now + _KEPT, agency_id)
    return agency_id


def forget_hosts() -> None:
    """Ask anew from now on (in this process)."""
    _known.answers.clear()
