"""Stored scripts in every text field, every page opened in a real browser: nothing runs.

`python -m benchmarks.payloads --folder PATH` runs this file with the payloads of a folder.
"""

from __future__ import annotations

import datetime as dt
from itertools import cycle
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.apps import apps
from django.conf import settings as live
from django.db import models
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Error, Page

from mailer.models import InboundMessage
from mailer.sanitising import sanitise
from tests.architecture.routes import routes
from tests.architecture.test_access_matrix import parts_of
from tests.architecture.world import World
from tests.browser.payloads import OWN, note, payloads
from tests.factories.leads import LeadFactory

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

APPS = ("accounts", "leads", "mailer", "campaigns", "compliance", "directory", "integrations")
# Text by which rows are found or work is done: no page lets anybody write these freely.
_KEYS = (
    "slug",
    "email",
    "address",
    "domain",
    "digest",
    "token",
    "message_id",
    "references",
    "in_reply_to",
    "time_zone",
    "country",
    "language",
    "file",
    "password",
    "host",
    "provider",
    "folder",
    "key",
    "owner",
    "uid",
    "encoding",
    "delimiter",
    "selector",
    "algorithm",
    "auth",
    "status",
    "kind",
    "reply_to",
    "tracking",
    "recipient",
    "from_address",
    "value",
    "cursor",
    "network",
    "category",
    "action",
    "object_type",
    "search",
    "color",
    "currency",
    "sha",
    "link",
)
_NOTHING_SHOWN = ("ERR_ABORTED", "Download")
_WATCH = """
(() => { for (const name of ['alert', 'confirm', 'prompt', 'print'])
  window[name] = () => { window.__hit && window.__hit(name + ' ' + location.href) } })()
"""
_FOUND = """
() => [...document.querySelectorAll('*')].flatMap(e => [...e.attributes]
  .filter(a => /^on[a-z]+$/.test(a.name)
    || (/^(href|src|action|formaction|data|xlink:href)$/.test(a.name)
        && /^[\\s\\x00-\\x1f]*(javascript|vbscript|data:text)/i.test(a.value)))
  .map(a => e.tagName + ' ' + a.name + '=' + a.value.slice(0, 60)))
"""


def fields_of(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """The free text of a table."""
    return [
        field
        for field in model._meta.local_concrete_fields
        if type(field) in {models.CharField, models.TextField}
        and not (field.choices or field.unique)
        and (field.max_length or 99) >= 40
        and not any(key in field.name for key in _KEYS)
    ]


def plant(shapes: Iterator[str]) -> int:
    """Put one payload after another into every free text there is; returns how many."""
    count = 0
    for model in (m for app in APPS for m in apps.get_app_config(app).get_models()):
        for row in model._base_manager.all():
            values = {}
            for field in fields_of(model):
                text = next(shapes)
                values[field.name] = text[: field.max_length] if field.max_length else text
            if "html" in values and model is InboundMessage:
                values["html"] = sanitise(values["html"])
            if values:
                model._base_manager.filter(pk=row.pk).update(**values)
                count += len(values)
    return count


def crowd(world: World, shapes: list[str]) -> None:
    """A lead for each payload, and a mail from it in one thread: subject, text and HTML."""
    now = timezone.now()
    for number, shape in enumerate(shapes):
        LeadFactory.create(
            agency=world.agency,
            first_name=shape[:100],
            company=shape[:200],
            job_title=shape[:150],
            website=shape[:500],
            custom={shape[:60]: shape},
        )
        InboundMessage.objects.create(
            agency=world.agency,
            mailbox=world.mailbox,
            thread=world.thread,
            kind="reply",
            uid=100 + number,
            message_id=f"<{number}@x.example>",
            from_address="ann@prospect.example",
            from_name=shape[:200],
            subject=shape[:500],
            text=shape,
            new_text=shape,
            html=sanitise(f"<p>Hi</p>{shape}"),
            intent_reasons=[shape[:200]],
            received_at=now + dt.timedelta(seconds=number),
        )


@pytest.fixture
def world(settings, tmp_path, db) -> World:
    settings.SANDBOX_DIR = tmp_path / "sandbox"
    settings.MEDIA_ROOT = tmp_path / "files"
    return World()


def pages(world: World) -> list[str]:
    """Every page the owner can open by address."""
    browser = Browser()
    browser.force_login(
        world.people["owner"].user, backend="django.contrib.auth.backends.ModelBackend"
    )
    found = []
    for route in routes():
        if not route.needs_role:
            continue
        path = reverse(route.name, kwargs={"agency": world.agency.slug, **parts_of(route, world)})
        answer = browser.get(path)
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            found.append(path)
    return found


class Watch:
    """A tab in which whatever a payload manages is written down."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page, self.origin = page, origin
        self.ran: list[str] = []
        self.raw: list[str] = []
        page.on("dialog", self._dialog)
        page.context.expose_function("__hit", self._hit)
        page.context.add_init_script(_WATCH)

    def _hit(self, what: str) -> None:
        self.ran.append(what)

    def _dialog(self, dialog: Any) -> None:
        self.ran.append(f"{dialog.message} {self.page.url}")
        dialog.dismiss()

    def open(self, path: str) -> None:
        """Open a page and look at its every frame."""
        try:
            self.page.goto(path, wait_until="load")
        except Error as error:
            # A download: nothing is shown.
            if not any(words in str(error) for words in _NOTHING_SHOWN):
                raise
            return
        self.raw += [f"{path}: {one}" for one in self.page.evaluate(_FOUND)]
        self.ran += [f.url for f in self.page.frames if urlsplit(f.url).hostname == "evil.example"]


def watched(open_page: Any, world: World, url: str) -> Watch:
    """A tab logged in as the agency's owner."""
    browser = Browser()
    browser.force_login(
        world.people["owner"].user, backend="django.contrib.auth.backends.ModelBackend"
    )
    watch = Watch(open_page(), url)
    cookie = browser.cookies[live.SESSION_COOKIE_NAME].value
    watch.page.context.add_cookies(
        [{"name": live.SESSION_COOKIE_NAME, "value": cookie, "url": url}]
    )
    return watch


def test_no_stored_payload_runs(world, open_page, live_server, complaints):
    shapes = payloads("xss.lines.txt", OWN)
    addresses = pages(world)
    turn = cycle(shapes)
    planted, rounds = 0, 0
    watch = watched(open_page, world, live_server.url)
    while planted < 2 * len(shapes):
        planted += plant(turn)
        rounds += 1
        for path in addresses:
            watch.open(path)

    note(
        f"{len(shapes)} payloads in {planted} fields, {rounds} x {len(addresses)} pages:"
        f" {len(watch.ran)} run, {len(watch.raw)} raw"
    )
    assert (watch.ran, watch.raw) == ([], [])
    blocked = [one for one in complaints if "Content Security Policy" in one]
    assert [one for one in blocked if "script" in one.lower() and "sandbox" not in one] == []


def test_no_payload_runs_in_lists_mails_and_searches(world, open_page, live_server, complaints):
    shapes = payloads("xss.lines.txt", OWN)
    crowd(world, shapes)
    slug = world.agency.slug
    watch = watched(open_page, world, live_server.url)

    watch.open(reverse("mailer:thread", args=[slug, world.thread.pk]))
    for mail in InboundMessage.objects.order_by("pk"):
        watch.open(reverse("mailer:mail_html", args=[slug, mail.pk]))
    for shape in shapes:
        watch.open(f"{reverse('leads:list', args=[slug])}?{urlencode({'q': shape})}")

    note(
        f"{len(shapes)} payloads in mails, lists and searches:"
        f" {len(watch.ran)} run, {len(watch.raw)} raw"
    )
    assert (watch.ran, watch.raw) == ([], [])
