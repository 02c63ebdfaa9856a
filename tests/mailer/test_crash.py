"""Whole workers killed while they send, and many racing: nothing twice, nothing forgotten."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]


def run_crash(database_url: str, var_dir: Path, *options: str) -> dict:
    """Run the crash benchmark small, and return its figures."""
    env = os.environ | {
        "DATABASE_URL": database_url,
        "VAR_DIR": str(var_dir),
        "PYTHONPATH": str(ROOT),
        "LOG_LEVEL": "ERROR",
    }
    done = subprocess.run(  # noqa: S603  # our own command
        [sys.executable, "-m", "benchmarks.crash", "--json", *options],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.stdout, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_killed_workers_lose_and_repeat_nothing_on_sqlite(tmp_path):
    url = f"sqlite:///{tmp_path / 'crash.sqlite3'}"
    options = [
        "--migrate",
        "--mails",
        "80",
        "--workers",
        "2",
        "--mailboxes",
        "3",
        "--kills",
        "2",
        "--delay",
        "0.1",
        "--pause",
        "0.5",
    ]

    figures = run_crash(url, tmp_path, *options)

    assert figures["missed"] == [], figures
    assert figures["kills"] > 0
    assert sum(figures["states"].values()) == 80


def postgresql_url() -> str:
    db = connection.settings_dict
    login = f"{db['USER']}:{db['PASSWORD']}" if db["PASSWORD"] else db["USER"]
    return f"postgres://{login}@{db['HOST'] or 'localhost'}:{db['PORT'] or 5432}/{db['NAME']}"


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor != "postgresql", reason="DATABASE_URL names no PostgreSQL")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "options",
    ["--mails 80 --workers 2 --mailboxes 3 --kills 2 --delay 0.1 --pause 0.5", (
     "--mails 120 --workers 8 --mailboxes 2 --kills 0 --delay 0")],
    ids=["killed", "eight racing"],
)  # fmt: skip
def test_killed_and_racing_workers_send_once_on_postgresql(tmp_path, options):
    figures = run_crash(postgresql_url(), tmp_path, *options.split())

    assert figures["missed"] == [], figures
