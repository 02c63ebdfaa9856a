"""`manage.py authorise_send`: the policy's answer for an operator."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from compliance.models import PolicyDecision, SendCounter
from mailer.enums import MailboxStatus
from tests.factories.compliance import AssessmentFactory, ConsentFactory, SuppressionFactory
from tests.factories.mailer import MailboxFactory


@pytest.fixture
def mailbox(agency):
    AssessmentFactory.create(agency=agency)
    return MailboxFactory.create(agency=agency)


def ask(mailbox, to="editor@site.com", **options):
    out = StringIO()
    call_command(
        "authorise_send",
        agency=mailbox.agency.slug,
        mailbox=mailbox.address.upper(),
        to=to,
        json=True,
        stdout=out,
        **options,
    )
    return json.loads(out.getvalue())


def test_allowed_where_legitimate_interest_is_recorded(mailbox):
    answer = ask(mailbox, country="US")

    assert (answer["outcome"], answer["codes"], answer["region"], answer["legal_basis"]) == (
        "allowed",
        [],
        "US",
        "legitimate_interest",
    )


@pytest.mark.parametrize(
    ("to", "options", "code"),
    [
        ("editor@site.de", {}, "no_consent"),
        ("editor@site.com", {"country": "DE"}, "no_consent"),
        ("no-reply@site.com", {}, "recipient_role"),
        ("editor@", {}, "recipient_invalid"),
        ("gone@site.com", {}, "suppressed_address"),
    ],
)
def test_blocked_with_its_code(mailbox, to, options, code):
    SuppressionFactory.create(agency=mailbox.agency, value="gone@site.com")

    answer = ask(mailbox, to, **options)

    assert (answer["outcome"], answer["codes"]) == ("blocked", [code])


def test_consent_on_record_is_the_legal_basis(mailbox):
    ConsentFactory.create(agency=mailbox.agency, address="editor@site.de")

    answer = ask(mailbox, "Editor@site.de")

    assert (answer["outcome"], answer["legal_basis"]) == ("allowed", "consent")


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (MailboxStatus.PAUSED, "deferred"),
        (MailboxStatus.FAILING, "deferred"),
        (MailboxStatus.ARCHIVED, "blocked"),
    ],
)
def test_mailbox_that_cannot_send_is_named(mailbox, status, outcome):
    type(mailbox).objects.update(status=status, status_at=timezone.now())

    answer = ask(mailbox)

    assert (answer["outcome"], answer["codes"]) == (outcome, ["mailbox_unfit"])


def test_asking_is_stored_and_uses_no_cap(mailbox):
    ask(mailbox)

    assert PolicyDecision.objects.get().stage == "asked"
    assert not SendCounter.objects.exists()


def test_words_for_people_name_every_check(mailbox):
    out = StringIO()
    call_command(
        "authorise_send", agency=mailbox.agency.slug, mailbox=mailbox.address, to="x@y.com",
        stdout=out,
    )  # fmt: skip

    assert out.getvalue().startswith("outcome: allowed\n")
    assert out.getvalue().count("  passed") == 15


@pytest.mark.parametrize("wrong", ["agency", "mailbox"])
def test_unknown_agency_or_mailbox_is_an_error(mailbox, wrong):
    options = {"agency": mailbox.agency.slug, "mailbox": mailbox.address} | {wrong: "nothing"}

    with pytest.raises(CommandError, match="nothing"):
        call_command("authorise_send", to="x@y.com", **options)
