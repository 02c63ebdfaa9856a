"""The benchmarks of the outbox under fire, small: every bar they have is met."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from benchmarks._private import missing
from tests.mailer.test_crash import postgresql_url

ROOT = Path(__file__).resolve().parents[2]


def run_benchmark(name: str, url: str, var_dir: Path, *options: str) -> dict[str, Any]:
    env = os.environ | {
        "DATABASE_URL": url,
        "VAR_DIR": str(var_dir),
        "PYTHONPATH": str(ROOT),
        "LOG_LEVEL": "CRITICAL",
    }
    done = subprocess.run(  # noqa: S603  # our own command
        [sys.executable, "-m", f"benchmarks.{name}", "--json", *options],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.stdout, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_cut_lines_stay_uncertain_until_the_sent_folder_tells(tmp_path):
    url = f"sqlite:///{tmp_path / 'dropped.sqlite3'}"

    figures = run_benchmark("dropped", url, tmp_path, "--migrate", "--mails", "24")

    assert figures["missed"] == [], figures
    assert figures["settled_by_sent_folder"] == figures["lines_cut"] > 0


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor != "postgresql", reason="DATABASE_URL names no PostgreSQL")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("race", ["caps", "stops"])
def test_races_end_with_nothing_past_a_cap_or_after_a_stop(tmp_path, race: str):
    small = ["--seeds", "1", "--processes", "5", "--people", "18", "--only", race]

    figures = run_benchmark("races", postgresql_url(), tmp_path, "--here", *small)

    assert figures["missed"] == [], figures
    assert figures[race].get("let_go", figures[race].get("handed_over")) > 0


@pytest.mark.slow
@pytest.mark.skipif(bool(missing()), reason="needs redis-server and PostgreSQL's initdb")
def test_mail_flows_again_after_the_broker_was_wiped_and_the_database_restarted(tmp_path):
    figures = run_benchmark("outage", "", tmp_path, "--wipes", "1", "--restarts", "1")

    assert figures["missed"] == [], figures
