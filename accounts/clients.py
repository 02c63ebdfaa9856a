"""Which client a member is looking at: all, or one, kept in their session."""

from typing import cast

from accounts.models import Client
from accounts.tenancy import AgencyRequest

_UNREAD = object()


def current_client(request: AgencyRequest) -> Client | None:
    """Return the client this member's lists are narrowed to, or None for all clients.

    A client that was archived or removed since counts as none.
    """
    known = getattr(request, "_current_client", _UNREAD)
    if known is _UNREAD:
        known = _chosen(request)
        request._current_client = known  # type: ignore[attr-defined]  # noqa: SLF001  # ours, kept for the request
    return cast("Client | None", known)


def choose_client(request: AgencyRequest, client: Client | None) -> None:
    """Narrow this member's lists to one client, or widen them to all."""
    if client is None:
        request.session.pop(_key(request), None)
    else:
        request.session[_key(request)] = client.pk
    request._current_client = client  # type: ignore[attr-defined]  # noqa: SLF001  # ours, kept for the request


def _chosen(request: AgencyRequest) -> Client | None:
    pk = request.session.get(_key(request))
    if pk is None:
        return None
    return Client.objects.for_agency(request.agency).filter(pk=pk, is_archived=False).first()


def _key(request: AgencyRequest) -> str:
    return f"client_of_{request.agency.pk}"
