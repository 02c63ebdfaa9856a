"""SPF records followed through a real DNS server, within the limits of RFC 7208."""

import pytest

from foundation.names import Names
from mailer.deliverability.spf import Spf, SpfError, look_up_spf, parse_record
from tests.servers.dns import DnsServer

DOMAIN = "agency.example"


def followed(dns: DnsServer, *records: str, **others: str) -> Spf:
    """Publish records, and others under `name__example`, and follow them."""
    dns.set(DOMAIN, "TXT", *records)
    for name, record in others.items():
        dns.set(name.replace("__", "."), "TXT", record)
    return look_up_spf(DOMAIN, Names(10))


def test_no_record_is_no_record(dns: DnsServer):
    spf = followed(dns, "some-verification=1", "v=spf10 -all")

    assert (spf.record, spf.problem, spf.is_unknown) == ("", "", False)


def test_networks_that_pass_are_known(dns: DnsServer):
    dns.set("mail.example", "A", "203.0.113.9")
    dns.set(DOMAIN, "MX", "10 mx.example")
    dns.set("mx.example", "A", "198.51.100.7")
    spf = followed(dns, "v=spf1 ip4:192.0.2.0/24 a:mail.example mx -all")

    addresses = ["192.0.2.200", "203.0.113.9", "198.51.100.7", "192.0.3.1"]
    assert [spf.allows(one) for one in addresses] == [True, True, True, False]
    assert (spf.all_sign, spf.lookups) == ("-", 2)


def test_includes_and_redirects_are_followed(dns: DnsServer):
    spf = followed(
        dns,
        "v=spf1 include:_spf.one__example redirect=two.example".replace("__", "."),
        _spf__one__example="v=spf1 ip4:192.0.2.1 -all",
        two__example="v=spf1 ip4:192.0.2.2 ~all",
    )

    assert [domain for domain, _ in spf.chain] == [DOMAIN, "_spf.one.example", "two.example"]
    assert (spf.all_sign, spf.lookups, spf.problem) == ("~", 2, "")
    assert spf.allows("192.0.2.1")
    assert spf.allows("192.0.2.2")


def test_redirect_is_ignored_beside_all(dns: DnsServer):
    spf = followed(dns, "v=spf1 redirect=two.example -all")

    assert (spf.problem, spf.lookups) == ("", 0)


def test_all_of_an_include_is_not_in_force(dns: DnsServer):
    spf = followed(dns, "v=spf1 include:one.example", one__example="v=spf1 -all")

    assert spf.all_sign == ""


def test_long_record_comes_over_tcp_in_strings(dns: DnsServer):
    nets = " ".join(f"ip4:192.0.2.{number}" for number in range(60))
    spf = followed(dns, f"v=spf1 {nets} -all")

    assert spf.allows("192.0.2.59")


def test_loop_ends_at_ten_look_ups(dns: DnsServer):
    spf = followed(dns, f"v=spf1 include:{DOMAIN} -all")

    assert "more than 10 DNS look-ups" in spf.problem


def chain_of(dns: DnsServer, length: int) -> Spf:
    for number in range(length):
        follow = f"include:n{number + 1}.example" if number + 1 < length else "ip4:192.0.2.1"
        dns.set(f"n{number}.example", "TXT", f"v=spf1 {follow} -all")
    return followed(dns, "v=spf1 include:n0.example -all")


def test_ten_look_ups_are_allowed(dns: DnsServer):
    assert (chain_of(dns, 10).problem, chain_of(dns, 10).lookups) == ("", 10)


def test_eleven_look_ups_are_not(dns: DnsServer):
    assert "more than 10" in chain_of(dns, 11).problem


def test_two_void_look_ups_are_allowed_and_three_are_not(dns: DnsServer):
    two = followed(dns, "v=spf1 a:no1.example a:no2.example -all")
    three = followed(dns, "v=spf1 a:no1.example a:no2.example mx:no3.example -all")

    assert (two.problem, two.voids) == ("", 2)
    assert "find nothing" in three.problem


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ("v=spf1 include:none.example -all", "without an SPF record"),
        ("v=spf1 ip4:300.1.1.1 -all", "not an address"),
        ("v=spf1 ip4:2001:db8::1 -all", "not an IPv4"),
        ("v=spf1 ip6:192.0.2.1 -all", "not an IPv6"),
        ("v=spf1 include -all", "lacks what it should name"),
        ("v=spf1 foo:bar -all", "not something SPF knows"),
        ("v=spf1 a/33 -all", "impossible prefix"),
        ("v=spf1 redirect=a.example redirect=b.example", "more than once"),
        ("v=spf1 ,, -all", "cannot be read"),
    ],
)
def test_broken_record_names_its_fault(dns: DnsServer, record: str, words: str):
    assert words in followed(dns, record).problem


def test_several_records_are_a_permanent_error(dns: DnsServer):
    assert "There are 2 SPF records" in followed(dns, "v=spf1 -all", "v=spf1 ~all").problem


@pytest.mark.parametrize("name", [DOMAIN, "one.example"])
@pytest.mark.parametrize("fault", ["failing", "silent"])
def test_dns_that_does_not_answer_proves_nothing(dns: DnsServer, name: str, fault: str):
    getattr(dns, fault).add(name)
    dns.set(DOMAIN, "TXT", "v=spf1 include:one.example -all")

    spf = look_up_spf(DOMAIN, Names(1))

    assert (spf.is_unknown, spf.problem) == (True, "")


def test_macros_are_counted_and_not_resolved(dns: DnsServer):
    spf = followed(dns, "v=spf1 exists:%{i}._spf.example include:%{d}.x.example -all")

    assert (spf.has_macro, spf.lookups, spf.problem) == (True, 2, "")


def test_unknown_modifiers_are_ignored():
    assert [term.kind for term in parse_record("v=spf1 ip4=1 moo=2 -all")] == ["all"]


def test_more_than_ten_mail_servers_are_too_many(dns: DnsServer):
    dns.set(DOMAIN, "MX", *(f"10 m{number}.example" for number in range(11)))

    assert "more than 10 mail servers" in followed(dns, "v=spf1 mx -all").problem


@pytest.mark.parametrize("raw", ["v=spf1 " + "a " * 500, "v=spf1 " + "a/" * 2000])
def test_endless_records_are_refused_at_once(raw: str):
    with pytest.raises(SpfError):
        parse_record(raw)
