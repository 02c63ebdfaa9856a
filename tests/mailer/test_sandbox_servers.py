"""The sandbox's SMTP and IMAP servers, spoken to over real sockets."""

import datetime as dt
import smtplib
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from imap_tools import MailBoxUnencrypted

from mailer.sandbox import PASSWORD, store
from tests.servers.sandbox import sandbox_running

MAYA = "maya@agency.example"


@pytest.fixture
def sandbox(settings, tmp_path):
    settings.SANDBOX_DIR = tmp_path
    with sandbox_running() as ports:
        yield ports


def mail(to="anna@blog.example", **headers):
    message = EmailMessage()
    message["From"] = headers.get("sender", f"Maya <{MAYA}>")
    message["To"] = to
    message["Subject"] = headers.get("subject", "An idea")
    message["Message-ID"] = headers.get("message_id", "<one@agency.example>")
    message.set_content("Would you read it?")
    return message


def send(port, message, user=MAYA, to=None):
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
        if user:
            client.login(user, PASSWORD)
        return client.send_message(message, from_addr=user or None, to_addrs=to)


def read(port, user=MAYA, folder="INBOX", criteria="ALL"):
    with MailBoxUnencrypted("127.0.0.1", port, timeout=10).login(user, PASSWORD, folder) as box:
        return list(box.fetch(criteria, mark_seen=False))


def test_smtp_keeps_what_a_mailbox_sends(sandbox):
    send(sandbox[0], mail())

    (kept,) = store.received(logins=[MAYA])
    assert (kept.recipient, kept.subject, kept.message_id) == (
        "anna@blog.example",
        "An idea",
        "<one@agency.example>",
    )
    found = store.get(kept.id)
    assert found is not None
    assert b"Would you read it?" in found.raw


def test_smtp_files_a_copy_in_the_senders_sent_folder(sandbox):
    send(sandbox[0], mail())

    (copy,) = read(sandbox[1], folder="Sent", criteria='HEADER Message-ID "<one@agency.example>"')
    assert copy.subject == "An idea"


def test_smtp_needs_a_login_from_everyone_but_the_platform(sandbox, settings):
    with pytest.raises(smtplib.SMTPSenderRefused) as refused:
        send(sandbox[0], mail(), user="")
    assert refused.value.smtp_code == 530

    send(sandbox[0], mail(sender=settings.DEFAULT_FROM_EMAIL), user="")
    assert store.count(logins=[""]) == 1


def test_smtp_refuses_a_wrong_password(sandbox):
    with (
        smtplib.SMTP("127.0.0.1", sandbox[0], timeout=10) as client,
        pytest.raises(smtplib.SMTPAuthenticationError),
    ):
        client.login(MAYA, "wrong")


@pytest.mark.parametrize(("local", "code"), [("reject.me", 550), ("busy", 452), ("later", 451)])
def test_smtp_refuses_recipients_by_their_name(sandbox, local, code):
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        send(sandbox[0], mail(to=f"{local}@blog.example"))

    assert refused.value.recipients[f"{local}@blog.example"][0] == code
    assert store.count() == 0


def test_smtp_accepts_a_greylisted_recipient_the_second_time(sandbox):
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        send(sandbox[0], mail(to="later@blog.example"))

    send(sandbox[0], mail(to="later@blog.example"))

    assert store.count() == 1


def test_smtp_does_not_take_a_longer_name_for_a_trick(sandbox):
    send(sandbox[0], mail(to="rejectine.fullerton@blog.example"))

    assert store.count() == 1
    assert read(sandbox[1]) == []


@pytest.mark.parametrize(("local", "status"), [("bounce", "5.1.1"), ("anna-full", "4.2.2")])
def test_smtp_sends_a_delivery_report_by_the_recipients_name(sandbox, local, status):
    send(sandbox[0], mail(to=f"{local}@blog.example"))

    (report,) = read(sandbox[1])
    parsed = message_from_bytes(report.obj.as_bytes(), policy=policy.default)
    assert parsed.get_content_type() == "multipart/report"
    assert f"Status: {status}" in report.obj.as_string()


def test_smtp_takes_pipelined_commands(sandbox):
    with smtplib.SMTP("127.0.0.1", sandbox[0], timeout=10) as client:
        client.login(MAYA, PASSWORD)
        assert client.has_extn("pipelining")
        client.send(f"MAIL FROM:<{MAYA}>\r\nRCPT TO:<a@b.example>\r\nDATA\r\n")
        assert [client.getreply()[0] for _ in range(3)] == [250, 250, 354]
        body = "Subject: 1\r\n\r\n1\r\n.\r\n"
        client.send(f"{body}MAIL FROM:<{MAYA}>\r\nRCPT TO:<c@b.example>\r\nDATA\r\n")
        assert [client.getreply()[0] for _ in range(4)] == [250, 250, 250, 354]
        client.send(body)
        assert client.getreply()[0] == 250
    assert store.count() == 2


def test_imap_keeps_uids_over_a_restart(settings, tmp_path):
    settings.SANDBOX_DIR = tmp_path
    seen = []
    for number in range(2):
        with sandbox_running() as (smtp_port, imap_port):
            send(smtp_port, mail(message_id=f"<{number}@agency.example>"))
            with MailBoxUnencrypted("127.0.0.1", imap_port, timeout=10).login(
                MAYA, PASSWORD, "Sent"
            ) as box:
                seen.append((box.folder.status("Sent")["UIDVALIDITY"], box.uids()))

    assert seen[0][0] == seen[1][0]
    assert [uids for _, uids in seen] == [["1"], ["1", "2"]]


def test_imap_shows_what_another_process_filed_at_the_next_command(sandbox):
    with MailBoxUnencrypted("127.0.0.1", sandbox[1], timeout=10).login(MAYA, PASSWORD) as box:
        assert box.uids() == []
        store.deliver(mail(to=MAYA).as_bytes(), MAYA)
        assert box.uids() == ["1"]


def test_imap_appends_flags_moves_and_expunges(sandbox):
    with MailBoxUnencrypted("127.0.0.1", sandbox[1], timeout=10).login(MAYA, PASSWORD) as box:
        box.append(mail().as_bytes(), "INBOX")
        box.folder.create("Müll & 'Rest'")
        box.flag("1", "\\Flagged", value=True)
        assert next(iter(box.fetch(mark_seen=False))).flags == ("\\Flagged", "\\Recent")
        box.move("1", "Müll & 'Rest'")
        assert box.uids() == []
        box.folder.set("Müll & 'Rest'")
        assert box.uids() == ["1"]
        box.delete("1")
        assert box.uids() == []


@pytest.mark.parametrize("preset", store.Preset.values)
def test_prospect_answers_in_the_senders_inbox(sandbox, preset):
    send(sandbox[0], mail())
    (kept,) = store.received()

    message_id = store.reply_as_prospect(kept.id, preset, "A word", return_date=dt.date(2027, 1, 4))

    (answer,) = read(sandbox[1])
    assert answer.headers["message-id"][0].strip() == message_id
    assert "<one@agency.example>" in answer.obj.as_string()


def test_prospect_out_of_office_names_the_day(sandbox):
    send(sandbox[0], mail())
    (kept,) = store.received()

    store.reply_as_prospect(kept.id, "out_of_office", return_date=dt.date(2027, 1, 4))

    (answer,) = read(sandbox[1])
    assert "until 4 January 2027" in answer.text
    assert answer.headers["auto-submitted"] == ("auto-replied",)
