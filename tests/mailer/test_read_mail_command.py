"""`manage.py read_mail`: one object a file, by the code the inbox uses."""

import json

import pytest
from django.core.management import CommandError, call_command

from mailer.sandbox.delivery_reports import delivery_report
from mailer.sandbox.store import parse
from tests.mailer.mails import mail_from


def printed(capsys, *files):
    call_command("read_mail", *map(str, files), "--json")
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_command_prints_one_object_a_file(tmp_path, capsys):
    answer, report = tmp_path / "answer.eml", tmp_path / "report.eml"
    answer.write_bytes(mail_from(text="Our fee is $90 per post.\n\n> Would you?"))
    original = parse(mail_from("ann@agency.example"))
    report.write_bytes(
        delivery_report(
            original, "editor@site.example", status="5.1.1", diagnostic="550 User unknown"
        )
    )

    first, second = printed(capsys, answer, report)

    assert (first["kind"], first["intent"], first["new_text"]) == (
        "reply",
        "price",
        "Our fee is $90 per post.",
    )
    assert first["price"] == {"amount": "90", "currency": "USD"}
    assert first["addresses"] == ["editor@site.example"]
    assert second["bounced_recipients"] == [
        {"address": "editor@site.example", "permanent": True, "code": "5.1.1"}
    ]


def test_command_names_a_file_it_cannot_open(tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        call_command("read_mail", str(tmp_path / "none.eml"))
