"""`manage.py run`: the whole product on one machine, as one tree of processes."""

import os
import socket
import sys
import threading
import time
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from honcho.manager import Manager
from honcho.printer import Printer

from outreach_project.broker import broker_url, embedded_broker
from outreach_project.demo.building import DEMO_PASSWORD
from outreach_project.demo.starter import ensure_starter


class Command(BaseCommand):
    """Migrate, then start broker, web, worker, beat and sandbox; stop them together."""

    help = "Start web, worker, beat and the sandbox mail server as one tree."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the address to serve on."""
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until Ctrl-C."""
        host, port = options["host"], options["port"]
        ports = {port: "web"}
        if settings.SANDBOX:
            ports |= {
                settings.SANDBOX_SMTP_PORT: "sandbox SMTP",
                settings.SANDBOX_IMAP_PORT: "sandbox IMAP",
            }
        for wanted, name in ports.items():
            _refuse_taken(host, wanted, name)
        call_command("migrate", interactive=False, verbosity=0)
        if settings.DEBUG:
            ensure_starter()
        if settings.REDIS_URL:
            sys.exit(self._tree(host, port, {}))
        server = embedded_broker()
        server.start()
        try:
            code = self._tree(host, port, {"REDIS_URL": broker_url(server)})
        finally:
            if server.is_running():
                server.stop()
            server.terminate()
        sys.exit(code)

    def _tree(self, host: str, port: int, extra: dict[str, str]) -> int:
        environment = {
            **os.environ,
            **extra,
            "PYTHONUNBUFFERED": "1",
            "SITE_URL": os.environ.get("SITE_URL", f"http://{host}:{port}"),
        }
        manager = Manager(Printer(sys.stdout, time_format="%H:%M:%S"))
        for name, command in _processes(host, port).items():
            manager.add_process(name, command, env=environment, quiet=False)
        threading.Thread(target=self._greet_when_up, args=(host, port), daemon=True).start()
        manager.loop()
        return 0 if manager.returncode in {0, 130, 143} else int(manager.returncode or 1)

    def _greet_when_up(self, host: str, port: int) -> None:
        while not _answers(host, port):
            time.sleep(0.2)
        self._greet(host, port)

    def _greet(self, host: str, port: int) -> None:
        lines = [f"Outreach Desk is at http://{host}:{port}/"]
        if settings.DEBUG:
            lines += [
                "",
                f"Sign in (password {DEMO_PASSWORD}):",
                "  owner@fieldstone.example     owner of the demo agency",
                "  manager@fieldstone.example   manager: reviews and approves",
                "  member@fieldstone.example    member: does the work",
                "  client@fieldstone.example    client: sees one client's results",
                "  admin@outreach.example       superadmin, at /admin/",
                "",
                "Mail goes nowhere but the Sandbox page. Ctrl-C stops everything.",
            ]
        self.stdout.write("\n" + "\n".join(lines) + "\n\n")
        self.stdout.flush()


def _processes(host: str, port: int) -> dict[str, str]:
    python = sys.executable
    celery = f"{python} -m celery --quiet -A outreach_project"
    found = {
        "web": (
            f"{python} -m gunicorn outreach_project.wsgi --bind {host}:{port}"
            " --workers 2 --threads 8 --worker-class gthread --graceful-timeout 3"
            " --log-level warning"
        ),
        "worker": f"{celery} worker --concurrency 2 --loglevel warning --without-gossip"
        " --without-mingle",
        "beat": f"{celery} beat --loglevel warning --pidfile=",
    }
    if settings.SANDBOX:
        found["sandbox"] = f"{python} manage.py sandbox"
    return found


def _answers(host: str, port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) == 0


def _refuse_taken(host: str, port: int, name: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            msg = (
                f"Port {port} ({name}) is taken: {error.strerror}. Stop what uses it, or set"
                " another: manage.py run --port, SANDBOX_SMTP_PORT, SANDBOX_IMAP_PORT."
            )
            raise CommandError(msg) from error
