"""Authorising batches: reservation, partial room, duplicates, stored decisions."""

import datetime as dt

import pytest

from accounts.models import Agency
from compliance import counters
from compliance.enums import CounterScope, Outcome, Region, Requirement, Stage
from compliance.models import PolicyDecision, RegionRule, SendCounter
from compliance.policy import LastContact
from compliance.services import authorise, release
from tests.factories.compliance import (
    NOON,
    AssessmentFactory,
    ConsentFactory,
    SuppressionFactory,
    send_request,
)


@pytest.fixture
def open_agency(agency: Agency) -> Agency:
    """An agency that has recorded its interest assessment."""
    AssessmentFactory.create(agency=agency)
    return agency


def claim(agency, requests, now=NOON):
    return authorise(agency, requests, stage=Stage.CLAIMED, reserve=True, now=now)


def people(count, **changes):
    return [
        send_request(
            reference=f"m{n}",
            recipient=f"p{n}@site{n}.example",
            sequence_key=f"e{n}",
            **changes,
        )
        for n in range(count)
    ]


def outcomes(decisions):
    return [decision.outcome for decision in decisions]


def test_batch_keeps_its_order_and_stores_every_decision(open_agency):
    requests = people(3)
    SuppressionFactory.create(agency=open_agency, value="p1@site1.example")

    decisions = claim(open_agency, requests)

    assert outcomes(decisions) == [Outcome.ALLOWED, Outcome.BLOCKED, Outcome.ALLOWED]
    stored = list(PolicyDecision.objects.order_by("pk").values_list("pk", "reference", "outcome"))
    assert stored == [
        (decision.decision_id, request.reference, decision.outcome)
        for decision, request in zip(decisions, requests, strict=True)
    ]


@pytest.mark.parametrize("size", [1, 40])
def test_number_of_queries_does_not_grow_with_the_batch(
    open_agency, size, django_assert_num_queries
):
    with django_assert_num_queries(10):
        claim(open_agency, people(size, mailbox_daily_cap=100, mailbox_hourly_cap=100))


def test_partial_room_lets_the_first_go_and_defers_the_rest(open_agency):
    decisions = claim(open_agency, people(5, mailbox_daily_cap=3))

    assert outcomes(decisions) == [Outcome.ALLOWED] * 3 + [Outcome.DEFERRED] * 2
    assert decisions[3].codes == ("cap_mailbox_day",)
    assert decisions[3].reservations == []


def test_slots_of_an_email_refused_by_another_cap_are_returned(open_agency):
    claim(open_agency, people(5, mailbox_daily_cap=3))

    assert sorted(SendCounter.objects.values_list("scope", "used")) == [
        ("campaign", 3),
        ("mailbox_day", 3),
        ("mailbox_hour", 3),
        ("recipient_domain", 0),
        ("recipient_domain", 0),
        ("recipient_domain", 1),
        ("recipient_domain", 1),
        ("recipient_domain", 1),
        ("user", 3),
    ]


def test_partial_room_is_taken_from_a_counter_already_in_use(open_agency):
    claim(open_agency, people(2, mailbox_daily_cap=3))

    decisions = claim(open_agency, people(5, mailbox_daily_cap=3, subject="Another"))

    assert outcomes(decisions) == [Outcome.ALLOWED] + [Outcome.DEFERRED] * 4


def test_full_cap_waits_for_the_agencys_next_midnight(open_agency):
    open_agency.time_zone = "America/New_York"
    claim(open_agency, people(1, mailbox_daily_cap=1))

    [decision] = claim(open_agency, people(1, mailbox_daily_cap=1, subject="Another"))

    assert decision.until == dt.datetime(2026, 11, 24, 5, tzinfo=dt.UTC)


def test_full_hour_waits_for_the_next_hour(open_agency):
    claim(open_agency, people(1, mailbox_hourly_cap=1))

    [decision] = claim(open_agency, people(1, mailbox_hourly_cap=1, subject="Another"))

    assert decision.until == dt.datetime(2026, 11, 23, 13, tzinfo=dt.UTC)


def test_cap_is_free_again_in_the_next_period(open_agency):
    claim(open_agency, people(1, mailbox_daily_cap=1))

    later = NOON + dt.timedelta(days=2)
    [decision] = claim(open_agency, people(1, mailbox_daily_cap=1), now=later)

    assert decision.outcome == Outcome.ALLOWED


def test_cap_of_zero_lets_nothing_through(open_agency):
    [decision] = claim(open_agency, people(1, mailbox_daily_cap=0))

    assert decision.codes == ("cap_mailbox_day",)
    assert not SendCounter.objects.exists()


def test_release_gives_slots_back_and_never_below_none(open_agency):
    [decision] = claim(open_agency, people(1))

    release(decision.reservations)
    release(decision.reservations)

    assert set(SendCounter.objects.values_list("used", flat=True)) == {0}


def test_release_takes_reservations_of_many_at_once(open_agency, django_assert_num_queries):
    rows = [row for decision in claim(open_agency, people(3)) for row in decision.reservations]

    with django_assert_num_queries(4):
        release(rows)

    assert set(SendCounter.objects.values_list("used", flat=True)) == {0}


def test_reply_counts_for_its_mailbox_only(open_agency):
    claim(open_agency, people(1, kind="reply"))

    assert sorted(SendCounter.objects.values_list("scope", flat=True)) == [
        "mailbox_day",
        "mailbox_hour",
    ]


def test_used_says_what_is_left_of_a_day(open_agency):
    claim(open_agency, people(2))

    known = counters.used(open_agency, CounterScope.MAILBOX_DAY, [7, 8], at=NOON)

    assert known == {7: 2, 8: 0}


def test_same_email_from_elsewhere_is_a_duplicate_for_24_hours(open_agency):
    claim(open_agency, [send_request(reference="a")])
    again = send_request(reference="b")

    [soon] = claim(open_agency, [again], now=NOON + dt.timedelta(hours=23))
    [late] = claim(open_agency, [again], now=NOON + dt.timedelta(hours=24))

    assert (soon.codes, late.outcome) == (("duplicate",), Outcome.ALLOWED)


def test_another_attempt_of_the_same_email_is_no_duplicate(open_agency):
    claim(open_agency, [send_request(reference="a")])

    [decision] = claim(open_agency, [send_request(reference="a")])

    assert decision.outcome == Outcome.ALLOWED


def test_email_handed_back_does_not_make_the_next_a_duplicate(open_agency):
    [first] = claim(open_agency, [send_request(reference="a")])
    release(first.reservations)

    [decision] = claim(open_agency, [send_request(reference="b")])

    assert decision.outcome == Outcome.ALLOWED


def test_duplicates_inside_one_batch_are_found(open_agency):
    decisions = claim(open_agency, [send_request(reference=name) for name in "ab"])

    assert outcomes(decisions) == [Outcome.ALLOWED, Outcome.BLOCKED]


def test_two_sequences_to_one_person_in_one_batch_meet_the_cooldown(open_agency):
    decisions = claim(
        open_agency,
        [
            send_request(reference=name, sequence_key=name, subject=f"Subject {name}")
            for name in "ab"
        ],
    )

    assert decisions[1].codes == ("cooldown",)


def test_queued_stage_reserves_nothing(open_agency):
    authorise(open_agency, people(2), stage=Stage.QUEUED, now=NOON)

    assert not SendCounter.objects.exists()


def test_consent_on_record_opens_a_region_that_asks_for_it(agency):
    ConsentFactory.create(agency=agency, address="editor@site.example")

    [decision] = claim(agency, [send_request(country="DE")])

    assert (decision.outcome, decision.region, decision.legal_basis) == (
        Outcome.ALLOWED,
        Region.EU,
        "consent",
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"expires_at": NOON},
        {"withdrawn_at": NOON},
        {"obtained_at": NOON + dt.timedelta(days=1)},
    ],
)
def test_consent_that_does_not_hold_opens_nothing(agency, changes):
    ConsentFactory.create(agency=agency, address="editor@site.example", **changes)

    [decision] = claim(agency, [send_request(country="DE")])

    assert decision.codes == ("no_consent",)


def test_agencys_own_rule_goes_before_the_default(open_agency):
    RegionRule.objects.create(agency=open_agency, region=Region.US, requirement=Requirement.BLOCKED)

    [decision] = claim(open_agency, [send_request()])

    assert decision.codes == ("region_blocked",)


def test_other_agencys_facts_do_not_count(agency):
    AssessmentFactory.create()
    ConsentFactory.create(address="editor@site.example")
    SuppressionFactory.create(value="editor@site.example")

    [decision] = claim(agency, [send_request()])

    assert decision.codes == ("no_assessment",)


def test_contact_handed_down_meets_the_cooldown(open_agency):
    last = LastContact(NOON - dt.timedelta(days=3), "other", "Bob")

    [decision] = claim(open_agency, [send_request(last_contact=last)])

    assert decision.codes == ("cooldown",)
    assert decision.sentences[0].startswith("Bob wrote to this person on 20 November 2026")


def test_unreadable_address_is_blocked_and_stored(open_agency):
    [decision] = claim(open_agency, [send_request(recipient="not an address")])

    assert decision.codes == ("recipient_invalid",)
    assert PolicyDecision.objects.get().recipient == "not an address"


def test_platform_and_domain_suppressions_cover_the_address(open_agency):
    SuppressionFactory.create(agency=None, value="a@one.example")
    SuppressionFactory.create(agency=open_agency, kind="domain", value="two.example")

    decisions = claim(
        open_agency,
        [
            send_request(reference=address, recipient=address)
            for address in ("A@one.example", "b@mail.two.example", "c@three.example")
        ],
    )

    assert [decision.codes for decision in decisions] == [
        ("suppressed_address",),
        ("suppressed_domain",),
        (),
    ]
