"""Writes the audit log of state-changing requests, and security events of refused ones."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse

from accounts.models import Agency, User
from compliance import audit, security
from compliance.enums import SecurityKind
from compliance.redaction import HIDDEN, is_secret_name

log = structlog.get_logger(__name__)

CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_NOISE = {"csrfmiddlewaretoken"}


class AuditMiddleware:
    """Record every state-changing request of a member, and every knock at a wrong door.

    A view that handles what must not be kept (the address of someone being erased) names
    those form fields in `request.audit_hidden`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, then record it; a log that fails does not undo the act."""
        if request.method not in CHANGING:
            return self.get_response(request)
        before = _member(request)
        response = self.get_response(request)
        try:
            _record(request, response, before or _member(request))
        except DatabaseError:
            log.exception("audit_entry_lost", path=request.path)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Record a role too low, and a member at another agency's door."""
        if isinstance(exception, PermissionDenied):
            _refused(request, SecurityKind.PERMISSION_DENIED, getattr(request, "agency", None))
        elif isinstance(exception, Http404) and not hasattr(request, "agency"):
            agency = _agency_knocked_at(request)
            if agency is not None:
                _refused(request, SecurityKind.CROSS_AGENCY, agency)


def _member(request: HttpRequest) -> User | None:
    user = getattr(request, "user", None)
    return user if isinstance(user, User) or getattr(user, "is_authenticated", False) else None


def _record(request: HttpRequest, response: HttpResponse, actor: User | None) -> None:
    match = request.resolver_match
    if match is None:
        return
    if _never_reached_its_view(request, response):
        detail = {"path": request.path}
        security.record(SecurityKind.CSRF_FAILED, request=request, actor=actor, detail=detail)
    elif actor is not None:
        audit.record(
            agency=getattr(request, "agency", None),
            actor=actor,
            action=match.view_name or match.route,
            object_type=match.app_names[0] if match.app_names else "",
            object_id=_object_id(match.kwargs),
            changes=_changes(request),
            request=request,
            status=response.status_code,
        )


def _never_reached_its_view(request: HttpRequest, response: HttpResponse) -> bool:
    """Return whether the form's CSRF token did not match (Django answers that itself)."""
    match = request.resolver_match
    return (
        response.status_code == HTTPStatus.FORBIDDEN
        and not getattr(request, "csrf_processing_done", False)
        and not getattr(match.func if match else None, "csrf_exempt", False)
    )


def _object_id(kwargs: dict[str, Any]) -> str:
    """Return what the URL names, without the agency and without secrets."""
    return "/".join(
        HIDDEN if is_secret_name(name) else str(value)
        for name, value in kwargs.items()
        if name != "agency"
    )


def _changes(request: HttpRequest) -> dict[str, Any]:
    """Return the fields of the form sent; files by name and size, hidden fields as such."""
    hidden: frozenset[str] = getattr(request, "audit_hidden", frozenset())
    changes: dict[str, Any] = {}
    for name, values in request.POST.lists():
        if name in _NOISE:
            continue
        changes[name] = HIDDEN if name in hidden else values[0] if len(values) == 1 else values
    for name, file in request.FILES.items():
        if isinstance(file, UploadedFile):
            changes[name] = f"{file.name} ({file.size} bytes)"
    return changes


def _agency_knocked_at(request: HttpRequest) -> Agency | None:
    """Return the agency that a member of others asked for; None when there is no such one."""
    match = request.resolver_match
    slug = match.kwargs.get("agency") if match else None
    if not slug or _member(request) is None:
        return None
    return Agency.objects.filter(slug=slug).first()


def _refused(request: HttpRequest, kind: SecurityKind, agency: Agency | None) -> None:
    detail = {"path": request.path, "method": request.method}
    security.record(kind, request=request, agency=agency, actor=_member(request), detail=detail)
