"""Security events: failed logins, forged tokens, knocks at other people's doors."""

from collections.abc import Mapping
from typing import Any

import structlog
from django.http import HttpRequest

from accounts.models import Agency, User
from compliance.audit import request_id
from compliance.models import SecurityEvent
from compliance.redaction import redact
from foundation.throttle import client_address

log = structlog.get_logger(__name__)


def record(
    kind: str,
    *,
    request: HttpRequest | None = None,
    agency: Agency | None = None,
    actor: User | None = None,
    detail: Mapping[str, Any] | None = None,
) -> SecurityEvent:
    """Append one event; `kind` is a value of `SecurityKind`."""
    clean = redact(detail or {})
    log.warning("security_event", kind=kind, **{f"detail_{k}": v for k, v in clean.items()})
    return SecurityEvent.objects.create(
        kind=kind[:40],
        agency=agency,
        actor=actor,
        address=(client_address(request) or None) if request else None,
        detail=clean,
        request_id=request_id(request),
    )
