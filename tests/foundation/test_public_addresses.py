import socket

import pytest

from foundation.public_addresses import (
    HostError,
    PrivateHostError,
    Target,
    connect,
    is_public,
    resolve_public,
)

PRIVATE = [
    "0.0.0.0",  # noqa: S104  # refused, not listened at
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.170",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.7",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::8.8.8.8",
    "64:ff9b:1::10.0.0.1",
    "100::1",
    "2001::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%lo",
    "fec0::1",
    "ff02::1",
]
PUBLIC = ["8.8.8.8", "93.184.216.34", "172.32.0.1", "2606:2800:220:1::1", "::ffff:8.8.8.8"]
# What `getaddrinfo` reads as this machine, each in another spelling.
SPELLINGS = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "0x7f.1",
    "0x7F.0x0.0x0.0x1",
    "0x7f000001",
    "0177.0.0.1",
    "00177.0000.0.01",
    "017700000001",
    "2130706433",
    "0",
    "0.0.0.0",  # noqa: S104  # refused, not listened at
    "localhost",
    "LOCALHOST",
    "::",
    "::1",
    "0:0:0:0:0:0:0:1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "0:0:0:0:0:ffff:127.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::1",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_address_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_ordinary_address_is_public(address):
    assert is_public(address)


@pytest.mark.parametrize("host", SPELLINGS)
def test_every_spelling_of_this_machine_is_refused(host):
    with pytest.raises(HostError):
        resolve_public(host, 25)


@pytest.mark.parametrize("host", ["", "no-such-host.invalid", "a" * 300, "a..b"])
def test_name_without_address_is_said_so(host):
    with pytest.raises(HostError, match="DNS"):
        resolve_public(host, 25)


def test_one_private_address_among_public_ones_refuses_the_host(monkeypatch):
    found = [(socket.AF_INET, 0, 0, "", (ip, 25)) for ip in ("8.8.8.8", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)

    with pytest.raises(PrivateHostError):
        resolve_public("mail.example", 25)


def test_connect_goes_to_the_next_address_when_one_does_not_answer():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        targets = [
            Target(socket.AF_INET, "127.0.0.1", one.getsockname()[1]) for one in (closed, server)
        ]
        with connect(targets, timeout=2) as opened:
            assert opened.getpeername() == server.getsockname()
