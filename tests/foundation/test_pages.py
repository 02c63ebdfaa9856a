import pytest
from django.contrib import messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.backends.cache import SessionStore
from django.test import RequestFactory
from django_htmx.middleware import HtmxDetails

from foundation.pages import after_post, render_page, say
from foundation.templatetags.ui import tone, undo_url

PAGE, PARTIAL = "404.html", "components/_reference.html"


@pytest.fixture
def ask():
    """Make a request: `ask(htmx=True)`; other keywords are htmx headers."""

    def make(*, htmx=False, **headers):
        sent = {"HX-Request": "true", **headers} if htmx else headers
        request = RequestFactory().post("/", headers=sent)
        request.htmx = HtmxDetails(request)
        request.session = SessionStore()
        request._messages = FallbackStorage(request)
        request.id = "abc"
        return request

    return make


def test_render_page_gives_the_page(ask):
    assert b"<html" in render_page(ask(), PAGE, PARTIAL, {}).content


def test_render_page_gives_htmx_the_partial(ask):
    body = render_page(ask(htmx=True), PAGE, PARTIAL, {}, status=422)

    assert (b"<html" in body.content, body.status_code) == (False, 422)


@pytest.mark.parametrize("header", ["HX-History-Restore-Request", "HX-Boosted"])
def test_render_page_gives_the_page_when_htmx_restores_or_boosts(ask, header):
    request = ask(htmx=True, **{header: "true"})

    assert b"<html" in render_page(request, PAGE, PARTIAL, {}).content


def test_after_post_redirects_without_htmx(ask):
    response = after_post(ask(), "/there/", partial=PARTIAL)

    assert (response.status_code, response["Location"]) == (302, "/there/")


def test_after_post_redirects_htmx_when_there_is_no_partial(ask):
    response = after_post(ask(htmx=True), "/there/")

    assert (response.status_code, response["HX-Redirect"]) == (204, "/there/")


def test_after_post_swaps_the_partial_and_its_toasts(ask):
    request = ask(htmx=True)
    say(request, "Saved <b>.", undo="/undo/")

    response = after_post(request, "/there/", partial=PARTIAL, url="/here/")

    body = response.content.decode()
    assert "<code>abc</code>" in body
    assert 'hx-swap-oob="beforeend:#toasts"' in body
    assert "Saved &lt;b&gt;." in body
    assert 'hx-post="/undo/"' in body
    assert response["HX-Push-Url"] == "/here/"


def test_say_gives_a_toast_its_tone_and_undo(ask):
    request = ask()
    say(request, "Gone.", tone="bad", undo="/back/")

    (message,) = messages.get_messages(request)

    assert (tone(message), undo_url(message)) == ("bad", "/back/")


@pytest.mark.parametrize(
    ("level", "expected"), [("success", "ok"), ("warning", "warn"), ("error", "bad"), ("info", "")]
)
def test_messages_of_others_are_toned_by_level(ask, level, expected):
    request = ask()
    getattr(messages, level)(request, "Signed in.")

    (message,) = messages.get_messages(request)

    assert (tone(message), undo_url(message)) == (expected, "")
