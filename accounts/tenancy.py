"""Tenancy: every tenant row carries its agency, every read names it, every view proves it.

A view is reached through `member_view`, which finds the agency in the URL and the
visitor's membership in it. Whoever has none gets 404, as if the page did not exist;
a member whose role is too low for an agency page they know of gets 403.
"""

from __future__ import annotations

import zoneinfo
from functools import wraps
from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.http import urlencode

from accounts.enums import Role
from accounts.roles import includes

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_htmx.middleware import HtmxDetails

    from accounts.models import Agency, Membership, User

M = TypeVar("M", bound=models.Model)

# Names the cookie that keeps the agency last worked in.
COOKIE = "agency"


class AgencyQuerySet(models.QuerySet[M]):
    """A queryset of rows that belong to an agency."""

    def for_agency(self, agency: Agency | int) -> Self:
        """Return only this agency's rows."""
        return self.filter(agency=agency)


class AgencyModel(models.Model):
    """A row that belongs to one agency and carries it itself."""

    agency = models.ForeignKey("accounts.Agency", on_delete=models.CASCADE, related_name="+")

    objects = AgencyQuerySet.as_manager()

    class Meta:
        abstract = True


class UserRequest(HttpRequest):
    """A request by someone logged in, outside any agency."""

    user: User


class AgencyRequest(HttpRequest):
    """A request by a member, inside an agency they belong to."""

    user: User
    agency: Agency
    membership: Membership
    htmx: HtmxDetails


def member_view(
    role: str = Role.MEMBER,
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Wrap a view under `/w/<slug:agency>/`: prove membership and role, set request.agency.

    The view is called as `view(request: AgencyRequest, **rest_of_the_url)`, with the
    member's time zone active.

    Args:
        role: the least role that may use the view; `Role.CLIENT` admits everyone.
    """

    def decorate(
        view: Callable[..., HttpResponseBase],
    ) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def wrapper(request: Any, *, agency: str, **kwargs: object) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return to_login(request)
            membership = membership_in(request.user, agency)
            request.agency = membership.agency
            request.membership = membership
            if not includes(membership.role, role):
                raise PermissionDenied
            with timezone.override(shown_zone(membership)):
                return _remember_agency(request, view(request, **kwargs))

        wrapper.needs_role = role  # type: ignore[attr-defined]  # read by the access matrix
        return wrapper

    return decorate


def membership_in(user: User, slug: str) -> Membership:
    """Return the user's membership in the agency of that slug, or raise `Http404`."""
    from accounts.models import Membership  # noqa: PLC0415  # models import this module

    membership = (
        Membership.objects.select_related("agency", "client")
        .filter(agency__slug=slug, agency__is_active=True, user=user)
        .first()
    )
    if membership is None:
        raise Http404
    membership.user = user  # already known: no page asks for it again
    return membership


def shown_zone(membership: Membership) -> zoneinfo.ZoneInfo:
    """Return the time zone a member reads times in: their own choice, else the agency's."""
    return zoneinfo.ZoneInfo(membership.user.time_zone or membership.agency.time_zone)


def to_login(request: HttpRequest) -> HttpResponse:
    """Send a visitor to log in and back; htmx is told to move the whole page (401)."""
    htmx: HtmxDetails | None = getattr(request, "htmx", None)
    back = (htmx.current_url_abs_path if htmx else None) or request.get_full_path()
    login = f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': back})}"
    if htmx:
        return HttpResponse(status=401, headers={"HX-Redirect": login})
    return HttpResponseRedirect(login)


def _remember_agency(request: AgencyRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Keep the agency last worked in, so that `/` returns there."""
    if isinstance(response, HttpResponse) and request.COOKIES.get(COOKIE) != request.agency.slug:
        response.set_cookie(
            COOKIE,
            request.agency.slug,
            max_age=365 * 24 * 3600,
            httponly=True,
            samesite="Lax",
            secure=request.is_secure(),
        )
    return response
