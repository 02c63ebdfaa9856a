"""A day in it, by hand: import, approve, launch, send, answer as the prospect, reply."""

import csv
import io
import re
from collections.abc import Callable, Iterable

import pytest
from playwright.sync_api import Page, expect

from accounts.enums import Role
from accounts.models import Agency
from campaigns.models import Campaign, Enrolment
from campaigns.services import moves
from campaigns.services.compose import compose_due
from compliance.models import digest_of
from directory.models import Backlink
from leads.models import LeadImport
from leads.services.running import run_import
from mailer.models import InboundMessage, Mailbox, Message
from mailer.sandbox import store
from mailer.sandbox.prospects import Preset
from mailer.services.reading import read_mailbox
from mailer.services.sending import send_due
from mailer.services.signing import make_keys
from mailer.tokens import Purpose, make_token
from outreach_project.demo.building import DEMO_PASSWORD
from outreach_project.demo.starter import ensure_starter
from tests.servers.sandbox import sandbox_running

pytestmark = pytest.mark.django_db(transaction=True)

DESK = "/w/fieldstone/"
CAMPAIGN = f"{DESK}campaigns/northbeam-guest-posts/"
WAYS = [
    pytest.param({"size": "desktop", "theme": "light"}, id="desktop-light"),
    pytest.param({"size": "phone", "theme": "dark"}, id="phone-dark"),
    pytest.param({"javascript": False}, id="without-javascript"),
]
PAGES = (
    "",
    "inbox/",
    "approvals/",
    "leads/",
    "leads/import/",
    "campaigns/",
    "campaigns/new/",
    "campaigns/northbeam-guest-posts/",
    "campaigns/northbeam-guest-posts/sequence/",
    "campaigns/northbeam-guest-posts/leads/",
    "campaigns/northbeam-guest-posts/forecast/",
    "campaigns/northbeam-guest-posts/settings/",
    "templates/",
    "messages/",
    "sandbox/",
    "settings/mailboxes/",
    "settings/compliance/suppressions/",
    "settings/compliance/rules/",
    "settings/compliance/audit/",
    "settings/team/",
    "settings/clients/",
    "opportunities/",
    "gaps/",
    "gaps/new/",
    "settings/",
    "settings/preferences/",
    "settings/mailboxes/new/",
)


@pytest.fixture
def world(settings, tmp_path, db):
    """The starter agency, its mailboxes on a sandbox of this test's own."""
    settings.SANDBOX_DIR = tmp_path / "sandbox"
    settings.MEDIA_ROOT = tmp_path / "files"
    with sandbox_running() as (smtp_port, imap_port):
        settings.SANDBOX_SMTP_PORT, settings.SANDBOX_IMAP_PORT = smtp_port, imap_port
        ensure_starter()
        yield


def log_in(page: Page, role: str = "manager") -> None:
    page.goto("/accounts/login/")
    page.fill("input[name=login]", f"{role}@fieldstone.example")
    page.fill("input[name=password]", DEMO_PASSWORD)
    page.locator("form button").filter(has_text="Log in").first.click()
    page.wait_for_url(re.compile(DESK))


def move(page: Page, verb: str) -> None:
    """Press a campaign's button and confirm, in its dialog or on its page."""
    page.goto(CAMPAIGN)
    page.locator("header a, header button").filter(has_text=verb).first.click()
    page.locator("form.form button.primary").click()
    page.wait_for_load_state()


def import_file(page: Page) -> None:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["E-mail", "First name", "Website", "Country"])
    writer.writerow(["nina@newpress.example", "Nina", "newpress.example", "United States"])
    writer.writerow(["not an address", "Bob", "", "United States"])
    page.goto(f"{DESK}leads/import/")
    page.set_input_files(
        "input[type=file]",
        {"name": "more.csv", "mimeType": "text/csv", "buffer": text.getvalue().encode()},
    )
    for label in ("Upload and choose columns", "Preview", "Import"):
        page.locator("main button").filter(has_text=label).first.click()
        page.wait_for_load_state()
    run_import(LeadImport.objects.latest("pk").pk)
    page.reload()


@pytest.mark.parametrize("way", WAYS)
def test_a_day_in_it(world, open_page, complaints, way):
    page = open_page(**way)
    log_in(page)
    import_file(page)
    expect(page.locator("main")).to_contain_text("1")
    assert LeadImport.objects.latest("pk").created_count == 1

    for verb in ("Submit for review", "Approve", "Launch"):
        move(page, verb)
    compose_due()
    send_due()
    assert store.count(logins=["maya@mail.fieldstone.example"]) > 0

    mail = store.received(logins=["maya@mail.fieldstone.example"])[0]
    page.goto(f"{DESK}sandbox/{mail.id}/")
    page.select_option("select[name=preset]", "interested")
    page.locator("main button").filter(has_text=re.compile("^Answer$")).click()
    page.wait_for_load_state()
    page.locator("button").filter(has_text="Read the inbox now").first.click()
    page.wait_for_url(re.compile("/inbox/"))
    assert InboundMessage.objects.get().intent == "interested"

    page.locator(".qrow").first.click()
    page.locator("textarea").first.fill("Thank you, the outline comes today.")
    page.locator("button").filter(has_text="Send").first.click()
    expect(page.locator("main")).to_contain_text("Thank you, the outline comes today.")
    assert Message.objects.filter(kind="reply", to_address=mail.recipient).count() == 1
    assert complaints == []


def look_at(page: Page, paths: Iterable[str], serious: Callable[[Page], list[str]]) -> list[str]:
    """Open each page and return what axe found there, and which are wider than the window."""
    found = []
    for path in paths:
        page.goto(path if path.startswith("/") else DESK + path)
        found += serious(page)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{path}: wider than the window")
    return found


@pytest.mark.parametrize("way", [(s, t) for s in ("desktop", "phone") for t in ("light", "dark")])
def test_pages_have_no_serious_finding_and_no_overflow(world, open_page, complaints, serious, way):
    page = open_page(size=way[0], theme=way[1])
    log_in(page, "owner")

    assert (look_at(page, PAGES, serious), complaints) == ([], [])


@pytest.fixture
def answered(world):
    """A launched campaign of which one recipient named a colleague's address."""
    agency = Agency.objects.get(slug="fieldstone")
    manager = agency.memberships.get(role=Role.MANAGER).user
    campaign = Campaign.objects.get(agency=agency)
    for step in (moves.submit, moves.approve, moves.launch):
        step(campaign, actor=manager)
        campaign.refresh_from_db()
    compose_due()
    send_due()
    mail = store.received(logins=["maya@mail.fieldstone.example"])[0]
    store.reply_as_prospect(mail.id, Preset.WRONG_PERSON)
    read_mailbox(Mailbox.objects.get(address="maya@mail.fieldstone.example").pk, asked=True)
    return Message.objects.get(to_address=mail.recipient)


def pages_of(message: Message) -> list[str]:
    """Return the pages of the things an agency has after its first day."""
    mailbox, enrolment = message.mailbox_id, Enrolment.objects.order_by("pk").first()
    opportunity = Backlink.objects.order_by("pk").first()
    assert enrolment is not None
    assert opportunity is not None
    token = make_token(
        Purpose.UNSUBSCRIBE,
        agency_id=message.agency_id,
        message_id=message.pk,
        digest=digest_of(message.to_address),
    )
    return [
        f"messages/{message.pk}/",
        f"messages/{message.pk}/source/",
        f"inbox/{message.thread_id}/",
        f"leads/{enrolment.lead_id}/",
        f"campaigns/northbeam-guest-posts/sequence/source/?step=1&variant=A&lead={enrolment.lead_id}",
        f"settings/mailboxes/{mailbox}/",
        f"settings/mailboxes/{mailbox}/deliverability/",
        f"settings/mailboxes/{mailbox}/not-read/",
        f"opportunities/{opportunity.pk}/",
        f"opportunities/wishes/{opportunity.client_id}/",
        f"portal/?client={opportunity.client_id}",
        f"/u/{token}",
        "/u/forged",
    ]


@pytest.mark.parametrize("way", [("desktop", "light"), ("phone", "dark")])
def test_pages_of_things_have_no_serious_finding_and_no_overflow(
    answered, open_page, complaints, serious, way
):
    page = open_page(size=way[0], theme=way[1])
    log_in(page, "owner")
    make_keys(answered.mailbox, actor=answered.agency.memberships.get(role=Role.OWNER).user)
    found = look_at(page, pages_of(answered), serious)

    assert (found, [line for line in complaints if "404" not in line]) == ([], [])


def test_no_link_of_the_product_is_dead(world, open_page):
    page = open_page()
    log_in(page, "owner")
    seen: set[str] = set()
    waiting, dead = [DESK], []
    while waiting and len(seen) < 250:
        path = waiting.pop(0)
        seen.add(path)
        answer = page.request.get(path, max_redirects=0)
        if answer.status >= 400:
            dead.append(f"{answer.status} {path}")
        if "text/html" not in answer.headers.get("content-type", ""):
            continue
        for href in re.findall(r'<a[^>]*\shref="(/[^"#]*)"', answer.text()):
            link = href.replace("&amp;", "&")
            shape = re.sub(r"\d+|cursor=[^&]+|[?].*", "", link)
            if link.startswith(DESK) and shape not in seen:
                seen.add(shape)
                waiting.append(link)
    assert dead == []
