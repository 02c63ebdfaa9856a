"""`manage.py check_link` tells verdict and evidence as JSON."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from tests.servers.web import WebServer, web_running

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(settings):
    settings.CRAWLER_DELAY = 0.0
    with web_running(WebServer()) as server:
        yield server


def told(*arguments: str) -> dict:
    out = StringIO()
    call_command("check_link", *arguments, stdout=out)
    return json.loads(out.getvalue())


def test_link_is_told_with_its_evidence(site):
    site.page("/a", '<p>Read <a rel="nofollow" href="https://acme.example/">Acme</a> first.</p>')
    found = told(
        "--source", site.url("/a"), "--target", "https://acme.example/",
        "--expect-rel", "dofollow", "--expect-anchor", "Acme", "--allow-private",
    )  # fmt: skip
    assert (found["verdict"], found["changes"]) == (
        "changed",
        [{"what": "rel", "expected": "dofollow", "found": "nofollow"}],
    )
    link = found["evidence"]["link"]
    assert (link["rel"], link["anchor"], link["context"]) == (
        ["nofollow"],
        "Acme",
        "Read Acme first.",
    )


def test_this_machine_is_not_visited_unless_asked(site):
    found = told("--source", site.url("/a"), "--target", "https://acme.example/")
    assert (found["verdict"], found["evidence"]["problem"]) == ("unverifiable", "private")
    assert site.asked == []
