import datetime as dt

import pytest
import time_machine
from django.template import Context, Template
from django.test import RequestFactory

from accounts.enums import Role
from accounts.models import Membership
from foundation.templatetags import ui

NOW = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)


def render(text, **context):
    return Template(text).render(Context(context))


def test_icon_is_decoration_without_a_label():
    assert 'aria-hidden="true"' in ui.icon("check")


def test_icon_with_a_label_is_read_out():
    html = ui.icon("check", label="Done <b>")

    assert 'role="img"' in html
    assert 'aria-label="Done &lt;b&gt;"' in html


def test_qs_replaces_and_removes_keys():
    request = RequestFactory().get("/?q=a&page=3&sort=x")

    assert ui.qs(Context({"request": request}), page=None, q="b c") == "?q=b+c&sort=x"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1k"),
        (12_400, "12.4k"),
        (2_000_000, "2m"),
        (-1500, "-1.5k"),
        (None, ""),
    ],
)
def test_compact_shortens_numbers(number, text):
    assert ui.compact(number) == text


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Maya Lindqvist", "ML"),
        ("maya.lind@x.example", "ML"),
        ("Ø", "Ø"),
        ("", "?"),
        (None, "?"),
        ("@x", "?"),
    ],
)
def test_initials_of_a_name(name, letters):
    assert ui.initials(name) == letters


def test_hue_is_stable_and_one_of_eight():
    assert {ui.hue(name) for name in ("a", "b", "", None, "Ø")} <= set(range(8))


@pytest.mark.parametrize(
    ("back", "words"),
    [
        (dt.timedelta(seconds=5), "now"),
        (dt.timedelta(minutes=5), "5 min"),
        (dt.timedelta(hours=3), "3 h"),
        (dt.timedelta(days=2), "2 d"),
        (dt.timedelta(days=70), "2 mo"),
        (dt.timedelta(days=800), "2 y"),
        (dt.timedelta(hours=-3), "in 3 h"),
    ],
)
def test_ago_says_how_long(back, words):
    with time_machine.travel(NOW, tick=False):
        assert f">{words}</time>" in ui.ago(NOW - back)


def test_ago_carries_the_exact_moment():
    html = ui.ago(NOW)

    assert 'datetime="2026-11-21T12:00:00+00:00"' in html
    assert 'title="21 Nov 2026, 12:00 UTC"' in html


def test_ago_of_a_day_and_of_nothing():
    with time_machine.travel(NOW, tick=False):
        assert (">2 d<" in ui.ago(dt.date(2026, 11, 19)), ui.ago(None)) == (True, "")


def test_badge_escapes_its_words():
    assert "&lt;b&gt;" in ui.badge("<b>", "ok")


def test_choice_badge_uses_label_and_tone_of_the_choices():
    html = ui.choice_badge(Membership(role=Role.OWNER), "role")

    assert html == '<span class="badge" data-tone="accent"><i class="dot"></i>Owner</span>'


def test_choice_badge_of_nothing_is_nothing():
    assert ui.choice_badge(Membership(role=""), "role") == ""


def test_tags_need_no_load():
    html = render(
        '{% icon "check" 20 %}{% badge "Hi" "ok" %}{% meter 1 2 %}{% sparkline v %}', v=[1]
    )

    assert html.count("<svg") == 3


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("https://site.example/a", "https://site.example/a"),
        ("HTTP://site.example/", "HTTP://site.example/"),
        ("javascript:alert(1)", "#"),
        (" javascript:alert(1)", "#"),
        ("data:text/html,x", "#"),
        ("//evil.example/", "#"),
        ("", "#"),
        (None, "#"),
    ],
)
def test_web_leads_to_web_pages_only(stored, shown):
    assert ui.web(stored) == shown


@pytest.mark.parametrize(
    ("stored", "shown"),
    [("/w/a/leads/", "/w/a/leads/"), ("//evil.example", "#"), ("/\\evil.example", "#"), ("x", "#")],
)
def test_inside_stays_in_the_product(stored, shown):
    assert ui.inside(stored) == shown
