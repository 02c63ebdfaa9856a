"""The audit log: who did what, when, from where, with secrets taken out."""

from collections.abc import Mapping
from typing import Any

import structlog
from django.http import HttpRequest

from accounts.models import Agency, User
from compliance.models import AuditEntry
from compliance.redaction import redact, storable
from foundation.throttle import client_address


def record(
    *,
    agency: Agency | None,
    actor: User | None,
    action: str,
    object_type: str = "",
    object_id: str = "",
    changes: Mapping[str, Any] | None = None,
    request: HttpRequest | None = None,
    status: int | None = None,
) -> AuditEntry:
    """Append one entry; `changes` are redacted here, whoever calls."""
    return AuditEntry.objects.create(
        agency=agency,
        actor=actor,
        action=action[:120],
        object_type=object_type[:60],
        object_id=storable(str(object_id)[:60]),
        changes=redact(changes or {}),
        address=(client_address(request) or None) if request else None,
        request_id=request_id(request),
        status=status,
    )


def request_id(request: HttpRequest | None) -> str:
    """Return the id that ties an entry to the log lines of the same request."""
    known = getattr(request, "id", "") or structlog.contextvars.get_contextvars().get("request_id")
    return str(known or "")[:40]
