"""Eight real processes race for a cap of 100: exactly 100 are let go, on both databases."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from accounts.models import Agency
from tests.factories.compliance import AssessmentFactory

ROOT = Path(__file__).resolve().parents[2]
RACERS = 8

_SET_UP = """
import django; django.setup()
from django.core.management import call_command
for app in ("accounts", "compliance"):
    call_command("migrate", app, verbosity=0)
from tests.factories.accounts import AgencyFactory
from tests.factories.compliance import AssessmentFactory
AssessmentFactory.create(agency=AgencyFactory.create(slug="racers"))
"""


def run_race(database_url: str, var_dir: Path, batch: int) -> list[int]:
    """Let the racers loose together and return how many e-mails each was allowed."""
    done = subprocess.run(  # noqa: S603  # our own racers
        [sys.executable, "-m", "tests.compliance.race_worker", "racers", str(RACERS), str(batch)],
        cwd=ROOT,
        env=os.environ | _env(database_url, var_dir),
        stdout=subprocess.PIPE,
        text=True,
        timeout=300,
        check=True,
    )
    return [int(count) for count in done.stdout.splitlines()[-1].split()]


def _env(database_url: str, var_dir: Path) -> dict[str, str]:
    return {
        "DATABASE_URL": database_url,
        "VAR_DIR": str(var_dir),
        "DJANGO_SETTINGS_MODULE": "outreach_project.settings",
        "PYTHONPATH": str(ROOT),
    }


@pytest.mark.parametrize("batch", [1, 7])
def test_racing_processes_stop_at_the_cap_on_sqlite(tmp_path, batch):
    url = f"sqlite:///{tmp_path / 'race.sqlite3'}"
    subprocess.run(  # noqa: S603  # our own set-up
        [sys.executable, "-c", _SET_UP], cwd=ROOT, env=os.environ | _env(url, tmp_path), check=True
    )

    assert sum(run_race(url, tmp_path, batch)) == 100


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor != "postgresql", reason="DATABASE_URL names no PostgreSQL")
@pytest.mark.parametrize("batch", [1, 7])
@pytest.mark.django_db(transaction=True)
def test_racing_processes_stop_at_the_cap_on_postgresql(tmp_path, batch):
    AssessmentFactory.create(
        agency=Agency.objects.create(
            name="Racers", slug="racers", postal_address="1 Test Street", sender_name="Racers Ltd"
        )
    )
    db = connection.settings_dict
    login = f"{db['USER']}:{db['PASSWORD']}" if db["PASSWORD"] else db["USER"]
    url = f"postgres://{login}@{db['HOST'] or 'localhost'}:{db['PORT'] or 5432}/{db['NAME']}"

    assert sum(run_race(url, tmp_path, batch)) == 100
