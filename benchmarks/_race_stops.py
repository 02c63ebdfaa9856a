"""The race of senders against every door by which a refusal, a reply or a pause comes."""

import argparse
import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.db import OperationalError, connection, connections, transaction
from django.utils import timezone

from accounts.models import Agency
from campaigns.enums import StopReason
from campaigns.models import Campaign, Enrolment
from campaigns.services.compose import compose_due
from campaigns.services.moves import pause as pause_campaign
from campaigns.services.stops import finish_enrolments
from compliance.enums import SuppressionKind, SuppressionReason
from compliance.list_files import Entry
from compliance.personal_data import erase_person
from compliance.services import suppress
from compliance.services.suppression_import import import_suppressions
from mailer.models import Mailbox, Message
from mailer.rules import SmtpReply
from mailer.services import claims, settling
from mailer.services.inbox import take_in
from mailer.services.invariants import check_outbox
from mailer.services.leases import end_lease, take_lease
from mailer.services.mailboxes import pause_mailbox
from mailer.services.unsubscribe import unsubscribe_by_link
from tests.factories.accounts import AgencyFactory
from tests.factories.compliance import AssessmentFactory
from tests.factories.mailer import MailboxFactory
from tests.factories.outreach import running
from tests.mailer.mails import mail_from, report_on

FORK = multiprocessing.get_context("fork")
BOXES = 6
# A round ends when nothing is left to send, or after this many seconds.
LONGEST = 25.0
# One step follows the other at once, so that answers meet follow-ups on their way.
_TABLES = """
CREATE TABLE IF NOT EXISTS race_hand (
  xid xid, message bigint, sequence text, campaign text, mailbox bigint, seen text);
CREATE TABLE IF NOT EXISTS race_stop (
  xid xid, door text, sequence text, campaign text, mailbox bigint);
CREATE OR REPLACE FUNCTION race_note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO race_hand VALUES (pg_current_xact_id()::xid, NEW.id, NEW.sequence_key,
    NEW.campaign_key, NEW.mailbox_id, (
      SELECT min(door) FROM race_stop AS stop WHERE stop.sequence = NEW.sequence_key
      OR stop.campaign = NEW.campaign_key OR stop.mailbox = NEW.mailbox_id));
  RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS race_note ON mailer_message;
-- Deferred: it looks when the hand-over is about to commit.
CREATE CONSTRAINT TRIGGER race_note AFTER UPDATE ON mailer_message
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
WHEN (OLD.status <> 'handing_over' AND NEW.status = 'handing_over')
EXECUTE FUNCTION race_note();
TRUNCATE race_hand, race_stop;
"""
_TIDY = """
DROP TRIGGER race_note ON mailer_message;
DROP FUNCTION race_note;
DROP TABLE race_hand, race_stop;
"""
# By the times PostgreSQL committed them, where it keeps those; and by what the hand-over
# could see when it committed, which every PostgreSQL tells.
_BEHIND = """
SELECT stop.door, count(*) FROM race_hand AS hand JOIN race_stop AS stop ON
  stop.sequence = hand.sequence OR stop.campaign = hand.campaign OR stop.mailbox = hand.mailbox
WHERE pg_xact_commit_timestamp(hand.xid) > pg_xact_commit_timestamp(stop.xid) GROUP BY 1
"""
_SEEN = "SELECT seen, count(*) FROM race_hand WHERE seen IS NOT NULL GROUP BY 1"
_TWICE = "SELECT count(*) FROM (SELECT 1 FROM race_hand GROUP BY message HAVING count(*) > 1) t"


def race_stops(options: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    """Race once for each seed and add the figures up."""
    timed = _one("SHOW track_commit_timestamp") == "on"
    total: Counter[str] = Counter()
    doors: Counter[str] = Counter()
    behind: Counter[str] = Counter()
    broken: list[Any] = []
    for seed in range(options.seeds):
        agency = _set_up(seed, options.people)
        _run(agency, seed, options.processes)
        with connection.cursor() as cursor:
            for query in (_SEEN, *([_BEHIND] if timed else [])):
                cursor.execute(query)
                behind += Counter(dict(cursor.fetchall()))
            cursor.execute("SELECT door, count(DISTINCT xid::text) FROM race_stop GROUP BY 1")
            doors += Counter(dict(cursor.fetchall()))
        total["handed_over"] += int(_one("SELECT count(*) FROM race_hand"))
        total["twice"] += int(_one(_TWICE))
        broken += check_outbox(patience=timedelta()).findings
        with connection.cursor() as cursor:
            cursor.execute(_TIDY)
    figures = {
        "by_commit_time": timed,
        "handed_over": total["handed_over"],
        "stops": dict(sorted(doors.items())),
        "handed_over_after_a_stop": dict(behind),
        "handed_over_twice": total["twice"],
        "broken": broken,
    }
    missed = [
        name
        for name in ("handed_over_after_a_stop", "handed_over_twice", "broken")
        if figures[name]
    ]
    lacking = sorted(set(_DOORS) - set(doors)) if options.seeds >= len(_DOORS) else []
    return figures, [*missed, *(f"no stop by {door}" for door in lacking)]


def _one(sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def _set_up(seed: int, people: int) -> Agency:
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
    agency = AgencyFactory.create(
        slug=f"stops-{seed}-{time.time_ns()}",
        recipient_domain_daily_cap=10_000,
        user_daily_cap=10_000,
    )
    AssessmentFactory.create(agency=agency)
    for number in range(BOXES):
        box = MailboxFactory.create(
            agency=agency,
            address=f"box{number}@agency.example",
            daily_cap=10_000,
            hourly_cap=10_000,
        )
        campaign = running(agency, box, people=people // BOXES)
        campaign.steps.filter(order__gt=1).update(wait=0)
    return agency


def _run(agency: Agency, seed: int, processes: int) -> None:
    connections.close_all()
    stoppers = max(2, processes // 4)
    composers = max(1, processes // 8)
    over = FORK.Event()
    acts: list[Callable[[random.Random], object]] = [
        *[lambda dice: _stop(agency, dice)] * stoppers,
        *[lambda _: compose_due()] * composers,
        *[lambda dice: _send(agency, dice)] * (processes - stoppers - composers),
    ]

    def work(number: int) -> None:
        connections.close_all()
        dice = random.Random(seed * 1000 + number)  # noqa: S311  # repeatable, not secret
        while not over.is_set():
            _survive(lambda: acts[number](dice))
            time.sleep(dice.uniform(0, 0.02))

    workers = [FORK.Process(target=work, args=(number,)) for number in range(processes)]
    for worker in workers:
        worker.start()
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline and _moving(agency):
        time.sleep(0.3)
    over.set()
    for worker in workers:
        worker.join()


def _survive(act: Callable[[], object]) -> None:
    """Try again what the database broke off to end a deadlock, as every task is."""
    try:
        act()
    except OperationalError:
        connection.close()


def _moving(agency: Agency) -> bool:
    moving = ("queued", "claimed", "handing_over")
    open_ = Enrolment.objects.filter(agency=agency, status__in=("pending", "active"))
    due = open_.filter(due_at__lte=timezone.now(), campaign__status="running")
    sendable = Message.objects.filter(
        agency=agency, status__in=moving, held=False, mailbox__status="active"
    )
    return sendable.exists() or due.exists()


# Senders --------------------------------------------------------------------------------


def _send(agency: Agency, dice: random.Random) -> None:
    """One pass over a mailbox, with a server that takes everything after a moment."""
    now = timezone.now()
    boxes = list(Mailbox.objects.filter(agency=agency).values_list("pk", flat=True))
    lease = take_lease(dice.choice(boxes), now=now)
    if lease is None:
        return
    try:
        batch, _ = claims.claim_messages(lease, now=now, size=8)
        for message in batch:
            time.sleep(dice.uniform(0, 0.02))  # connect, MAIL, RCPT
            if claims.hand_over(lease, message, now=timezone.now(), next_send_at=None):
                taken = SmtpReply(250, ("taken",))
                settling.record_sent(lease, message, taken, now=timezone.now())
    except claims.LeaseLostError:
        pass
    finally:
        connection.close()
        claims.give_back(lease)
        end_lease(lease)
        settling.announce_sent(mailbox_id=lease.mailbox_id)


# Doors ----------------------------------------------------------------------------------


def _stop(agency: Agency, dice: random.Random) -> None:
    """Come through one door, and note in the same transaction whom it stops."""
    time.sleep(dice.uniform(0.3, 1.5))
    rows = Message.objects.filter(agency=agency).exclude(status__in=("cancelled", "blocked"))
    known = list(rows.order_by("-pk").values_list("pk", flat=True)[:40])
    if not known:
        return
    message = Message.objects.select_related("agency", "mailbox").get(pk=dice.choice(known))
    if not message.to_address.endswith(".example"):
        return  # erased before
    door = dice.choice(_RARE if dice.random() < 0.05 else _COMMON)
    with transaction.atomic():
        stopped = _DOORS[door](message)
        if dice.random() < 0.3:
            time.sleep(dice.uniform(0, 0.1))  # a transaction that takes its time
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO race_stop VALUES (pg_current_xact_id()::xid, %s, %s, %s, %s)",
                [
                    [door, one.get("sequence"), one.get("campaign"), one.get("mailbox")]
                    for one in stopped
                ],
            )


Stopped = list[dict[str, Any]]


def _of(message: Message) -> Stopped:
    return [{"sequence": message.sequence_key}]


def _suppressed(message: Message, kind: str, value: str, agency: Agency | None) -> Stopped:
    suppress(agency=agency, kind=kind, values=[value], reason=SuppressionReason.MANUAL)
    return _of(message)


def _one_click(message: Message) -> Stopped:
    unsubscribe_by_link(message.agency, message, one_click=True)
    return _of(message)


def _heard(message: Message, raw: bytes) -> Stopped:
    uid = time.time_ns() % 2**40
    inbound = take_in(message.mailbox, raw, folder="INBOX", uidvalidity=1, uid=uid)
    # What is no business of ours stops nothing.
    return _of(message) if inbound and inbound.original_id else []


def _by_mailto(message: Message) -> Stopped:
    raw = mail_from(
        message.to_address,
        "unsubscribe",
        subject="unsubscribe",
        answers=message,
        message_id=_fresh_id(),
    )
    return _heard(message, raw)


def _reply(message: Message) -> Stopped:
    raw = mail_from(message.to_address, "Yes, gladly.", answers=message, message_id=_fresh_id())
    return _heard(message, raw)


def _bounce(message: Message) -> Stopped:
    return _heard(message, report_on(message))


def _fresh_id() -> str:
    return f"<{time.time_ns()}.{random.randrange(10**9)}@site.example>"  # noqa: S311  # a name


def _list_import(message: Message) -> Stopped:
    others = (f"n{number}.{time.time_ns()}@list.example" for number in range(300))
    lines: Iterator[Entry] = (
        Entry(SuppressionKind.ADDRESS, value, SuppressionReason.IMPORTED)
        for value in (message.to_address, *others)
    )
    import_suppressions(agency=message.agency, lines=lines, source="a list", actor=None)
    return _of(message)


def _removal(message: Message) -> Stopped:
    key = int(message.sequence_key.partition(":")[2])
    rows = Enrolment.objects.filter(pk=key)
    finish_enrolments(rows, agency=message.agency, reason=StopReason.REMOVED)
    return _of(message)


def _erasure(message: Message) -> Stopped:
    erase_person(agency=message.agency, address=message.to_address, actor=None)
    return _of(message)


def _campaign_pause(message: Message) -> Stopped:
    key = int(message.campaign_key.partition(":")[2])
    campaign = Campaign.objects.select_related("agency").get(pk=key)
    if campaign.status != "running":
        return []
    pause_campaign(campaign, actor=None)
    return [{"campaign": message.campaign_key}]


def _mailbox_pause(message: Message) -> Stopped:
    stopped = pause_mailbox(message.mailbox, reason="In the race.")
    return [{"mailbox": message.mailbox_id}] if stopped else []


_DOORS: dict[str, Callable[[Message], Stopped]] = {
    "one click": _one_click,
    "mailto": _by_mailto,
    "reply": _reply,
    "bounce": _bounce,
    "by hand": lambda m: _suppressed(m, SuppressionKind.ADDRESS, m.to_address, m.agency),
    "list": _list_import,
    "domain": lambda m: _suppressed(m, SuppressionKind.DOMAIN, m.recipient_domain, m.agency),
    "platform": lambda m: _suppressed(m, SuppressionKind.ADDRESS, m.to_address, None),
    "removal": _removal,
    "erasure": _erasure,
    "campaign pause": _campaign_pause,
    "mailbox pause": _mailbox_pause,
}
_RARE = ("campaign pause", "mailbox pause")
_COMMON = tuple(door for door in _DOORS if door not in _RARE)
