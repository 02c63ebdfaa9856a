"""Mail servers somebody typed in: nothing private is ever connected to."""

import socket
from collections.abc import Iterator

import pytest

from foundation.public_addresses import HostError
from mailer.doors import open_socket
from mailer.doors_imap import DoorMailBox
from mailer.enums import ConnectionSecurity
from mailer.smtp import Connection, Server, SmtpError
from tests.foundation.test_public_addresses import SPELLINGS


@pytest.fixture
def listener(settings) -> Iterator[socket.socket]:
    settings.ALLOW_PRIVATE_MAIL_HOSTS = False
    with socket.create_server(("", 0)) as server:
        server.setblocking(False)  # noqa: FBT003  # the standard library's own signature
        yield server


def knocks(listener: socket.socket) -> int:
    try:
        listener.accept()[0].close()
    except BlockingIOError:
        return 0
    return 1


@pytest.mark.parametrize("security", ConnectionSecurity.values)
@pytest.mark.parametrize("host", SPELLINGS)
def test_no_spelling_reaches_this_machine(listener, host, security):
    port = listener.getsockname()[1]

    with pytest.raises(SmtpError):
        Connection(Server(host, port, security=security), timeout=2).open()
    with pytest.raises(HostError):
        DoorMailBox(host=host, port=port, security=security, timeout=2)

    assert knocks(listener) == 0


def test_a_name_that_changes_its_mind_is_asked_once(listener, monkeypatch):
    """DNS rebinding: public when checked, private when connected to."""
    real, asked = socket.getaddrinfo, []

    def rebinding(host, *rest, **named):
        if host != "rebind.example":
            return real(host, *rest, **named)
        asked.append(host)
        # An address of TEST-NET-like use that nobody answers; the second answer is ours.
        where = "198.41.0.255" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (where, listener.getsockname()[1]))]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)

    with pytest.raises(OSError):  # noqa: PT011  # whatever the network says of that address
        open_socket("rebind.example", listener.getsockname()[1], timeout=0.2)

    assert (len(asked), knocks(listener)) == (1, 0)


def test_each_connection_is_checked_again(listener, monkeypatch):
    answers = iter(["8.8.8.8", "127.0.0.1"])
    port = listener.getsockname()[1]
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda *_, **__: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))],
    )
    with pytest.raises(OSError):  # noqa: PT011  # nobody answers there
        open_socket("mail.example", port, timeout=0.2)

    with pytest.raises(HostError):
        open_socket("mail.example", port, timeout=0.2)

    assert knocks(listener) == 0
