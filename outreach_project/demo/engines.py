"""Who does the demo's work: this process, or real workers behind the broker."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from campaigns.enums import EnrolmentStatus
from campaigns.models import Campaign, Enrolment
from campaigns.services.compose import compose_due
from campaigns.services.housekeeping import complete_finished
from campaigns.services.stops import resume_due
from campaigns.tasks import complete_finished as complete_task
from campaigns.tasks import compose_due as compose_task
from campaigns.tasks import resume_paused as resume_task
from mailer.enums import MessageStatus
from mailer.models import InboundMessage, Mailbox, Message
from mailer.services.reading import read_mailbox
from mailer.services.sending import send_due
from mailer.tasks import read_inboxes as read_task
from mailer.tasks import send_due as send_task

# How long the workers may take over one day of the demo, in seconds.
_PATIENCE = 900


class Here:
    """Does everything in this process, one thing after the other."""

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign

    def send(self) -> None:
        """Compose and send all that is due, until nothing more leaves."""
        sent = -1
        while _sent(self.campaign) != sent:
            sent = _sent(self.campaign)
            resume_due(timezone.now())
            compose_due()
            send_due(mailbox_ids=_mailbox_ids(self.campaign))
        complete_finished(timezone.now())

    def read(self) -> None:
        """Read every inbox to its end."""
        for pk in _mailbox_ids(self.campaign):
            read_mailbox(pk)

    def unfinished(self) -> bool:
        """Return whether anyone still waits for an e-mail."""
        return _unfinished(self.campaign)


class Workers(Here):
    """Only wakes workers, and waits until they have nothing left to do."""

    def send(self) -> None:
        """Wake the workers until nothing more leaves."""
        sent, quiet = -1, 0
        for _ in _patiently("send"):
            for task in (resume_task, compose_task, send_task, complete_task):
                task.delay()
            time.sleep(1.5)
            now = _sent(self.campaign)
            still = now == sent and not _waiting(self.campaign)
            sent, quiet = now, quiet + 1 if still else 0
            if quiet == 2:
                return

    def read(self) -> None:
        """Wake the readers until no inbox has anything new."""
        seen, quiet = -1, 0
        for _ in _patiently("read"):
            read_task.delay()
            time.sleep(1.5)
            count = InboundMessage.objects.for_agency(self.campaign.agency).count()
            quiet = quiet + 1 if count == seen else 0
            seen = count
            if quiet == 2:
                return


@contextmanager
def workers(number: int) -> Iterator[None]:
    """Run that many worker processes until the block ends."""
    command = [
        *(sys.executable, "-m", "celery", "--quiet", "-A", "outreach_project", "worker"),
        *("--pool", "solo", "--loglevel", "error", "--without-gossip", "--without-mingle"),
    ]
    children = [
        subprocess.Popen([*command, "-n", f"demo{n}@%h"], cwd=settings.BASE_DIR)  # noqa: S603  # our own command
        for n in range(number)
    ]
    try:
        yield
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait(timeout=60)


def _patiently(what: str) -> Iterator[None]:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        yield
    msg = f"The workers did not finish to {what} within {_PATIENCE} s."
    raise TimeoutError(msg)


def _mailbox_ids(campaign: Campaign) -> list[int]:
    return list(Mailbox.objects.for_agency(campaign.agency).values_list("pk", flat=True))


def _sent(campaign: Campaign) -> int:
    return Message.objects.for_agency(campaign.agency).filter(sent_at__isnull=False).count()


def _waiting(campaign: Campaign) -> bool:
    """Return whether an e-mail is due or on its way."""
    now = timezone.now()
    due = Q(status=MessageStatus.QUEUED, held=False, next_attempt_at__lte=now)
    moving = Q(status__in=[MessageStatus.CLAIMED, MessageStatus.HANDING_OVER])
    return Message.objects.for_agency(campaign.agency).filter(due | moving).exists()


def _unfinished(campaign: Campaign) -> bool:
    return (
        Enrolment.objects.for_agency(campaign.agency)
        .exclude(status=EnrolmentStatus.FINISHED)
        .exists()
    )
