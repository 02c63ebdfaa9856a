"""How each prospect of the demo behaves: a pure function of the address."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Persona:
    """What one prospect does.

    Attributes:
        act: a preset of the sandbox ("" for silence), or "one_click" or "link" for
            someone who unsubscribes by the header or by the page.
        at_mail: at which of our e-mails, counted from 1.
        opens: whether a person opens what they get.
        clicks: whether a person follows a link in it.
        scanned: whether a machine in front of them fetches every link first.
    """

    act: str
    at_mail: int
    opens: bool
    clicks: bool
    scanned: bool


# Percent of the prospects who do it, what they do, and at which e-mail.
_ACTS = (
    (3, "interested", 1),
    (2, "interested", 2),
    (1, "interested", 3),
    (2, "price", 1),
    (2, "question", 2),
    (3, "not_interested", 1),
    (1, "not_interested", 2),
    (1, "unsubscribe", 1),
    (1, "one_click", 1),
    (1, "one_click", 2),
    (1, "link", 1),
    (2, "bounce", 1),
    (1, "mailbox_full", 1),
    (2, "out_of_office", 1),
    (1, "wrong_person", 1),
)


def persona(address: str) -> Persona:
    """Return how the owner of `address` behaves, the same on every run."""
    digest = hashlib.sha256(address.encode()).digest()
    act, at_mail = _act(digest[0] * 256 + digest[1])
    reads = act not in {"", "bounce", "mailbox_full", "out_of_office"}
    return Persona(
        act=act,
        at_mail=at_mail,
        opens=reads or (digest[2] < 110 and act == ""),
        clicks=digest[3] < 20 and act == "",
        scanned=digest[4] < 25,
    )


def _act(roll: int) -> tuple[str, int]:
    percent = roll * 100 / 65536
    for share, act, at_mail in _ACTS:
        if percent < share:
            return act, at_mail
        percent -= share
    return "", 0
