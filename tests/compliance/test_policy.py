"""Every check of the policy: what it lets through, what it stops, and in which words."""

import dataclasses
import datetime as dt
from typing import Any

import pytest

from compliance.enums import Check, CheckResult, CounterScope, Outcome, Requirement
from compliance.facts import ConsentFact, LastContact, SuppressionFact
from compliance.policy import decide
from compliance.windows import Window
from tests.factories.compliance import NOON, agency_facts, facts

MORNINGS = Window(frozenset({1, 2, 3, 4, 5}), dt.time(8), dt.time(9), "UTC")
CONSENT = ConsentFact("consent", NOON)
YESTERDAY = NOON - dt.timedelta(days=1)

BLOCKS: dict[str, dict[str, Any]] = {
    "mailbox_unfit": {"request": {"mailbox_problem": "It is archived."}},
    "agency_inactive": {"agency": agency_facts(is_active=False)},
    "no_postal_address": {"agency": agency_facts(has_postal_address=False)},
    "no_sender_identity": {"agency": agency_facts(has_sender_name=False)},
    "recipient_invalid": {"address_error": "There must be something before the @."},
    "recipient_role": {"address": "no-reply@site.example"},
    "suppressed_address": {"suppression": SuppressionFact("bounced")},
    "suppressed_domain": {
        "suppression": SuppressionFact("manual", is_domain=True, value="site.example")
    },
    "region_blocked": {"requirement": Requirement.BLOCKED, "consents": (CONSENT,)},
    "no_consent": {"requirement": Requirement.CONSENT},
    "no_assessment": {"has_assessment": False},
    "publisher_forbids": {"request": {"publisher_rule": "We do not accept guest posts."}},
    "cooldown": {"request": {"last_contact": LastContact(YESTERDAY, "other")}},
    "duplicate": {"sent_before_at": NOON - dt.timedelta(hours=23)},
    "no_unsubscribe": {"request": {"with_unsubscribe": False}},
    "unresolved": {"request": {"unresolved": ("first_name",)}},
    "leftover_syntax": {"request": {"body_head": "Hi {{ first_name }}"}},
    "header_break": {"request": {"subject": "Hi\r\nBcc: x@y.example"}},
}
DEFERRALS: dict[str, tuple[dict[str, Any], dt.datetime]] = {
    "mailbox_unfit": (
        {"request": {"mailbox_problem": "paused", "mailbox_until": NOON + dt.timedelta(hours=1)}},
        NOON + dt.timedelta(hours=1),
    ),
    "outside_window": (
        {"request": {"window": MORNINGS}},
        dt.datetime(2026, 11, 24, 8, tzinfo=dt.UTC),
    ),
    "cap_user": ({"used": {CounterScope.USER: 100}}, dt.datetime(2026, 11, 23, 23, tzinfo=dt.UTC)),
    "cap_mailbox_day": (
        {"used": {CounterScope.MAILBOX_DAY: 50}},
        dt.datetime(2026, 11, 23, 23, tzinfo=dt.UTC),
    ),
    "cap_mailbox_hour": (
        {"used": {CounterScope.MAILBOX_HOUR: 20}},
        dt.datetime(2026, 11, 23, 13, tzinfo=dt.UTC),
    ),
    "cap_recipient_domain": (
        {"used": {CounterScope.RECIPIENT_DOMAIN: 20}},
        dt.datetime(2026, 11, 23, 23, tzinfo=dt.UTC),
    ),
    "cap_campaign": (
        {"used": {CounterScope.CAMPAIGN: 50}},
        dt.datetime(2026, 11, 23, 23, tzinfo=dt.UTC),
    ),
}
LETS_THROUGH: dict[str, dict[str, Any]] = {
    "nothing_against_it": {},
    "role_that_people_read": {"address": "info@site.example"},
    "consent": {"requirement": Requirement.CONSENT, "consents": (CONSENT,)},
    "contract": {"requirement": Requirement.CONSENT, "consents": (ConsentFact("contract", NOON),)},
    "own_interest_record": {
        "has_assessment": False,
        "consents": (ConsentFact("legitimate_interest", NOON),),
    },
    "same_sequence": {"request": {"last_contact": LastContact(YESTERDAY, "enrolment-1")}},
    "cooldown_over": {
        "request": {"last_contact": LastContact(NOON - dt.timedelta(days=30), "other")}
    },
    "cooldown_overridden": {
        "request": {"last_contact": LastContact(YESTERDAY, "other"), "cooldown_override": True}
    },
    "no_cooldown": {
        "request": {"last_contact": LastContact(YESTERDAY, "other")},
        "agency": agency_facts(cooldown_days=0),
    },
    "same_email_a_day_ago": {"sent_before_at": YESTERDAY},
    "last_slot": {"used": {CounterScope.MAILBOX_DAY: 49, CounterScope.USER: 99}},
    "open_window": {"request": {"window": Window(frozenset({1}), dt.time(9), dt.time(17), "UTC")}},
    "due_later_in_the_window": {
        "request": {"window": MORNINGS, "due_at": dt.datetime(2026, 11, 24, 8, 30, tzinfo=dt.UTC)}
    },
    "single_braces": {"request": {"body_head": "A set {a, b} and 50 % off"}},
}
SKIPPED_FOR_REPLIES = {
    "no_postal_address",
    "no_sender_identity",
    "region_blocked",
    "no_consent",
    "no_assessment",
    "publisher_forbids",
    "cooldown",
    "duplicate",
    "no_unsubscribe",
}
CAPS_OF_REPLIES = {"cap_mailbox_day", "cap_mailbox_hour", "mailbox_unfit"}


def as_reply(changes):
    return changes | {"request": changes.get("request", {}) | {"kind": "reply"}}


@pytest.mark.parametrize("code", BLOCKS)
def test_check_blocks_campaign_mail(code):
    decision = decide(facts(**BLOCKS[code]))

    assert (decision.outcome, decision.codes, decision.until) == (Outcome.BLOCKED, (code,), None)


@pytest.mark.parametrize("code", DEFERRALS)
def test_check_defers_campaign_mail(code):
    changes, until = DEFERRALS[code]

    decision = decide(facts(**changes))

    assert (decision.outcome, decision.codes, decision.until) == (Outcome.DEFERRED, (code,), until)


@pytest.mark.parametrize("case", LETS_THROUGH)
def test_policy_lets_through(case):
    decision = decide(facts(**LETS_THROUGH[case]))

    assert (decision.outcome, decision.codes) == (Outcome.ALLOWED, ())


@pytest.mark.parametrize("code", BLOCKS)
def test_reply_is_asked_only_what_concerns_replies(code):
    decision = decide(facts(**as_reply(BLOCKS[code])))

    expected = () if code in SKIPPED_FOR_REPLIES else (code,)
    assert decision.codes == expected


@pytest.mark.parametrize("code", DEFERRALS)
def test_reply_waits_only_for_its_mailbox(code):
    decision = decide(facts(**as_reply(DEFERRALS[code][0])))

    assert decision.codes == ((code,) if code in CAPS_OF_REPLIES else ())


@pytest.mark.parametrize("reason", ["unsubscribed", "not_interested"])
def test_reply_to_someone_who_refused_is_blocked_and_says_what_to_do(reason):
    decision = decide(facts(request={"kind": "reply"}, suppression=SuppressionFact(reason)))

    assert decision.codes == ("suppressed_address",)
    assert decision.sentences[0].endswith(
        "a manager removes the suppression first, with that as the reason."
    )


def test_blocked_beats_deferred():
    decision = decide(
        facts(request={"window": MORNINGS}, suppression=SuppressionFact("complained"))
    )

    assert (decision.outcome, decision.codes) == (Outcome.BLOCKED, ("suppressed_address",))


def test_deferral_waits_for_the_latest_reason():
    decision = decide(facts(used={CounterScope.MAILBOX_HOUR: 20, CounterScope.CAMPAIGN: 50}))

    assert decision.until == dt.datetime(2026, 11, 23, 23, tzinfo=dt.UTC)


def test_deferral_ends_inside_the_window():
    window = Window(frozenset({1, 2}), dt.time(9), dt.time(17), "Europe/Berlin")

    decision = decide(facts(request={"window": window}, used={CounterScope.USER: 100}))

    assert decision.until == dt.datetime(2026, 11, 24, 8, tzinfo=dt.UTC)


def test_window_that_never_opens_blocks():
    every_day = frozenset(dt.date(2026, 11, 1) + dt.timedelta(days=n) for n in range(800))
    window = dataclasses.replace(MORNINGS, holidays=every_day)

    decision = decide(facts(request={"window": window}))

    assert decision.codes == ("window_never_opens",)


def test_trace_has_one_line_for_every_check_in_order():
    decision = decide(facts())

    assert [line["check"] for line in decision.trace] == list(Check)
    assert {line["result"] for line in decision.trace} == {CheckResult.PASSED}
    assert all(line["sentence"].endswith((".", "”")) for line in decision.trace)


def test_trace_of_a_reply_says_what_was_not_asked():
    decision = decide(facts(request={"kind": "reply"}))

    skipped = {line["check"] for line in decision.trace if line["result"] == CheckResult.SKIPPED}
    assert skipped == {
        Check.IDENTITY,
        Check.LEGAL_BASIS,
        Check.PUBLISHER,
        Check.COOLDOWN,
        Check.DUPLICATE,
        Check.UNSUBSCRIBE,
        Check.WINDOW,
        Check.CAP_USER,
        Check.CAP_RECIPIENT_DOMAIN,
        Check.CAP_CAMPAIGN,
    }


@pytest.mark.parametrize(
    ("changes", "basis"),
    [
        ({}, "legitimate_interest"),
        ({"consents": (CONSENT,)}, "consent"),
        ({"requirement": Requirement.CONSENT}, ""),
        ({"requirement": Requirement.BLOCKED, "consents": (CONSENT,)}, ""),
        ({"request": {"kind": "reply"}}, ""),
    ],
)
def test_legal_basis_is_named(changes, basis):
    assert decide(facts(**changes)).legal_basis == basis


@pytest.mark.parametrize(
    "address",
    [
        "noreply@x.example",
        "no-reply@x.example",
        "no_reply@x.example",
        "noreply2@x.example",
        "news-noreply@x.example",
        "noreply+abc@x.example",
        "do-not-reply@x.example",
        "donotreply@x.example",
        "MAILER-DAEMON@x.example",
        "postmaster@x.example",
        "abuse@x.example",
        "bounces+abc@x.example",
        "bounce@x.example",
    ],
)
def test_robots_and_abuse_desks_are_never_written_to(address):
    assert decide(facts(address=address)).codes == ("recipient_role",)


@pytest.mark.parametrize(
    "address",
    ["info@x.example", "norepl@x.example", "noreen@x.example", "abuser@x.example",
     "bouncehouse@x.example", "nora.reply@x.example", "webmaster@x.example"],
)  # fmt: skip
def test_people_and_teams_may_be_written_to(address):
    assert decide(facts(address=address)).codes == ()
