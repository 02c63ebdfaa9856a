"""Who may open what: every URL × everyone × GET and POST, from the resolver."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction
from django.test import Client as Browser
from django.urls import reverse

from accounts.enums import Role
from accounts.roles import includes
from tests.architecture.routes import Route, routes
from tests.architecture.samples import BODIES, NOT_OBJECTS, PUBLIC, SAMPLES
from tests.architecture.world import SECRET, World

ROUTES = routes()
INSIDE = [route for route in ROUTES if route.needs_role]
OUTSIDE = [route for route in ROUTES if not route.needs_role]
METHODS = ("get", "post")
LOGIN = "/accounts/login/"
NOT_ALLOWED = 405


def by_name(some: list[Route]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("route", some, ids=[route.name for route in some])


@pytest.fixture
def world(db: None) -> World:
    return World()


@contextmanager
def undone() -> Iterator[None]:
    """Take back whatever a request wrote, so that the next finds the same world."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def parts_of(route: Route, world: World) -> dict[str, object]:
    make = SAMPLES.get(route.name)
    parts = dict(make(world)) if make else {}
    missing = route.parts - {"agency"} - set(parts)
    assert not missing, f"add {route.name} to SAMPLES: {sorted(missing)} of {route.path}"
    return parts


def status(browser: Browser, method: str, url: str, body: dict[str, str] | None = None) -> int:
    with undone():
        response = getattr(browser, method)(url, body if method == "post" else None)
        if response.streaming:
            b"".join(response.streaming_content)
    if response.status_code == 302 and response["Location"].startswith(LOGIN):
        return 401
    return response.status_code


def browser_of(world: World, who: str) -> Browser:
    browser = Browser()
    if who != "anonymous":
        browser.force_login(
            world.people[who].user, backend="django.contrib.auth.backends.ModelBackend"
        )
    return browser


@pytest.mark.parametrize("name", sorted({route.name for route in OUTSIDE}))
def test_view_without_member_view_is_listed_as_public(name: str) -> None:
    assert PUBLIC.get(name, ""), f"{name} is not behind member_view: list it in PUBLIC, say why"


def test_lists_name_only_urls_that_exist() -> None:
    # The style guide exists in DEBUG only.
    known = {route.name for route in ROUTES} | {"styleguide"}

    assert (set(SAMPLES) | set(PUBLIC)) - known == set()


@by_name(INSIDE)
def test_member_url_opens_to_its_roles_only(route: Route, world: World) -> None:
    url = reverse(route.name, kwargs={"agency": world.agency.slug, **parts_of(route, world)})
    assert route.needs_role is not None

    found = {
        (who, method): status(browser_of(world, who), method, url, BODIES.get(route.name))
        for who in ("anonymous", "stranger", *Role.values)
        for method in METHODS
    }

    for (who, method), code in found.items():
        if code == NOT_ALLOWED == found["owner", method]:
            continue
        if who == "anonymous":
            assert code == 401, f"{method} {url} by nobody: {code}"
        elif who == "stranger":
            assert code == 404, f"{method} {url} by a stranger: {code}"
        elif includes(who, route.needs_role):
            assert code < 500, f"{method} {url} by {who}: {code}"
            assert code not in {401, 403, 404}, f"{method} {url} by {who}: {code}"
        else:
            assert code == 403, f"{method} {url} by {who}: {code}"


@by_name([route for route in INSIDE if route.parts > {"agency"} and route.name not in NOT_OBJECTS])
def test_object_is_not_found_inside_another_agency(route: Route, world: World) -> None:
    stranger = world.people["stranger"]
    url = reverse(route.name, kwargs={"agency": stranger.agency.slug, **parts_of(route, world)})

    codes = {status(browser_of(world, "stranger"), method, url) for method in METHODS}

    assert codes - {NOT_ALLOWED} == {404}


@by_name([route for route in INSIDE if route.name in NOT_OBJECTS])
def test_what_we_know_is_not_shown_inside_another_agency(route: Route, world: World) -> None:
    stranger = world.people["stranger"]
    url = reverse(route.name, kwargs={"agency": stranger.agency.slug, **parts_of(route, world)})

    response = browser_of(world, "stranger").get(url)

    assert SECRET not in response.content.decode()


@by_name(OUTSIDE)
def test_public_url_never_fails(route: Route, world: World) -> None:
    url = reverse(route.name, kwargs=parts_of(route, world))

    codes = {
        (who, method): status(browser_of(world, who), method, url)
        for who in ("anonymous", "stranger", "member")
        for method in METHODS
    }

    assert {key: code for key, code in codes.items() if code >= 500 or code == 403} == {}
