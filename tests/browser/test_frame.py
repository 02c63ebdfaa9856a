"""The frame around every page: palette, shortcuts, menus, appearance, with and without script."""

import re

import pytest
from django.conf import settings
from playwright.sync_api import expect

from accounts.enums import Role
from tests.factories.accounts import AgencyFactory, ClientFactory, MembershipFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def member():
    agency = AgencyFactory.create(name="Fieldstone Agency", slug="fieldstone")
    ClientFactory.create(agency=agency, name="Ridge & Kitchen")
    return MembershipFactory.create(agency=agency, role=Role.OWNER)


@pytest.fixture
def desk(open_page, browser_of, live_server, member):
    """Open the overview logged in; keywords are those of `open_page`."""

    def visit(**how):
        page = open_page(**how)
        session = browser_of(member).cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
        )
        page.goto("/w/fieldstone/")
        return page

    return visit


def test_palette_filters_the_places_and_goes_there(desk, complaints):
    page = desk()
    page.keyboard.press("Control+k")
    page.keyboard.type("team")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile("/settings/team/$"))
    assert complaints == []


def test_go_keys_follow_the_navigation(desk):
    page = desk()
    page.goto("/w/fieldstone/settings/")
    page.keyboard.press("g")
    page.keyboard.press("o")

    expect(page).to_have_url(re.compile("/w/fieldstone/$"))


def test_shortcuts_are_listed_and_never_fire_while_typing(desk):
    page = desk()
    page.goto("/w/fieldstone/search/")
    page.locator("main input[type=search]").press("?")
    expect(page.locator("#shortcuts")).to_be_hidden()
    page.keyboard.press("Escape")
    page.keyboard.type("?")

    expect(page.locator("#shortcuts")).to_be_visible()


def test_single_keys_can_be_off(desk, member):
    member.user.single_key_shortcuts = False
    member.user.save()
    page = desk()
    page.keyboard.type("?")

    expect(page.locator("#shortcuts")).to_be_hidden()


def test_switcher_narrows_the_work_to_a_client(desk):
    page = desk()
    page.click("[popovertarget=agency-menu]")
    page.click("#agency-menu >> text=Ridge & Kitchen")

    expect(page.locator(".workspace small").first).to_have_text("Ridge & Kitchen")


@pytest.mark.parametrize("javascript", [True, False])
def test_theme_is_chosen_from_the_menu(desk, javascript):
    page = desk(javascript=javascript)
    page.click("[popovertarget=user-menu]")
    page.click("#user-menu >> text=Dark")

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


@pytest.mark.parametrize("javascript", [True, False])
def test_phone_reaches_everything_through_the_menu(desk, javascript):
    page = desk(size="phone", javascript=javascript)
    page.click(".tabbar >> text=Menu")
    page.click("#sidebar >> text=Settings")

    expect(page).to_have_url(re.compile("/settings/$"))


def test_logging_out_is_one_click_without_script(desk):
    page = desk(javascript=False)
    page.click("[popovertarget=user-menu]")
    page.click("#user-menu >> text=Log out")

    expect(page.locator("h1")).to_have_text("Log in")


@pytest.mark.parametrize("size", ["desktop", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_frame_has_no_serious_accessibility_problem(desk, serious, size, theme):
    page = desk(size=size, theme=theme)
    found = serious(page)
    if size == "phone":
        page.click(".tabbar >> text=Menu")
    page.click("[popovertarget=user-menu]")

    assert found + serious(page) == []


def test_open_palette_and_shortcuts_have_no_serious_accessibility_problem(desk, serious):
    page = desk()
    page.keyboard.press("Control+k")
    found = serious(page)
    page.keyboard.press("Escape")
    page.keyboard.type("?")

    assert found + serious(page) == []


def test_a_failed_request_is_told_and_changes_nothing(desk, complaints):
    page = desk()
    page.route(
        "**/switch/", lambda route: route.fulfill(status=500, headers={"X-Request-ID": "r1"})
    )
    page.click("[popovertarget=agency-menu]")

    expect(page.locator(".toast")).to_contain_text("Something failed on our side")
    expect(page.locator(".toast")).to_contain_text("Reference r1")
    expect(page.locator("#agency-menu")).to_contain_text("Switch agency or client")
    complaints.clear()


def test_a_toast_is_not_hidden_behind_a_dialog(desk, complaints):
    page = desk()
    page.route("**/search/**", lambda route: route.fulfill(status=500))
    page.keyboard.press("Control+k")
    page.keyboard.type("x")
    page.wait_for_selector(".toast")

    assert page.locator("#toasts").evaluate("shelf => shelf.matches(':popover-open')")
    complaints.clear()
