"""Redirect and formula payloads; `python -m benchmarks.payloads` runs them with a folder's."""

import csv
import io
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client as Browser
from django.urls import reverse

from foundation.public_addresses import HostError, resolve_public
from tests.accounts.test_signup import PASSWORD, person
from tests.browser.payloads import note, payloads
from tests.factories.leads import LeadFactory

REDIRECTS = (
    "https://evil.example/",
    "http:evil.example",
    "//evil.example",
    "///evil.example",
    "////evil.example//",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/%09/evil.example",
    "/%5cevil.example",
    "/%2f%2fevil.example",
    "https:///evil.example",
    "https://testserver@evil.example",
    "https://testserver.evil.example",
    "//testserver\\@evil.example",
    "javascript:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "//evil%E3%80%82example",
    "/\r\nLocation: https://evil.example",
    "\x00//evil.example",
    "//evil.example:80#@testserver/",
)
FORMULAS = (
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    '=IMPORTXML("http://evil.example", "//a")',
    '=HYPERLINK("http://evil.example","x")',
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(1)",
    "\u00a0=1",
    "\ufeff=1",
    "|calc",
    '"=1+1"',
)
_STARTS = ("=", "+", "-", "@", "|", "%", "＝", "＋", "－", "＠")


def target(location: str) -> str:
    """Return the host a browser would go to: it reads \\ as / and drops tabs and ends of lines."""
    read = location.replace("\\", "/")
    for char in "\t\r\n\0":
        read = read.replace(char, "")
    return urlsplit(urljoin("http://testserver/accounts/login/", read.strip())).netloc


@pytest.mark.django_db
def test_no_redirect_leads_off_the_product(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.ACCOUNT_RATE_LIMITS = False
    person()
    off = []
    shapes = payloads("open_redirect.lines.txt", REDIRECTS)
    for shape in shapes:
        fields = {"login": "ann@fieldstone.example", "password": PASSWORD, "next": shape}
        browser = Browser()
        for answer in (
            browser.post(reverse("account_login"), fields),
            browser.get(reverse("account_login"), {"next": shape}),
            browser.post(reverse("appearance"), {"theme": "dark", "next": shape}),
            browser.post(reverse("account_logout"), {"next": shape}),
        ):
            where = answer.get("Location", "")
            if where and target(where) != "testserver":
                off.append(f"{shape!r} to {where!r}")

    note(f"{len(shapes)} redirects x 4 doors: {len(off)} off-target")
    assert off == []


@pytest.mark.django_db
def test_no_cell_of_an_export_is_a_formula(owner_browser, agency):
    shapes = payloads("csv_injection.lines.txt", FORMULAS)
    for shape in shapes:
        LeadFactory.create(
            agency=agency,
            first_name=shape[:100],
            last_name=shape.strip()[:100],
            company=shape[:200],
            job_title=shape[:150],
            custom={shape[:60]: shape},
        )

    answer = owner_browser.get(reverse("leads:export", args=[agency.slug]))
    text = b"".join(answer.streaming_content).decode("utf-8-sig")

    rows = list(csv.reader(io.StringIO(text, newline="")))
    cells = [cell for row in rows for cell in row]
    bad = [cell for cell in cells if cell.strip(" \t\r\n\u00a0\ufeff").startswith(_STARTS)]
    note(f"{len(shapes)} formulas, {len(cells)} cells: {len(bad)} formulas")
    assert len(rows) == len(shapes) + 1
    assert bad == []


def test_no_private_address_is_let_through():
    shapes = payloads("ssrf_urls.lines.txt", ("http://127.1/", "http://[::ffff:7f00:1]/"))
    let = []
    for shape in shapes:
        try:
            host = urlsplit(shape.replace("http:127", "http://127")).hostname or ""
            found = resolve_public(host, 80)
        except (HostError, ValueError):
            continue
        let.append(f"{shape} is {found}")

    note(f"{len(shapes)} addresses: {len(let)} let through")
    assert let == []
