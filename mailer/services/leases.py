"""Leases: one worker at a time holds a mailbox, and the fence numbers the holders.

A worker writes only where the fence is still its own number, so one that was given up
for dead and comes back finds its numbers outdated and does nothing.
"""

import os
import secrets
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from django.db import transaction
from django.db.models import F

from mailer.enums import MailboxStatus
from mailer.models import Mailbox

# Longer than the longest wait inside a hand-over: the answer to DATA, twice ten minutes
# with the writing of the content, and the commands around it.
LEASE = timedelta(minutes=25)


@dataclass(frozen=True)
class Lease:
    """A mailbox held by this worker, under one fence number."""

    mailbox_id: int
    owner: str
    fence: int


def take_lease(mailbox_id: int, *, now: datetime) -> Lease | None:
    """Take a mailbox that is free and may send; None when it is not.

    A lease whose holder died on this machine counts as free at once.
    """
    owner = new_owner()
    with transaction.atomic():
        rows = Mailbox.objects.filter(pk=mailbox_id).sendable(now).free(now)
        changes = {"lease_owner": owner, "lease_until": now + LEASE, "fence": F("fence") + 1}
        if not rows.update(**changes):
            return None
        fence = Mailbox.objects.values_list("fence", flat=True).get(pk=mailbox_id)
    return Lease(mailbox_id, owner, fence)


def keep_lease(
    lease: Lease, *, now: datetime, next_send_at: datetime | None, sending: bool
) -> bool:
    """Prolong a lease; False when it was lost or the mailbox was stopped meanwhile.

    Locks the mailbox's row, so that a pause is either seen here or comes after the
    hand-over this is part of.
    """
    changes: dict[str, object] = {"lease_until": now + LEASE}
    if sending:
        changes |= {"last_sent_at": now, "next_send_at": next_send_at}
    rows = Mailbox.objects.filter(
        pk=lease.mailbox_id, fence=lease.fence, status=MailboxStatus.ACTIVE
    )
    return bool(rows.update(**changes))


def end_lease(lease: Lease) -> None:
    """Give a mailbox back."""
    rows = Mailbox.objects.filter(pk=lease.mailbox_id, fence=lease.fence)
    rows.update(lease_owner="", lease_until=None)


def free_dead_leases(*, now: datetime) -> int:
    """Free the leases of workers that died on this machine; returns how many."""
    held = Mailbox.objects.filter(lease_until__gte=now).values_list("pk", "lease_owner", "fence")
    dead = [(pk, fence) for pk, owner, fence in held if is_dead_here(owner)]
    for pk, fence in dead:
        Mailbox.objects.filter(pk=pk, fence=fence).update(lease_owner="", lease_until=None)
    return len(dead)


def new_owner() -> str:
    """Return a name for one holding: machine, process and a random part."""
    pid = os.getpid()
    return f"{_machine()}:{pid}:{_started(pid)}:{secrets.token_hex(6)}"


def is_dead_here(owner: str) -> bool:
    """Return whether `owner` was a process of this machine that is gone.

    A wrong yes would be harmless: the fence keeps the old holder from sending.
    """
    machine, _, rest = owner.partition(":")
    pid, _, rest = rest.partition(":")
    started = rest.partition(":")[0]
    if machine != _machine() or not pid.isdigit():
        return False
    return _started(int(pid)) != started


@cache
def _machine() -> str:
    """Name this machine, its present boot and its process namespace."""
    parts = [socket.gethostname()[:16]]
    for path in ("/proc/sys/kernel/random/boot_id", "/proc/self/ns/pid"):
        try:
            found = Path(path).read_text()[:8] if "boot" in path else str(Path(path).readlink())
        except OSError:
            continue
        parts.append("".join(char for char in found if char.isalnum())[-10:])
    return "-".join(parts).replace(":", "")[:40]


def _started(pid: int) -> str:
    """Return when a process started, in clock ticks; "" when there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return "" if Path("/proc/self/stat").exists() else _alive(pid)
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in {"Z", "X"} else fields[19]


def _alive(pid: int) -> str:
    """Answer for systems without /proc."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except OSError:
        return "0"
    return "0"
