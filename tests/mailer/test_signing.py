"""DKIM keys in the product: made, verified by look-up, switched on, rotated, retired."""

import datetime as dt
import itertools

import pytest
import time_machine

from accounts.models import Membership
from compliance.models import AuditEntry
from foundation.choices import MoveError
from foundation.names import Names
from mailer.dkim import txt_strings
from mailer.enums import DKIM_KEY_MOVES, DkimKeyStatus
from mailer.models import DkimKey, Mailbox
from mailer.selectors_signing import builder_of
from mailer.services import signing
from tests.factories.mailer import DkimKeyFactory
from tests.mailer.steps import NOW
from tests.servers.dns import DnsServer


def publish(dns: DnsServer, *rows: DkimKey) -> None:
    for row in rows:
        dns.set(row.record_name, "TXT", row.record_value)


def signing_with(mailbox: Mailbox) -> list[str]:
    return [key.selector for key in builder_of(mailbox).keys]


def switched_on(mailbox: Mailbox, dns: DnsServer, owner: Membership) -> list[DkimKey]:
    made = signing.make_keys(mailbox, actor=owner.user)
    publish(dns, *made)
    signing.verify_keys(mailbox, Names(5))
    return signing.switch_on(mailbox, actor=owner.user)


@pytest.fixture
def mailbox(mailbox: Mailbox, dns: DnsServer) -> Mailbox:
    return mailbox


@time_machine.travel(NOW, tick=False)
def test_made_keys_wait_under_selectors_of_their_own(mailbox: Mailbox, owner: Membership):
    made = signing.make_keys(mailbox, actor=owner.user)

    assert [(row.selector, row.status) for row in made] == [
        ("desk261123r", "waiting"),
        ("desk261123e", "waiting"),
    ]
    assert signing_with(mailbox) == []


def test_pressing_twice_makes_no_more_keys(mailbox: Mailbox, owner: Membership):
    first = signing.make_keys(mailbox, actor=owner.user)

    assert signing.make_keys(mailbox, actor=owner.user) == first


def test_record_of_an_rsa_key_is_split(mailbox: Mailbox, owner: Membership):
    rsa = signing.make_keys(mailbox, actor=owner.user)[0]

    strings = txt_strings(rsa.record_value)

    assert len(strings) == 2
    assert max(map(len, strings)) == 255
    assert "".join(strings) == rsa.record_value


def test_published_keys_are_verified_through_the_dns(
    mailbox: Mailbox, dns: DnsServer, owner: Membership
):
    publish(dns, *signing.make_keys(mailbox, actor=owner.user))

    assert set(signing.verify_keys(mailbox, Names(5)).values()) == {""}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([], "There is no such record yet."),
        (["v=DKIM1; k=rsa; p="], "its key was revoked"),
        (["v=DKIM1; k=rsa; p=AAAA"], "it was probably cut"),
        (["v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="], "another key"),
        (["one", "two"], "several TXT records"),
    ],
)
def test_what_is_wrong_with_a_record_is_said(
    mailbox: Mailbox, dns: DnsServer, owner: Membership, values: list[str], words: str
):
    rsa = signing.make_keys(mailbox, actor=owner.user)[0]
    if values:
        dns.set(rsa.record_name, "TXT", *values)

    assert words in signing.verify_keys(mailbox, Names(5))[rsa]


def test_silent_dns_is_not_a_missing_record(mailbox: Mailbox, dns: DnsServer, owner: Membership):
    rsa = signing.make_keys(mailbox, actor=owner.user)[0]
    dns.failing.add(rsa.record_name)

    assert signing.record_problem(rsa, Names(5)).startswith("The DNS did not answer")


def test_nothing_is_switched_on_before_it_is_verified(mailbox: Mailbox, owner: Membership):
    signing.make_keys(mailbox, actor=owner.user)

    with pytest.raises(signing.SigningError, match="nothing is verified"):
        signing.switch_on(mailbox, actor=owner.user)


def test_ed25519_never_signs_alone(mailbox: Mailbox, dns: DnsServer, owner: Membership):
    publish(dns, signing.make_keys(mailbox, actor=owner.user)[1])
    signing.verify_keys(mailbox, Names(5))

    with pytest.raises(signing.SigningError, match="RSA record must be verified"):
        signing.switch_on(mailbox, actor=owner.user)


def test_switched_on_keys_sign_rsa_first(mailbox: Mailbox, dns: DnsServer, owner: Membership):
    rows = switched_on(mailbox, dns, owner)

    assert signing_with(mailbox) == [row.selector for row in rows]
    assert [row.algorithm for row in rows] == ["rsa", "ed25519"]


def test_rotation_signs_with_the_old_keys_until_the_new_are_switched_on(
    mailbox: Mailbox, dns: DnsServer, owner: Membership
):
    old = switched_on(mailbox, dns, owner)
    new = signing.make_keys(mailbox, actor=owner.user)
    before = signing_with(mailbox)

    publish(dns, *new)
    signing.verify_keys(mailbox, Names(5))
    signing.switch_on(mailbox, actor=owner.user)

    assert before == [row.selector for row in old]
    assert signing_with(mailbox) == [row.selector for row in new]
    assert {row.selector for row in old}.isdisjoint(row.selector for row in new)


def test_replaced_keys_are_forgotten_after_seven_days(
    mailbox: Mailbox, dns: DnsServer, owner: Membership
):
    with time_machine.travel(NOW, tick=False):
        old = switched_on(mailbox, dns, owner)
        signing.switch_off(mailbox, actor=owner.user)

    early = signing.retire_keys(NOW + dt.timedelta(days=6, hours=23))
    late = [signing.retire_keys(NOW + dt.timedelta(days=7)) for _ in range(2)]

    assert (early, late) == (0, [2, 0])
    assert {row.private_key for row in DkimKey.objects.filter(pk__in=[o.pk for o in old])} == {""}


def test_switched_off_signs_nothing(mailbox: Mailbox, dns: DnsServer, owner: Membership):
    switched_on(mailbox, dns, owner)

    assert signing.switch_off(mailbox, actor=owner.user) == 2
    assert signing_with(mailbox) == []


def test_discarded_keys_leave_no_private_half(mailbox: Mailbox, owner: Membership):
    signing.make_keys(mailbox, actor=owner.user)

    assert signing.discard_waiting(mailbox, actor=owner.user) == 2
    assert {row.private_key for row in DkimKey.objects.all()} == {""}


def test_every_change_is_in_the_audit_log_without_keys(
    mailbox: Mailbox, dns: DnsServer, owner: Membership
):
    switched_on(mailbox, dns, owner)
    signing.switch_off(mailbox, actor=owner.user)

    entries = AuditEntry.objects.filter(action__startswith="dkim.").order_by("pk")
    assert [entry.action for entry in entries] == ["dkim.made", "dkim.on", "dkim.off"]
    assert "PRIVATE" not in str([entry.changes for entry in entries])


FORBIDDEN = [
    (old, new)
    for old, new in itertools.product(DkimKeyStatus, DkimKeyStatus)
    if new not in DKIM_KEY_MOVES[old]
]


@pytest.mark.parametrize(("old", "new"), FORBIDDEN)
def test_forbidden_moves_are_refused(db, old: DkimKeyStatus, new: DkimKeyStatus):
    with pytest.raises(MoveError):
        signing.move_key(DkimKeyFactory.create(status=old), new)
