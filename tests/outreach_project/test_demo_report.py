import datetime as dt

import pytest

from mailer.sandbox.store import Received
from outreach_project.demo.report import (
    Caps,
    duplicates,
    sent_after_stop,
    sent_by_step,
    sent_over_cap,
)

AT = dt.datetime(2026, 11, 2, 10, tzinfo=dt.UTC)


def mail(number: int, recipient: str = "a@site.example", **changes) -> Received:
    values = {
        "id": number,
        "at": AT,
        "login": "maya@mail.example",
        "sender": "maya@mail.example",
        "recipient": recipient,
        "message_id": f"<{number}@mail.example>",
        "subject": "Hello",
    }
    return Received(**{**values, **changes})


def test_steps_are_counted_by_what_each_recipient_got():
    mails = [mail(1), mail(2), mail(3, "b@other.example")]
    assert sent_by_step(mails) == {"1": 2, "2": 1}


def test_a_message_id_received_again_is_a_duplicate():
    assert duplicates([mail(1), mail(2, message_id="<1@mail.example>")], steps=3) == 1


def test_more_mails_than_the_sequence_has_are_duplicates():
    assert duplicates([mail(n) for n in range(1, 6)], steps=3) == 2


def test_a_mail_after_the_stop_is_counted():
    assert sent_after_stop([mail(1), mail(2)], {"a@site.example": 1}) == 1


@pytest.mark.parametrize(
    ("caps", "over"),
    [
        (Caps(mailbox=3, site=3, campaign=3), 0),
        (Caps(mailbox=2, site=3, campaign=3), 1),
        (Caps(mailbox=3, site=1, campaign=3), 1),
        (Caps(mailbox=3, site=3, campaign=1), 2),
    ],
)
def test_mails_over_each_cap_are_counted(caps, over):
    day = [mail(1), mail(2, "b@site.example"), mail(3, "c@other.example")]
    assert sent_over_cap([day], caps) == over


def test_caps_begin_anew_each_day():
    caps = Caps(mailbox=1, site=1, campaign=1)
    assert sent_over_cap([[mail(1)], [mail(2)]], caps) == 0
