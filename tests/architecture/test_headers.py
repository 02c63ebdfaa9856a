"""Headers every answer carries, on every page a member can open."""

from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from accounts.enums import Role
from tests.architecture.routes import Route, routes
from tests.architecture.test_access_matrix import parts_of, undone
from tests.architecture.world import World

# Mail of others, shown inside one of our own pages in a sandboxed frame.
FRAMED = frozenset(
    {
        "campaigns:approval_preview",
        "campaigns:approval_sequence_preview",
        "mailer:mail_html",
        "mailer:message_preview",
        "mailer:sandbox_frame",
    }
)
PAGES = [route for route in routes() if route.name not in FRAMED]
FRAMES = [route for route in routes() if route.name in FRAMED]


@pytest.fixture
def world(db: None) -> World:
    return World()


def open_as_owner(route: Route, world: World) -> Any:
    browser = Browser()
    browser.force_login(
        world.people[Role.OWNER].user, backend="django.contrib.auth.backends.ModelBackend"
    )
    parts = parts_of(route, world)
    if "agency" in route.parts:
        parts["agency"] = world.agency.slug
    with undone():
        return browser.get(reverse(route.name, kwargs=parts))


def policy_of(response: Any) -> dict[str, str]:
    rules = [part.strip() for part in response["Content-Security-Policy"].split(";")]
    return dict(rule.split(" ", 1) for rule in rules if " " in rule)


@pytest.mark.parametrize("route", PAGES, ids=[route.name for route in PAGES])
def test_answer_carries_the_headers_that_protect_it(route: Route, world: World) -> None:
    response = open_as_owner(route, world)
    policy = policy_of(response)

    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert "HX-Request" in response["Vary"]


@pytest.mark.parametrize("route", FRAMES, ids=[route.name for route in FRAMES])
def test_frame_runs_nothing_and_stays_inside_ours(route: Route, world: World) -> None:
    response = open_as_owner(route, world)
    policy = policy_of(response)

    assert policy["default-src"] == "'none'"
    assert {"script-src", "script-src-elem", "script-src-attr", "connect-src"} & set(
        policy
    ) == set()
    assert policy["frame-ancestors"] == "'self'"
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_missing_page_carries_them_too(owner_browser: Browser) -> None:
    response = owner_browser.get("/nowhere/")

    assert response.status_code == 404
    assert "script-src 'self'" in response["Content-Security-Policy"]
