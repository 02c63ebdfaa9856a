"""A canary in every kind of secret, and every place it must not sing in."""

from __future__ import annotations

import base64
import io
import logging
import traceback
from contextlib import suppress
from urllib.parse import quote

import pytest
import redis
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.utils import encrypt
from celery.signals import before_task_publish
from django.conf import settings as live
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.db.models.signals import pre_save
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from django.utils.log import AdminEmailHandler

from accounts.enums import Role
from accounts.services.invitations import invite
from compliance.personal_data import everything_on
from compliance.reporting import RedactingReporter
from foundation.rotation import secret_columns
from integrations.enums import Provider
from integrations.models import ProviderAccount
from mailer.models import DkimKey, Mailbox, MailboxGrant
from mailer.services.mailbox_pass import open_smtp
from mailer.services.probing import probe_mailbox
from mailer.services.reading import read_mailbox
from mailer.services.sending import send_due
from mailer.smtp import SmtpError
from tests.accounts.test_signup import link_in, log_in, person
from tests.factories.accounts import UserFactory
from tests.factories.compliance import AssessmentFactory
from tests.factories.mailer import MailboxFactory, MessageFactory
from tests.servers.imap import imap_running
from tests.servers.smtp import SmtpServer, free_port, smtp_running

CANARY = "kAn4ry-9f3b1c7e"
TOTP_CANARY = "KAN4RYKAN5RYKAN6RYKAN7RYKAN2RYKA"
SEED_CANARY = "c4a4a4c4a4a4c4a4" * 5
NAMES = (
    "smtp_password",
    "imap_password",
    "private_key",
    "access_token",
    "refresh_token",
    "secret",
)


def needles() -> list[bytes]:
    """The canaries as they are, quoted, and in base64 at each of the three alignments."""
    found = [CANARY, TOTP_CANARY, SEED_CANARY, quote(CANARY)]
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + CANARY.encode()).decode()
        found.append(text[4:-4])
    return [one.encode() for one in found]


def singing(text: str | bytes, *others: str) -> list[bytes]:
    data = text.encode() if isinstance(text, str) else text
    return [one for one in [*needles(), *(other.encode() for other in others)] if one in data]


@pytest.fixture
def planted(owner, agency):
    """Every stored kind of secret with a canary in it; returns the mailbox."""
    mailbox = MailboxFactory.create(
        agency=agency, smtp_username="ann", smtp_password=CANARY, imap_password=CANARY
    )
    MailboxGrant.objects.create(
        agency=agency,
        mailbox=mailbox,
        provider="google",
        account=mailbox.address,
        access_token=CANARY,
        refresh_token=CANARY,
        expires_at=timezone.now(),
    )
    DkimKey.objects.create(
        agency=agency, domain="x.example", selector="s", algorithm="rsa", private_key=CANARY,
        public_key="p",
    )  # fmt: skip
    ProviderAccount.objects.create(
        agency=agency, provider=Provider.DATAFORSEO, login="ann", secret=CANARY
    )
    TOTP.activate(owner.user, TOTP_CANARY)
    codes = RecoveryCodes.activate(owner.user).instance
    codes.data["seed"] = str(encrypt(SEED_CANARY))
    codes.save()
    return mailbox


def dump() -> str:
    """Every row of every table, as text."""
    parts = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608  # a table's name
            parts += [repr([bytes(c) if isinstance(c, memoryview) else c for c in row])
                      for row in cursor.fetchall()]  # fmt: skip
    return "\n".join(parts)


@pytest.mark.django_db
def test_every_secret_column_has_a_canary(planted):
    """A new `SecretField` has to be planted here too."""
    filled = {
        f"{model._meta.label}.{name}"
        for model, name in secret_columns()
        for row in model._base_manager.all()
        if getattr(row, name) == CANARY
    }

    assert {name.rpartition(".")[2] for name in filled} == set(NAMES)
    assert filled == {f"{model._meta.label}.{name}" for model, name in secret_columns()}


@pytest.mark.django_db
def test_database_holds_no_canary(planted):
    assert singing(dump()) == []


@pytest.mark.django_db
def test_dumpdata_holds_no_canary(planted):
    out = io.StringIO()

    call_command("dumpdata", "mailer", "integrations", "mfa", "sessions", stdout=out)

    assert singing(out.getvalue()) == []


@pytest.mark.django_db
def test_tokens_of_links_are_not_in_the_database(owner, settings):
    settings.SITE_URL = "https://desk.example"
    offer = invite(actor=owner, email="new@agency.example", role=Role.MEMBER)
    Browser().get(offer.link.removeprefix("https://desk.example"))
    user = person("ann@fieldstone.example")
    browser = Browser()
    browser.post(reverse("account_reset_password"), {"email": user.email})
    reset = link_in(mail.outbox[-1])
    browser.get(reset)

    token = reset.rstrip("/").rpartition("-")[2]

    assert [one for one in (offer.token, token) if one in dump()] == []


@pytest.mark.django_db
def test_half_finished_set_up_is_not_readable_in_the_database(owner_browser):
    session = owner_browser.session
    session["mfa.totp.secret"] = TOTP_CANARY
    session["oauth"] = {"state": {"verifier": CANARY}}
    session.save()

    assert singing(dump()) == []


@pytest.mark.django_db
def test_pages_of_the_mailbox_hold_no_canary(planted, owner_browser, agency):
    args = [agency.slug, planted.pk]
    pages = [owner_browser.get(reverse(f"mailer:{name}", args=args))
             for name in ("mailbox", "mailbox_edit", "mailbox_test")]  # fmt: skip
    pages.append(owner_browser.post(reverse("mailer:mailbox_test", args=args)))
    # A form that comes back with an error shows no password either.
    pages.append(
        owner_browser.post(
            reverse("mailer:mailbox_edit", args=args), {"smtp_password": CANARY, "address": "x"}
        )
    )

    assert singing(b"".join(page.content for page in pages)) == []


@pytest.mark.django_db
def test_provider_page_holds_no_canary(planted, owner_browser, agency):
    page = owner_browser.get(reverse("integrations:providers", args=[agency.slug]))

    assert page.status_code == 200
    assert singing(page.content) == []


@pytest.mark.django_db
def test_admin_holds_no_canary(planted, owner):
    browser = Browser()
    browser.force_login(
        UserFactory.create(is_staff=True, is_superuser=True),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    rows = [*Mailbox.objects.all(), *MailboxGrant.objects.all(), *DkimKey.objects.all(),
            *ProviderAccount.objects.all(), *Authenticator.objects.all()]  # fmt: skip
    pages = []
    for row in rows:
        base = f"admin:{row._meta.app_label}_{row._meta.model_name}"
        for name in ("change", "history", "delete"):
            pages.append(browser.get(reverse(f"{base}_{name}", args=[row.pk])))  # noqa: PERF401  # reads plainer
        pages.append(browser.get(reverse(f"{base}_changelist"), {"q": CANARY[:4]}))

    assert singing(b"".join(page.content for page in pages).replace(CANARY[:4].encode(), b"")) == []


@pytest.mark.django_db
def test_audit_log_and_personal_data_hold_no_canary(planted, owner_browser, agency):
    owner_browser.post(
        reverse("mailer:mailbox_edit", args=[agency.slug, planted.pk]),
        {"smtp_password": CANARY, "imap_password": CANARY},
    )
    told = everything_on(agency, planted.address)
    page = owner_browser.get(reverse("compliance:audit", args=[agency.slug]))

    assert singing(f"{told}{page.content.decode()}{dump()}") == []


def talk(agency, server: SmtpServer, port: int) -> None:
    """Send and read with canaries, well and badly, as loudly as it goes."""
    good = MailboxFactory.create(
        agency=agency, address="ann@agency.example", smtp_username="ann", smtp_password=CANARY,
        smtp_port=server.port, imap_host="127.0.0.1", imap_port=port, imap_security="none",
        imap_username="ann@agency.example", imap_password=CANARY,
    )  # fmt: skip
    bad = MailboxFactory.create(
        agency=agency, smtp_username="eve", smtp_password=CANARY, smtp_port=server.port
    )
    for mailbox in (good, bad):
        MessageFactory.create(mailbox=mailbox, kind="test")
    send_due()
    read_mailbox(good.pk)
    for mailbox in (good, bad):
        probe_mailbox(mailbox)


@pytest.mark.django_db
def test_logs_at_debug_hold_no_canary(lawful, settings, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    server = SmtpServer()
    server.passwords["ann"] = CANARY
    with smtp_running(server), imap_running() as imap:
        # The server's own log of its loopback conversation is not the product's.
        for name in ("mail.log", "pymap", "aiosmtpd"):
            logging.getLogger(name).setLevel(logging.ERROR)
        talk(lawful, server, imap.port)
    Browser().post(reverse("account_login"), {"login": "a@b.example", "password": CANARY})

    told = capsys.readouterr()
    assert singing(caplog.text + told.out + told.err) == []


@pytest.fixture
def lawful(agency):
    AssessmentFactory.create(agency=agency)
    return agency


@pytest.mark.django_db
def test_tasks_carry_no_canary(lawful, planted, owner_browser):
    bodies: list[str] = []

    def keep(body=None, headers=None, **_):
        bodies.append(f"{body}{headers}")

    before_task_publish.connect(keep)
    try:
        server = SmtpServer()
        server.passwords["ann"] = CANARY
        with smtp_running(server), imap_running() as imap:
            talk(lawful, server, imap.port)
    finally:
        before_task_publish.disconnect(keep)

    assert singing("".join(bodies)) == []
    assert singing(redis_dump()) == []


def redis_dump() -> bytes:
    """Everything in the Redis that serves as broker and cache, where there is one."""
    if not live.REDIS_URL:
        return b""
    client = redis.Redis.from_url(live.REDIS_URL)
    return b"".join(client.dump(key) or b"" for key in client.scan_iter(count=1000))


@pytest.mark.parametrize("wrong", ["refused", "dropped", "away"])
@pytest.mark.django_db
def test_traceback_with_locals_holds_no_canary(agency, wrong):
    """What an error reporter that records local variables would send."""
    server = SmtpServer()
    server.passwords["eve"] = "other"
    with smtp_running(server):
        port = free_port() if wrong == "away" else server.port
        mailbox = MailboxFactory.create(
            agency=agency, smtp_username="eve", smtp_password=CANARY, smtp_port=port
        )
        try:
            open_smtp(mailbox)
        except SmtpError as error:
            report = traceback.TracebackException.from_exception(error, capture_locals=True)

    assert singing("".join(report.format())) == []


def crash_page(browser: Browser, agency, settings, *, debug: bool) -> str:
    """Post a mailbox whose saving crashes; return the page."""
    settings.DEBUG = debug
    browser.raise_request_exception = False

    def crash(**_):
        raise RuntimeError("the disk is full")

    values = {
        "address": "new@agency.example", "smtp_host": "127.0.0.1", "smtp_port": 587,
        "smtp_security": "starttls", "smtp_username": "ann", "smtp_password": CANARY,
        "imap_host": "127.0.0.1", "imap_port": 993, "imap_security": "tls",
        "imap_password": CANARY, "imap_folder": "INBOX", "daily_cap": 50, "hourly_cap": 20,
        "gap_seconds": 60, "gap_jitter_seconds": 30, "ramp_step": 5, "bounce_pause_percent": 8,
    }  # fmt: skip
    pre_save.connect(crash, sender=Mailbox)
    try:
        with suppress(RuntimeError):
            answer = browser.post(reverse("mailer:mailbox_new", args=[agency.slug]), values)
    finally:
        pre_save.disconnect(crash, sender=Mailbox)
    assert answer.status_code == 500
    return answer.content.decode()


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.django_db
def test_error_page_holds_no_canary(owner_browser, agency, settings, caplog, debug):
    page = crash_page(owner_browser, agency, settings, debug=debug)

    assert ("the disk is full" in page) is debug
    assert singing(page + caplog.text) == []
    assert owner_browser.session.session_key not in page
    assert live.SALT_KEY[0] not in page


@pytest.mark.django_db
def test_error_mail_to_admins_holds_no_canary(owner_browser, agency, settings):
    settings.ADMINS = [("Op", "op@desk.example")]
    loud = AdminEmailHandler(include_html=True)
    logging.getLogger("django.request").addHandler(loud)
    try:
        crash_page(owner_browser, agency, settings, debug=False)
    finally:
        logging.getLogger("django.request").removeHandler(loud)

    sent = mail.outbox[0]
    assert singing(f"{sent.body}{sent.message()}") == []


@pytest.mark.django_db
def test_link_of_a_reset_is_hidden_on_an_error_page(client, settings, rf):
    path = "/accounts/password/reset/key/1-d0ab12-0123456789abcdef0123456789abcdef/"
    request = rf.get(path, {"code": CANARY, "state": "x"}, HTTP_COOKIE=f"sessionid={CANARY}")
    error = RuntimeError("x")
    reporter = RedactingReporter(request, type(error), error, error.__traceback__)

    page = reporter.get_traceback_html() + reporter.get_traceback_text()

    assert singing(page.replace("CANARY", ""), "0123456789abcdef0123456789abcdef") == []


@pytest.mark.django_db
def test_failed_login_keeps_no_password(client):
    log_in(client, CANARY)

    assert singing(dump()) == []
