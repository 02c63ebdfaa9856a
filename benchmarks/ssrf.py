"""Addresses of private networks against the crawler's doors: no connection may be made.

Every address of `--file` (one a line) is asked for directly; as the place a redirect of an
allowed site leads to; with its host's name answering private addresses in DNS; and with a
name that answers a public-looking address first and a private one afterwards (rebinding).
Listeners on loopback count who comes, and an audit hook sees every connection this process
tries: both must stay at 0. Works on a SQLite database of its own. Exit code 1 if not.
"""

from __future__ import annotations

import argparse
import contextlib
import ipaddress
import os
import socket
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django
from django.conf import settings
from django.core.management import call_command

if TYPE_CHECKING:
    from collections.abc import Iterator

# The one address the crawler may visit here: where the redirects come from.
DOOR = "127.0.0.2"
OWN = (
    "http://127.0.0.1/", "http://127.1/", "http://0/", "http://0x7f000001/", "http://2130706433/",
    "http://017700000001/", "http://127.0.0.1./", "http://%31%32%37.0.0.1/", "http://127。0。0。1/",
    "http://１２７.０.０.１/", "http://①②⑦.⓪.⓪.①/", "http://a@127.0.0.1/", "http://127.0.0.1\\@a/",
    "http://[::1]/", "http://[::]/", "http://[::ffff:127.0.0.1]/", "http://[::127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/", "http://[64:ff9b:1::7f00:1]/", "http://[2002:7f00:1::]/",
    "http://[2001:0:1::1]/", "http://[fe80::1%25lo]/", "http://[fec0::1]/", "http://[fd00::1]/",
    "http://[2001:db8::1]/", "http://[ff02::1]/", "http://10.0.0.1/", "http://172.16.0.1/",
    "http://192.168.0.1/", "http://100.64.0.1/", "http://192.0.0.8/", "http://192.0.2.1/",
    "http://198.18.0.1/", "http://198.51.100.1/", "http://203.0.113.1/", "http://224.0.0.1/",
    "http://240.0.0.1/", "http://255.255.255.255/", "http://localhost/", "http://0.0.0.0/",
)  # fmt: skip
_PRIVATE = ("127.0.0.1", "169.254.169.254", "10.0.0.1", "::1", "::ffff:127.0.0.1", "fd00:ec2::254",
            "64:ff9b::7f00:1", "2002:7f00:1::1", "192.0.0.192", "100.100.100.200")  # fmt: skip


class Connections:
    """What this process tried to connect to, apart from the allowed site and name server."""

    def __init__(self) -> None:
        self.tried: list[str] = []
        self._on = False
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._on and event == "socket.connect" and isinstance(arguments[1], tuple):
            host, port = arguments[1][:2]
            if host != DOOR and arguments[0].type == socket.SOCK_STREAM:
                self.tried.append(f"{host}:{port}")

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Note what is tried inside."""
        self._on = True
        try:
            yield
        finally:
            self._on = False


def main(argv: list[str] | None = None) -> int:
    """Print one line a way; return 1 when anything was connected to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--file", type=Path, help="addresses, one a line; our own when not given")
    options = parser.parse_args(argv)
    lines = options.file.read_text().splitlines() if options.file else []
    with tempfile.TemporaryDirectory() as state:
        os.environ |= {"VAR_DIR": state, "LOG_LEVEL": "ERROR"}
        os.environ.pop("DATABASE_URL", None)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outreach_project.settings")
        django.setup()
        call_command("migrate", verbosity=0)
        return _measure([line for line in lines if line.strip()] + list(OWN))


def _measure(urls: list[str]) -> int:
    from tests.servers.web import names_running, web_running  # noqa: PLC0415  # needs Django set up

    settings.CRAWLER_DELAY, settings.CRAWLER_PRIVATE_NETWORKS = 0.0, [f"{DOOR}/32"]
    seen = Connections()
    with web_running() as site, names_running() as names, _listening() as (listeners, came):
        site.page("*", {"text": "reached", "headers": {"Content-Type": "text/html"}})
        settings.DNS_SERVERS = [names.address]
        names.names["door.test"] = [[DOOR]]
        names.default = "127.0.0.1"
        ways = {
            "direct": _direct(urls),
            "redirect": _redirected(urls, site),
            "dns": _named(names, listeners),
            # Its robots.txt and the page come from the first answer; then the name turns.
            "rebinding": _rebinding(names, site.port),
            "rebound": _rebinding(names, site.port),
        }
        missed = sum([_try(name, asked, seen, came) for name, asked in ways.items()])
    print(f"{len(urls)} addresses, {missed} ways with a connection (load {os.getloadavg()[0]:.2f})")
    return 1 if missed else 0


def _try(name: str, urls: list[str], seen: Connections, came: list[str]) -> int:
    """Crawl, and print what was refused and what was reached."""
    from integrations.crawler.crawl import crawl  # noqa: PLC0415  # needs Django set up

    seen.tried.clear()
    came.clear()
    with seen.watched():
        pages = list(crawl(urls, patience=600))
    told: dict[str, int] = {}
    for page in pages:
        told[str(page.problem or page.status)] = told.get(str(page.problem or page.status), 0) + 1
    bad = len(seen.tried) + len(came)
    words = ", ".join(f"{what} {count}" for what, count in sorted(told.items()))
    print(f"{name:10} {len(urls):4} asked: {bad} connections seen; {words} {seen.tried[:3] or ''}")
    return int(bad > 0)


def _direct(urls: list[str]) -> list[str]:
    return urls


def _redirected(urls: list[str], site: Any) -> list[str]:
    for number, url in enumerate(urls):
        where = url.encode("ascii", "ignore").decode()
        site.page(f"/{number}", {"status": 302, "headers": {"Location": where}})
    return [f"http://door.test:{site.port}/{number}" for number in range(len(urls))]


def _named(names: Any, listeners: list[int]) -> list[str]:
    """Return names that answer private addresses, alone and beside the allowed one."""
    found = []
    for number, address in enumerate(_PRIVATE):
        for kind, answers in (("a", [address]), ("b", [address, "127.0.0.1"])):
            names.names[f"{kind}{number}.test"] = [answers]
            found += [f"http://{kind}{number}.test:{port}/" for port in (80, *listeners)]
    return found


def _rebinding(names: Any, port: int) -> list[str]:
    """Return names that are allowed at the first look and private at every later one."""
    for number, address in enumerate(_PRIVATE):
        names.names[f"rebind{number}.test"] = [[DOOR], [address]]
    return [f"http://rebind{number}.test:{port}/" for number in range(len(_PRIVATE))]


@contextlib.contextmanager
def _listening() -> Iterator[tuple[list[int], list[str]]]:
    """Listen on loopback, v4 and v6, and note who comes; at port 80 too where that is allowed."""
    came: list[str] = []
    opened = []
    for host, port in (("127.0.0.1", 0), ("::1", 0), ("127.0.0.1", 80), ("::1", 80)):
        with contextlib.suppress(OSError):
            family = socket.AF_INET6 if ipaddress.ip_address(host).version > 4 else socket.AF_INET
            one = socket.socket(family, socket.SOCK_STREAM)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            opened.append(one)
            one.bind((host, port))
            one.listen(50)
            threading.Thread(target=_note, args=(one, came), daemon=True).start()
    try:
        yield sorted({one.getsockname()[1] for one in opened} - {0, 80}), came
    finally:
        for one in opened:
            one.close()


def _note(one: socket.socket, came: list[str]) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, where = one.accept()
            came.append(str(where))
            connection.close()


if __name__ == "__main__":
    sys.exit(main())
