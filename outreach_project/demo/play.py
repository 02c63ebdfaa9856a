"""Plays the days of a campaign: we send, prospects act, we read, a day passes."""

import datetime as dt
from collections import Counter
from typing import Protocol

from django.utils import timezone

from accounts.models import Agency
from mailer.sandbox import store
from mailer.services.draining import drain
from outreach_project.demo.clock import pass_time
from outreach_project.demo.personas import Persona, persona
from outreach_project.demo.report import Ledger
from outreach_project.demo.visitors import Visitor

_RETURN_IN = dt.timedelta(days=4)
_STOPS = frozenset(
    {
        "interested",
        "price",
        "question",
        "not_interested",
        "unsubscribe",
        "wrong_person",
        "bounce",
        "one_click",
        "link",
    }
)
_QUESTION = "Hi, who would write it, and have you published anything similar before?"


class Engine(Protocol):
    """Whoever does the work: this process, or workers behind a broker."""

    def send(self) -> None:
        """Compose and send all that is due, until nothing more leaves."""

    def read(self) -> None:
        """Read every inbox to its end."""

    def unfinished(self) -> bool:
        """Return whether anyone still waits for an e-mail."""


class Play:
    """One campaign, played day by day against the sandbox."""

    def __init__(self, agency: Agency, logins: list[str], engine: Engine) -> None:
        self.agency = agency
        self.logins = logins
        self.engine = engine
        self.ledger = Ledger()
        self.acts: Counter[str] = Counter()
        self._visitor = Visitor()
        self._received: Counter[str] = Counter()
        self._last_id = max((m.id for m in store.received(logins=logins)), default=0)

    def run(self, most_days: int) -> None:
        """Play until nobody waits any more, `most_days` at most."""
        for _ in range(most_days):
            self.engine.send()
            mails = store.received(logins=self.logins, after_id=self._last_id)
            self.ledger.days.append(mails)
            self._last_id = max((mail.id for mail in mails), default=self._last_id)
            self._scan(mails)
            drain(wait=True)  # what happened today happened before the day passes
            pass_time(self.agency, 1)
            self._act(mails)
            drain(wait=True)
            if not self.engine.unfinished():
                return

    def _scan(self, mails: list[store.Received]) -> None:
        for mail in mails:
            if persona(mail.recipient).scanned:
                self._visitor.scan(self._raw(mail))
                self.acts["scanned"] += 1

    def _act(self, mails: list[store.Received]) -> None:
        heard = []
        for mail in mails:
            self._received[mail.recipient] += 1
            who = persona(mail.recipient)
            if who.opens or who.clicks:
                self._look(mail, who)
            if who.act and who.at_mail == self._received[mail.recipient]:
                self._answer(mail, who.act)
                if who.act in _STOPS:
                    heard.append(mail.recipient)
        self.engine.read()
        for address in heard:
            self.ledger.stopped[address] = self._last_id

    def _look(self, mail: store.Received, who: Persona) -> None:
        raw = self._raw(mail)
        if who.opens:
            self._visitor.open(raw)
            self.acts["opened"] += 1
        if who.clicks and self._visitor.click(raw):
            self.acts["clicked"] += 1

    def _answer(self, mail: store.Received, act: str) -> None:
        self.acts[act] += 1
        if act == "one_click":
            self._visitor.one_click(self._raw(mail))
        elif act == "link":
            self._visitor.unsubscribe_on_page(self._raw(mail))
        elif act == "question":
            store.reply_as_prospect(mail.id, "free", _QUESTION)
        elif act == "out_of_office":
            back = timezone.localdate() + _RETURN_IN
            store.reply_as_prospect(mail.id, act, return_date=back)
        else:
            store.reply_as_prospect(mail.id, act)

    def _raw(self, mail: store.Received) -> bytes:
        found = store.get(mail.id)
        if found is None:
            raise LookupError(mail.id)
        return found.raw
