"""Every URL × the other methods × everyone, and proof that reading never writes."""

import re

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.enums import Role
from accounts.roles import includes
from tests.architecture.routes import Route, admin_routes
from tests.architecture.test_access_matrix import (
    INSIDE,
    NOT_OBJECTS,
    OUTSIDE,
    browser_of,
    by_name,
    parts_of,
    status,
    undone,
)
from tests.architecture.world import SECRET, World
from tests.factories.accounts import UserFactory

CHANGING = ("put", "patch", "delete", "options", "trace")
SAFE = ("get", "head")
_WRITE = re.compile(r"\s*(INSERT INTO|UPDATE|DELETE FROM|REPLACE INTO)\s+\"(\w+)\"", re.IGNORECASE)
# A visit may keep its session, and a knock at a wrong door is written down.
VISIT = frozenset({"django_session"})
KNOCK = VISIT | {"compliance_securityevent"}
# allauth gives a user made elsewhere than at sign-up the row of their address.
FIRST_VISIT = KNOCK | {"account_emailaddress"}


@pytest.fixture
def world(db: None) -> World:
    return World()


def url_of(route: Route, world: World) -> str:
    parts = parts_of(route, world)
    if "agency" in route.parts:
        parts["agency"] = world.agency.slug
    return reverse(route.name, kwargs=parts)


def read(browser: Browser, method: str, url: str) -> tuple[int, set[str]]:
    """Return the status of a request, and the tables it wrote to."""
    with undone(), CaptureQueriesContext(connection) as asked:
        response = getattr(browser, method)(url)
        if response.streaming:
            b"".join(response.streaming_content)
    found = (_WRITE.match(query["sql"]) for query in asked.captured_queries)
    return response.status_code, {match[2] for match in found if match}


def refusal(who: str, route: Route) -> int:
    """Return how a person is turned away from a URL."""
    if who in {"anonymous", "stranger"}:
        return 401 if who == "anonymous" else 404
    return 405 if includes(who, str(route.needs_role)) else 403


@by_name(INSIDE)
def test_other_methods_open_to_nobody(route: Route, world: World) -> None:
    url = url_of(route, world)

    for who in ("anonymous", "stranger", *Role.values):
        browser = browser_of(world, who)
        codes = {status(browser, method, url) for method in CHANGING}
        # Refused before or after asking who it is: either way nothing is told.
        assert codes <= {refusal(who, route), 405}, f"by {who}: {codes}"


@by_name(INSIDE)
def test_reading_writes_nothing(route: Route, world: World) -> None:
    url = url_of(route, world)

    for who, allowed in (("owner", VISIT), ("client", KNOCK), ("stranger", KNOCK)):
        answers = {method: read(browser_of(world, who), method, url) for method in SAFE}
        codes = {code for code, _ in answers.values()}
        assert len(codes) == 1, f"{who}: HEAD is answered as GET is"
        for method, (_, tables) in answers.items():
            assert tables <= allowed, f"{method} by {who}"


@by_name(OUTSIDE)
def test_reading_outside_agencies_writes_nothing(route: Route, world: World) -> None:
    url = url_of(route, world)

    for who in ("anonymous", "member"):
        browser = browser_of(world, who)
        for method in SAFE:
            assert read(browser, method, url)[1] <= FIRST_VISIT, f"{method} by {who}"


@by_name([route for route in INSIDE if route.parts > {"agency"} and route.name not in NOT_OBJECTS])
def test_object_of_another_agency_is_not_found_by_any_method(route: Route, world: World) -> None:
    stranger = world.people["stranger"]
    parts = {"agency": stranger.agency.slug, **parts_of(route, world)}
    browser = browser_of(world, "stranger")

    codes = {status(browser, method, reverse(route.name, kwargs=parts)) for method in CHANGING}

    assert codes <= {404, 405}


@by_name([route for route in INSIDE if route.parts == {"agency"}])
def test_what_we_know_is_not_shown_to_another_agency(route: Route, world: World) -> None:
    """A list of another agency holds nothing of ours."""
    _ours = world.lead, world.thread, world.message, world.inbound, world.campaign
    stranger = world.people["stranger"]
    url = reverse(route.name, kwargs={"agency": stranger.agency.slug})

    with undone():
        response = browser_of(world, "stranger").get(url, follow=True)
        body = response.getvalue() if response.streaming else response.content

    assert SECRET.encode() not in body
    assert world.mailbox.address.encode() not in body


@by_name(admin_routes())
def test_admin_opens_to_no_member_by_any_method(route: Route, world: World) -> None:
    url = "/" + re.sub(r"<[^>]+>|\(\?P<[^>]+>[^)]*\)", "1", route.path).rstrip("$")

    for browser in (Browser(), browser_of(world, "owner")):
        codes = {status(browser, method, url) for method in (*SAFE, "post", *CHANGING)}
        assert codes <= {301, 302, 401, 403, 404, 405}, codes


@by_name([route for route in admin_routes() if not set(route.path) & set("<(")])
def test_reading_the_admin_writes_nothing(route: Route, world: World) -> None:
    browser = Browser()
    browser.force_login(
        UserFactory.create(is_staff=True, is_superuser=True),
        backend="django.contrib.auth.backends.ModelBackend",
    )

    assert read(browser, "get", f"/{route.path}")[1] <= KNOCK
