"""The spool: what was answered is stored, exactly once, whatever dies."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from django.db import OperationalError

from mailer import spool
from mailer.models import Message, MessageEvent, SpoolPosition
from mailer.services import draining
from mailer.services.draining import drain
from mailer.services.tracking import note_visit
from mailer.signals import messages_touched
from tests.factories.mailer import MessageFactory, visit


@pytest.fixture
def message(db: None, settings) -> Message:
    settings.SPOOL_DRAIN_AT_ONCE = False
    return MessageFactory.create(sent=True, links=["https://site.example/"])


def position() -> int:
    return SpoolPosition.objects.exclude(name=SpoolPosition.LOCK).get().position


def test_a_visit_waits_in_the_spool_and_is_stored_once(message: Message):
    note_visit(visit(message, "opened"))
    assert not message.events.exists()

    assert [drain().visits for _ in range(2)] == [1, 0]
    assert message.events.count() == 1


def test_what_comes_while_a_file_is_open_is_read_from_where_it_was_left(message: Message):
    for number in range(3):
        note_visit(visit(message, "clicked", at=visit(message, "clicked").at + number))
        drain()

    assert message.events.count() == 3
    assert position() == spool.files()[0].stat().st_size


def test_a_batch_that_could_not_be_committed_is_stored_by_the_next(message: Message):
    note_visit(visit(message, "opened"))

    def away(**_):
        raise OperationalError("the database went away")

    messages_touched.connect(away)
    with pytest.raises(OperationalError):
        drain()
    messages_touched.disconnect(away)
    assert not message.events.exists()

    assert drain().visits == 1
    assert message.events.count() == 1


def test_a_line_that_is_no_visit_is_set_aside_and_the_rest_stored(message: Message):
    spool.append(b'["torn')
    note_visit(visit(message, "opened"))

    report = drain()

    assert (report.visits, report.set_aside) == (1, 1)
    assert (Path(spool.settings.SPOOL_DIR) / "set_aside").read_bytes() == b'["torn\n'


def test_a_visit_the_database_refuses_holds_up_nobody(message: Message):
    note_visit(visit(message, "opened", at=1e18))  # a year no calendar has
    note_visit(visit(message, "opened"))

    assert drain().set_aside == 1
    assert message.events.count() == 1


def test_visits_of_another_agencys_message_or_of_no_link_are_left_out(message: Message):
    note_visit(visit(message, "clicked", agency_id=message.agency_id + 1))
    note_visit(visit(message, "clicked", link=7))
    note_visit(visit(message, "opened", message_id=message.pk + 1))
    drain()

    assert not MessageEvent.objects.exists()


def test_a_file_nobody_writes_to_any_more_is_deleted(message: Message):
    note_visit(visit(message, "opened"))
    drain()
    assert len(spool.files()) == 1

    spool._own_writer().close()

    assert drain().files_removed == 1
    assert spool.files() == []


def test_only_one_reader_a_host(message: Message):
    note_visit(visit(message, "opened"))

    with spool.reader(wait=False) as first:
        assert first
        assert drain().visits == 0


def test_a_full_disk_sends_the_visit_straight_to_the_tables(message: Message, settings, tmp_path):
    (tmp_path / "a file").touch()
    settings.SPOOL_DIR = tmp_path / "a file"

    note_visit(visit(message, "opened"))

    assert message.events.count() == 1


def test_positions_are_forgotten_in_the_end(message: Message, time_machine):
    note_visit(visit(message, "opened"))
    drain()
    time_machine.move_to("2100-01-01")

    assert draining.forget_positions() == 1


def test_file_that_lay_still_for_months_is_not_read_twice(message: Message, time_machine):
    note_visit(visit(message, "opened"))
    drain()
    time_machine.move_to("2100-01-01")

    drain()
    draining.forget_positions()

    assert drain().visits == 0


def test_program_whose_name_spells_a_nul_is_stored(message: Message):
    note_visit(visit(message, "opened", agent="a\x00b \\u0000 c"))

    report = drain()

    assert (report.visits, report.set_aside) == (1, 0)
    assert message.events.get().evidence["user_agent"] == "ab \\u0000 c"


def test_kill_loses_nothing_that_was_answered(message: Message, settings):
    script = textwrap.dedent("""
        import django, os, sys
        django.setup()
        from mailer import spool
        for _ in range(int(sys.argv[2])):
            spool.append(sys.argv[1].encode())
            print("answered", flush=True)
        os.kill(os.getpid(), 9)
    """)
    environment = {
        **os.environ,
        "SPOOL_DIR": str(settings.SPOOL_DIR),
        "DJANGO_SETTINGS_MODULE": "outreach_project.settings",
    }
    done = subprocess.run(  # noqa: S603  # our own script
        [sys.executable, "-c", script, visit(message, "opened").line().decode(), "25"],
        env=environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )

    drain()

    assert done.returncode == -signal.SIGKILL
    assert message.events.count() == done.stdout.count("answered") == 25
    assert spool.files() == []
