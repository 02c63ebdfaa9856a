"""One fault of a server, how it is brought about, and what should come of it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.test import override_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.servers.tls import Certificates

# Short, so that silent servers cost little; the rows do not depend on the length.
SETTINGS = {
    "SMTP_COMMAND_TIMEOUT": 0.6,
    "SMTP_DATA_TIMEOUT": 0.8,
    "IMAP_TIMEOUT": 0.6,
    "ALLOW_PRIVATE_MAIL_HOSTS": True,
    "EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend",
    "CELERY_BROKER_URL": "memory://",
}


@dataclass(frozen=True)
class Fault:
    """A row of the table: name, what should be seen, and how to see it."""

    name: str
    expected: str
    see: Callable[[Certificates], str]


@dataclass(frozen=True)
class Seen:
    """A row filled in."""

    fault: Fault
    outcome: str

    @property
    def holds(self) -> bool:
        """Whether what was seen is what should be."""
        return self.outcome == self.fault.expected


@contextmanager
def undone() -> Iterator[None]:
    """Run a row in a transaction of its own that leaves nothing behind."""
    with override_settings(**SETTINGS), transaction.atomic():
        yield
        transaction.set_rollback(True)


def run_fault(fault: Fault, certificates: Certificates) -> Seen:
    """Bring one fault about and return what was seen."""
    with undone():
        return Seen(fault, fault.see(certificates))
