"""The deliverability desk: what the DNS says of a mailbox, in states and in words."""

import time

import pytest

from foundation.names import Names
from mailer.dkim import generate_key
from mailer.enums import CheckState, DkimKeyStatus
from mailer.models import DkimKey, Mailbox, MailboxCheck
from mailer.selectors_signing import is_local
from mailer.services.deliverability import check_every_mailbox, check_mailbox
from mailer.tasks import check_mailbox as check_task
from tests.factories.mailer import DkimKeyFactory, MailboxFactory
from tests.servers.dns import DnsServer

DOMAIN = "agency.example"
RSA_PRIVATE, RSA = generate_key("rsa")
# 1,024 bits, made for this test.
SHORT = (
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFC"
    "jxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf"
    "6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB"
)


@pytest.fixture
def google(agency) -> Mailbox:
    """A mailbox at Google Workspace with a domain of its own."""
    return MailboxFactory.create(
        agency=agency,
        address=f"ann@{DOMAIN}",
        provider="gmail",
        smtp_host="smtp.gmail.com",
        smtp_security="starttls",
    )


@pytest.fixture
def custom(agency) -> Mailbox:
    return MailboxFactory.create(
        agency=agency, address=f"ann@{DOMAIN}", smtp_host="mail.agency.example"
    )


@pytest.fixture
def sound(dns: DnsServer) -> DnsServer:
    """Everything as it should be for Google."""
    dns.set("_spf.google.com", "TXT", "v=spf1 ip4:203.0.113.0/24 ~all")
    dns.set(DOMAIN, "TXT", "v=spf1 include:_spf.google.com ~all")
    dns.set(f"google._domainkey.{DOMAIN}", "TXT", f"v=DKIM1; k=rsa; p={RSA}")
    dns.set(f"_dmarc.{DOMAIN}", "TXT", "v=DMARC1; p=none; rua=mailto:dmarc@agency.example")
    dns.set(DOMAIN, "MX", "1 smtp.google.com")
    return dns


def states(row: MailboxCheck) -> dict[str, str]:
    return {finding["key"]: finding["state"] for finding in row.findings}


def finding(row: MailboxCheck, key: str) -> dict[str, str]:
    return next(one for one in row.findings if one["key"] == key)


def test_sound_domain_is_fine(google: Mailbox, sound: DnsServer):
    row = check_mailbox(google)

    assert (row.state, states(row)) == (
        "ok",
        {
            "domain": "ok",
            "spf": "ok",
            "dkim": "ok",
            "dmarc": "ok",
            "alignment": "ok",
            "mx": "ok",
            "ptr": "na",
            "mta_sts": "info",
            "tls_rpt": "info",
        },
    )


def test_empty_dns_names_what_to_publish(google: Mailbox, dns: DnsServer):
    dns.set(DOMAIN, "A", "203.0.113.1")
    row = check_mailbox(google)

    assert states(row) | {"ptr": "", "mta_sts": "", "tls_rpt": ""} == {
        "domain": "ok",
        "spf": "fail",
        "dkim": "unknown",
        "dmarc": "fail",
        "alignment": "unknown",
        "mx": "warn",
        "ptr": "",
        "mta_sts": "",
        "tls_rpt": "",
    }
    assert finding(row, "spf")["record_value"] == "v=spf1 include:_spf.google.com ~all"
    assert finding(row, "dmarc")["record_name"] == f"_dmarc.{DOMAIN}"


@pytest.mark.parametrize("fault", ["failing", "silent"])
def test_silent_dns_never_says_missing(google: Mailbox, sound: DnsServer, fault: str):
    for name in (*sound.zone, f"_mta-sts.{DOMAIN}", f"_smtp._tls.{DOMAIN}"):
        getattr(sound, fault).add(name)

    row = check_mailbox(google, seconds=1.0)

    found = states(row)
    assert {found[key] for key in ("spf", "dkim", "dmarc", "alignment", "mx")} == {"unknown"}
    assert row.state == "unknown"


def test_look_ups_keep_their_time(google: Mailbox, sound: DnsServer, settings):
    settings.DNS_SERVERS = ["127.0.0.1:9"]  # nobody listens
    before = time.monotonic()

    check_mailbox(google, seconds=1.0)

    # The bound itself with room for a busy machine, not a measure of speed.
    assert time.monotonic() - before < 20


@pytest.mark.parametrize(
    ("record", "state", "words"),
    [
        ("v=spf1 include:_spf.google.com +all", "fail", "whole world"),
        ("v=spf1 include:_spf.google.com ?all", "warn", "protects nobody"),
        ("v=spf1 include:_spf.google.com", "warn", "protects nobody"),
        ("v=spf1 include:_spf.google.com ptr ~all", "warn", "ptr"),
        ("v=spf1 ip4:192.0.2.1 -all", "fail", "does not let Gmail send"),
        ("v=spf1 redirect=_spf.google.com", "ok", "lets Gmail send"),
        ("v=spf1 include:nowhere.example -all", "fail", "without an SPF record"),
    ],
)
def test_spf_is_judged(google: Mailbox, sound: DnsServer, record: str, state: str, words: str):
    sound.set(DOMAIN, "TXT", record)

    found = finding(check_mailbox(google), "spf")

    assert found["state"] == state
    assert words in found["meaning"]


def test_missing_include_is_put_into_the_record(google: Mailbox, sound: DnsServer):
    sound.set(DOMAIN, "TXT", "v=spf1 ip4:192.0.2.1 -all")

    found = finding(check_mailbox(google), "spf")

    assert found["record_value"] == "v=spf1 include:_spf.google.com ip4:192.0.2.1 -all"


@pytest.mark.parametrize(("net", "state"), [("203.0.113.0/24", "ok"), ("192.0.2.0/24", "unknown")])
def test_own_server_is_known_only_where_its_address_passes(
    custom: Mailbox, dns: DnsServer, net: str, state: str
):
    dns.set("mail.agency.example", "A", "203.0.113.25")
    dns.set(DOMAIN, "TXT", f"v=spf1 ip4:{net} -all")

    assert states(check_mailbox(custom))["spf"] == state


@pytest.mark.parametrize(
    ("record", "state", "words"),
    [
        (f"v=DKIM1; k=rsa; p={SHORT}", "warn", "1024 bits"),
        ("v=DKIM1; k=rsa; p=", "fail", "revoked"),
        (f"v=DKIM1; k=rsa; t=y; p={RSA}", "warn", "test"),
        (f"v=DKIM1; k=rsa; p={RSA[:100]}", "fail", "cut"),
        (f"v=DKIM1; k=rsa; h=sha1; p={RSA}", "fail", "SHA-256"),
        ("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "ok", "google"),
        ("v=DKIM1; k=ed25519; p=AAAA", "fail", "32 octets"),
        (f"k=rsa; p={RSA}", "ok", "google"),
        (f"v=DKIM9; p={RSA}", "fail", "version"),
    ],
)
def test_provider_key_is_judged(
    google: Mailbox, sound: DnsServer, record: str, state: str, words: str
):
    sound.set(f"google._domainkey.{DOMAIN}", "TXT", record)

    found = finding(check_mailbox(google), "dkim")

    assert (found["state"], words in found["meaning"]) == (state, True)


def signed(google: Mailbox) -> DkimKey:
    return DkimKeyFactory.create(
        agency=google.agency, domain=DOMAIN, public_key=RSA, status=DkimKeyStatus.ACTIVE
    )


def test_own_key_must_be_found(google: Mailbox, sound: DnsServer):
    key = signed(google)
    gone = finding(check_mailbox(google), "dkim")
    sound.set(key.record_name, "TXT", key.record_value)
    there = finding(check_mailbox(google), "dkim")

    assert (gone["state"], gone["record_value"]) == ("fail", key.record_value)
    assert there["state"] == "ok"


def test_own_key_that_cannot_be_looked_up_is_not_missing(google: Mailbox, sound: DnsServer):
    sound.failing.add(signed(google).record_name)

    assert states(check_mailbox(google))["dkim"] == "unknown"


@pytest.mark.parametrize(
    ("values", "state"),
    [
        (["0 ."], "fail"),
        (["10 mx.agency.example"], "ok"),
        ([], "fail"),
    ],
)
def test_receiving_is_judged(google: Mailbox, sound: DnsServer, values: list[str], state: str):
    sound.set(DOMAIN, "MX", *values)

    assert states(check_mailbox(google))["mx"] == state


def test_name_of_an_own_server_must_lead_back(custom: Mailbox, dns: DnsServer):
    dns.set("mail.agency.example", "A", "203.0.113.25")
    without = states(check_mailbox(custom))["ptr"]
    dns.set("25.113.0.203.in-addr.arpa", "PTR", "mail.agency.example.")

    assert (without, states(check_mailbox(custom))["ptr"]) == ("warn", "ok")


@pytest.mark.parametrize(
    ("provider", "state"), [("gmail", "warn"), ("sendgrid", "fail"), ("", "fail")]
)
def test_free_mail_is_no_domain_of_ones_own(google: Mailbox, dns, provider: str, state: str):
    Mailbox.objects.filter(pk=google.pk).update(address="ann@gmail.com", provider=provider)
    google.refresh_from_db()

    assert states(check_mailbox(google))["domain"] == state


def test_sandbox_is_not_judged(agency, dns: DnsServer):
    row = check_mailbox(MailboxFactory.create(agency=agency))

    assert (row.state, dns.asked) == ("na", [])


def test_envelope_of_a_provider_of_its_own_is_told(google: Mailbox, sound: DnsServer):
    Mailbox.objects.filter(pk=google.pk).update(provider="sendgrid")
    google.refresh_from_db()

    found = finding(check_mailbox(google), "spf")

    assert (found["state"], "rests on DKIM" in found["meaning"]) == ("unknown", True)


def test_what_becomes_worse_is_noted_until_it_is_mended(google: Mailbox, sound: DnsServer):
    noted = [check_mailbox(google).worse]
    sound.set(DOMAIN, "TXT", "v=spf1 ip4:192.0.2.1 -all")
    noted += [check_mailbox(google).worse for _ in range(2)]
    sound.set(DOMAIN, "TXT", "v=spf1 include:_spf.google.com ~all")
    noted += [check_mailbox(google).worse]

    assert noted == [[], ["SPF"], ["SPF"], []]


def test_not_knowing_is_not_worse(google: Mailbox, sound: DnsServer):
    check_mailbox(google)
    sound.failing.add(DOMAIN)

    assert check_mailbox(google).worse == []


def test_every_mailbox_in_use_is_looked_at(google: Mailbox, sound: DnsServer):
    MailboxFactory.create(agency=google.agency, status="archived")

    assert check_every_mailbox() == 1
    assert MailboxCheck.objects.count() == 1


def test_checking_twice_keeps_one_row(google: Mailbox, sound: DnsServer):
    for _ in range(2):
        check_task(google.pk)

    assert MailboxCheck.objects.get().state == CheckState.OK


def test_names_are_asked_once(sound: DnsServer):
    names = Names(5)

    for _ in range(3):
        names.txt(DOMAIN)

    assert sound.asked == [(DOMAIN, "txt".upper())]


def test_local_hosts_are_known(agency):
    hosts = ["127.0.0.1", "localhost", "::1", "smtp.gmail.com", "10.0.0.1"]
    found = [is_local(Mailbox(smtp_host=host)) for host in hosts]

    assert found == [True, True, True, False, False]
