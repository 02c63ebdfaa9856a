"""What a whole e-mail is: reports, complaints, programs and people."""

import datetime as dt
from email.message import EmailMessage

import pytest

from mailer.reading import read_mail
from mailer.sandbox.delivery_reports import delivery_report

TODAY = dt.date(2026, 11, 20)


def mail(text="", subject="Re: An idea", html="", **headers):
    message = EmailMessage()
    message["From"] = "Anna Ek <anna@blog.example>"
    message["To"] = "maya@agency.example"
    message["Subject"] = subject
    message["Date"] = "Fri, 20 Nov 2026 10:00:00 +0000"
    message["Message-ID"] = "<answer@blog.example>"
    message["In-Reply-To"] = "<asked@agency.example>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    if text or not html:
        message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return message.as_bytes()


def report(status, diagnostic, recipient="anna@blog.example"):
    original = EmailMessage()
    original["From"] = "maya@agency.example"
    original["To"] = recipient
    original["Subject"] = "An idea"
    original["Message-ID"] = "<asked@agency.example>"
    return read_mail(delivery_report(original, recipient, status=status, diagnostic=diagnostic))


@pytest.mark.parametrize(
    ("status", "diagnostic", "dead"),
    [
        ("5.1.1", "550 5.1.1 User unknown", True),
        ("5.1.10", "550 5.1.10 Recipient not found by SMTP address lookup", True),
        ("5.1.2", "550 5.1.2 Host unknown", True),
        ("5.4.1", "550 5.4.1 Recipient address rejected: Access denied", True),
        ("5.0.0", "550 no such user (in reply to RCPT TO command)", True),
        ("5.2.2", "552 5.2.2 Mailbox full", False),
        ("5.7.1", "550 5.7.1 Message rejected as spam", False),
        ("5.7.26", "550 5.7.26 Unauthenticated email is not accepted: DMARC policy", False),
        ("5.2.1", "550 5.2.1 The account is suspended", False),
        ("5.4.7", "delivery time expired", False),
        ("4.2.2", "452 4.2.2 Over quota", False),
        ("5.0.0", "550 user unknown (in reply to end of DATA command)", False),
        ("5.1.8", "553 5.1.8 Domain of sender address does not exist", False),
    ],
)
def test_bounce_is_permanent_only_when_the_address_is_dead(status, diagnostic, dead):
    found = report(status, diagnostic)
    assert found.kind == "bounce"
    assert [(one.address, one.permanent) for one in found.bounced] == [("anna@blog.example", dead)]
    assert found.original_ids == ("<asked@agency.example>",)


def test_bounce_in_prose_names_its_recipients():
    text = (
        "Hi. This is the mail program at mx.blog.example.\nI'm afraid I wasn't able to deliver"
        " your message to the following addresses.\n\n<anna@blog.example>:\nSorry, no mailbox"
        " here by that name. (#5.1.1)\n\n<bo@blog.example>:\nUser is over quota (#5.2.2)\n\n"
        "--- Below this line is a copy of the message.\n\nReturn-Path: <maya@agency.example>\n"
        "To: all@blog.example\n"
    )
    raw = mail(text, "failure notice").replace(b"Anna Ek <anna", b"<MAILER-DAEMON")
    found = read_mail(raw)
    assert found.kind == "bounce"
    assert [(one.address, one.permanent, one.code) for one in found.bounced] == [
        ("anna@blog.example", True, "5.1.1"),
        ("bo@blog.example", False, "5.2.2"),
    ]


def test_report_of_success_is_no_bounce():
    raw = delivery_report(EmailMessage(), "anna@blog.example", status="2.0.0", diagnostic="250 ok")
    found = read_mail(raw.replace(b"Action: delayed", b"Action: delivered"))
    assert (found.kind, found.bounced) == ("auto_reply", ())


def test_complaint_names_who_complained():
    raw = (
        b"From: fbl@isp.example\r\nTo: maya@agency.example\r\nSubject: FW: An idea\r\n"
        b"MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=feedback-report;"
        b' boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/plain\r\n\r\nAn abuse report.\r\n"
        b"--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n"
        b"User-Agent: FBL/1\r\nVersion: 1\r\nOriginal-Rcpt-To: anna@isp.example\r\n\r\n"
        b"--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <asked@agency.example>\r\n"
        b"To: anna@isp.example\r\n\r\nHi\r\n--b--\r\n"
    )
    found = read_mail(raw)
    assert (found.kind, found.complained) == ("complaint", ("anna@isp.example",))
    assert found.original_ids == ("<asked@agency.example>",)


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"X_Autoreply": "yes"},
        {"X_Autorespond": "An idea"},
        {"Precedence": "auto_reply"},
        {"Precedence": "bulk"},
        {"Return_Path": "<>"},
        {"X_Apple_Action": "VACATION"},
    ],
)
def test_header_tells_a_program(headers):
    assert read_mail(mail("Thanks for writing.", **headers)).kind in {"auto_reply", "out_of_office"}


@pytest.mark.parametrize("headers", [{"Auto_Submitted": "no"}, {"X_Apple_Action": "MOVE"}])
def test_header_of_a_person_tells_no_program(headers):
    assert read_mail(mail("Thanks for writing.", **headers)).kind == "reply"


AWAY = [
    ("I am out of the office until 4 December 2026.", dt.date(2026, 12, 4)),
    ("I'm on parental leave and will be back on January 11th.", dt.date(2027, 1, 11)),
    ("I am currently away and will be back on the 5th.", dt.date(2026, 12, 5)),
    ("I will be out of office from 23/11/2026 to 30/11/2026.", dt.date(2026, 11, 30)),
    ("I'm away until Monday.", dt.date(2026, 11, 23)),
    ("Thanks! I'm OOO this week.", None),
    (
        "Guten Tag,\nIch bin vom 23.11. bis einschließlich 04.12.2026 im Urlaub.",
        dt.date(2026, 12, 4),
    ),
    ("Ich bin bis zum 4. Dezember nicht im Büro.", dt.date(2026, 12, 4)),
    ("Ich bin im Urlaub und ab dem 07.12.2026 wieder erreichbar.", dt.date(2026, 12, 7)),
    ("Je suis absente du bureau jusqu'au 4 décembre 2026.", dt.date(2026, 12, 4)),
    ("Estoy fuera de la oficina hasta el 4 de diciembre.", dt.date(2026, 12, 4)),
    ("Sono in ferie fino al 4 dicembre.", dt.date(2026, 12, 4)),
    ("Ik ben afwezig tot en met 4 december 2026.", dt.date(2026, 12, 4)),
    ("Estou de férias até 4 de dezembro.", dt.date(2026, 12, 4)),
    ("Jag är på semester till och med den 4 december.", dt.date(2026, 12, 4)),
    ("Jeg er på ferie til og med den 4. december.", dt.date(2026, 12, 4)),
    ("Jeg er ikke på kontoret før 4. desember.", dt.date(2026, 12, 4)),
    ("Olen lomalla 4.12.2026 asti.", dt.date(2026, 12, 4)),
    ("Jestem na urlopie do 4 grudnia 2026.", dt.date(2026, 12, 4)),
    ("Jsem mimo kancelář do 4. prosince.", dt.date(2026, 12, 4)),
]


@pytest.mark.parametrize(("text", "day"), AWAY)
def test_absence_without_headers_and_its_end(text, day):
    found = read_mail(mail(text, subject="Re: An idea"))
    assert (found.kind, found.return_date) == ("out_of_office", day)


@pytest.mark.parametrize(
    "subject",
    [
        "Out of office: An idea",
        "Automatic reply: An idea",
        "Automatische Antwort: Idee",
        "Abwesenheitsnotiz: Idee",
        "Réponse automatique : idée",
        "Respuesta automática: idea",
        "Risposta automatica: idea",
        "Automatisch antwoord: idee",
        "Resposta automática: ideia",
        "Autosvar: idé",
        "Automatiskt svar: idé",
        "Automaattinen vastaus: idea",
        "Automatyczna odpowiedź: pomysł",
        "Automatická odpověď: nápad",
    ],
)
def test_subject_of_a_program(subject):
    assert read_mail(mail("Hello.", subject=subject)).kind in {"auto_reply", "out_of_office"}


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("Our vacation blog takes guest posts on out of office messages.", "Re: vacation rentals"),
        ("Sorry for the delay, I was out of the office. Yes, send it.", "Re: An idea"),
        ("I'm on holiday until Monday, but this sounds interesting.", "Re: An idea"),
        ("We are open to it. Our office is in Paris.", "Re: automatic replies"),
        ("Ich war im Urlaub. Klingt gut!", "AW: Idee"),
        ("Thanks. I receive many such mails.", "Re: out of office hours"),
        ("I am travelling next week, so let's talk on Monday.", "Re: An idea"),
        ("I'm away this week. What would the article be about?", "Re: An idea"),
        ("We are on holiday in May. We charge $90 for a post.", "Re: An idea"),
        ("I will be on leave soon, but please send the outline.", "Re: An idea"),
        ("Je suis en vacances, mais votre offre nous intéresse.", "Re: Idée"),
        ("Wir sind im Urlaub. Kein Interesse.", "AW: Idee"),
        ("I'm back in the office and had a look: fine with us.", "Re: An idea"),
        ("Our editor is on maternity leave, so write to me instead.", "Re: An idea"),
        ("Thanks for your message. I will get back to you next week.", "Re: An idea"),
        ("Our office is closed to the public, how many words is it?", "Re: An idea"),
    ],
)
def test_person_is_not_taken_for_a_program(text, subject):
    assert read_mail(mail(text, subject=subject)).kind == "reply"


def test_html_only_reply_gives_its_new_text():
    html = (
        "<style>p{color:red}</style><div>Yes,<br>please send it.</div>"
        '<div class="gmail_quote"><div>On Fri, 20 Nov 2026 at 09:00, Maya '
        "&lt;maya@agency.example&gt; wrote:</div><blockquote>Would you?</blockquote></div>"
    )
    found = read_mail(mail(html=html))
    assert found.new_text == "Yes,\nplease send it."
    assert found.intent == "interested"


def test_outlook_html_reply_is_cut_at_its_mark():
    html = '<p>Yes.</p><div id="appendonsend"></div><hr><div>From: Maya</div><p>Would you?</p>'
    assert read_mail(mail(html=html)).new_text == "Yes."


def test_stop_in_a_quoted_footer_suppresses_nobody():
    text = "Sounds good!\n\nOn 20 Nov 2026 at 09:00, Maya wrote:\n> Reply STOP to unsubscribe."
    found = read_mail(mail(text))
    assert (found.kind, found.intent) == ("reply", "interested")


@pytest.mark.parametrize("subject", ["unsubscribe", "Unsubscribe 6-x7Yq"])
def test_list_unsubscribe_mail_asks_out(subject):
    assert read_mail(mail("", subject=subject)).kind == "unsubscribe"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\xfe",
        b"From: =?x?Q?=\r\nSubject: =?utf-8?B?@@?=\r\n\r\nhi",
        b'Content-Type: multipart/mixed; boundary="\r\n\r\n--\r\n',
        b"Content-Type: text/plain; charset=nonsense\r\n\r\n\xe9t\xe9",
        b"From: a@b.example, <<<>>>\r\nDate: never\r\n\r\n",
        b"Content-Type: text/html\r\n\r\n" + b"<div>" * 20_000 + b"deep",
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 5_000,
        b"To: " + b"a@b.example, " * 20_000 + b"\r\n\r\nhi",
    ],
)
def test_malformed_mail_is_read_all_the_same(raw):
    assert read_mail(raw, today=TODAY).kind in {"reply", "auto_reply"}
