"""DMARC policies through a real DNS server, with the fall back to the organisation's."""

import pytest

from foundation.names import Names
from mailer.deliverability.dmarc import look_up_dmarc
from tests.servers.dns import DnsServer


@pytest.mark.parametrize(
    ("record", "policy", "percent", "reports"),
    [
        ("v=DMARC1; p=none", "none", 100, ()),
        ("v=DMARC1;p=Reject;pct=20;", "reject", 20, ()),
        (
            "v=DMARC1; p=quarantine; rua=mailto:a@x.example!10m, mailto:b@y.example",
            "quarantine",
            100,
            ("a@x.example", "b@y.example"),
        ),
        ("v=DMARC1; p=bogus; rua=mailto:a@x.example", "none", 100, ("a@x.example",)),
        ("v=DMARC1; p=none; pct=9999", "none", 100, ()),
    ],
)
def test_policy_is_read(dns: DnsServer, record, policy, percent, reports):
    dns.set("_dmarc.agency.example", "TXT", record)

    found = look_up_dmarc("agency.example", Names(5))

    assert (found.policy, found.percent, found.reports_to) == (policy, percent, reports)


@pytest.mark.parametrize(
    ("record", "policy"),
    [
        ("v=DMARC1; p=reject; sp=none", "none"),
        ("v=DMARC1; p=reject", "reject"),
    ],
)
def test_subdomain_falls_back_to_the_organisation(dns: DnsServer, record: str, policy: str):
    dns.set("_dmarc.agency.co.uk", "TXT", record)

    found = look_up_dmarc("mail.agency.co.uk", Names(5))

    assert (found.policy, found.found_at, found.is_inherited) == (policy, "agency.co.uk", True)


def test_own_policy_comes_before_the_organisation(dns: DnsServer):
    dns.set("_dmarc.agency.example", "TXT", "v=DMARC1; p=reject")
    dns.set("_dmarc.mail.agency.example", "TXT", "v=DMARC1; p=none; sp=reject")

    assert look_up_dmarc("mail.agency.example", Names(5)).policy == "none"


@pytest.mark.parametrize(
    ("records", "words"),
    [
        (["v=DMARC1; p=none", "v=DMARC1; p=reject"], "There are 2 DMARC records"),
        (["v=DMARC1; nonsense"], "not a list of tags"),
        (["v=DMARC1; p=bogus"], "not none, quarantine or reject"),
    ],
)
def test_broken_policy_names_its_fault(dns: DnsServer, records: list[str], words: str):
    dns.set("_dmarc.agency.example", "TXT", *records)

    assert words in look_up_dmarc("agency.example", Names(5)).problem


def test_other_records_are_no_policy(dns: DnsServer):
    dns.set("_dmarc.agency.example", "TXT", "v=DMARC2; p=none", "hello")

    assert look_up_dmarc("agency.example", Names(5)).policy == ""


def test_dns_that_does_not_answer_proves_nothing(dns: DnsServer):
    dns.failing.add("_dmarc.mail.agency.example")
    dns.set("_dmarc.agency.example", "TXT", "v=DMARC1; p=none")

    assert look_up_dmarc("mail.agency.example", Names(5)).is_unknown


def test_strict_alignment_is_read(dns: DnsServer):
    dns.set("_dmarc.agency.example", "TXT", "v=DMARC1; p=none; adkim=s; aspf=s")

    found = look_up_dmarc("agency.example", Names(5))

    assert (found.is_strict_dkim, found.is_strict_spf) == (True, True)
