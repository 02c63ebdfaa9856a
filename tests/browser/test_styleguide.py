"""Every component on one page: accessible in both themes and sizes, nothing wider than a phone."""

import pytest

pytestmark = [pytest.mark.urls("tests.foundation.urls"), pytest.mark.django_db(transaction=True)]


@pytest.fixture
def styleguide(open_page):
    def visit(**how):
        page = open_page(**how)
        page.goto("/styleguide/?toast=1")
        return page

    return visit


@pytest.mark.parametrize("size", ["desktop", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_components_have_no_serious_accessibility_problem(
    styleguide, serious, complaints, size, theme
):
    page = styleguide(size=size, theme=theme)

    assert (serious(page), complaints) == ([], [])


def test_open_dialog_and_menu_have_no_serious_accessibility_problem(styleguide, serious):
    page = styleguide()
    page.click("[popovertarget=look-menu]")
    found = serious(page)
    page.keyboard.press("Escape")
    page.click("[data-dialog='#sample-dialog']")

    assert found + serious(page) == []


@pytest.mark.parametrize("width", [320, 390, 860, 1180, 1920])
def test_components_are_never_wider_than_the_screen(styleguide, width):
    page = styleguide()
    page.set_viewport_size({"width": width, "height": 800})

    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_cold_page_asks_for_little_and_nothing_foreign(open_page, live_server):
    page, asked = open_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/styleguide/")
    page.wait_for_load_state("networkidle")

    assert len(asked) <= 10
    assert [url for url in asked if not url.startswith((live_server.url, "data:"))] == []


def test_toasts_are_dismissed_by_hand(styleguide):
    page = styleguide()
    page.click(".toast [data-dismiss] >> nth=0")

    assert page.locator(".toast").count() == 1


def test_shift_click_selects_a_range_and_the_head_says_some(styleguide):
    page = styleguide()
    page.check("[name=ids] >> nth=0")
    page.click("[name=ids] >> nth=1", modifiers=["Shift"])

    assert page.locator("[name=ids]:checked").count() == 2
    assert page.locator("thead .check").evaluate("box => box.indeterminate")


def test_chart_is_read_with_the_arrow_keys(styleguide):
    page = styleguide()
    page.focus(".chart >> nth=0")
    page.keyboard.press("ArrowLeft")

    assert page.locator(".tip").first.inner_text().startswith("40 replies")


def test_dialog_opens_without_script(open_page):
    page = open_page(javascript=False)
    page.goto("/styleguide/")
    page.click("[data-dialog='#sample-dialog']")

    assert page.locator("#sample-dialog").is_visible()
