"""Directories: 5,000 rows of CSV with 50 bad ones in, out, and in again.

Runs in one transaction that is rolled back, on the database of the environment.
`python -m benchmarks.directories [GOOD] [BAD]`; exit code 1 when a figure is wrong.
"""

import argparse
import csv
import io
import os
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outreach_project.settings")
django.setup()

from django.core.management import call_command  # noqa: E402  # needs settings
from django.db import connection, transaction  # noqa: E402

from directory.importing.cells import COLUMNS  # noqa: E402
from directory.models import Directory  # noqa: E402
from directory.selectors.directories import exported_rows  # noqa: E402
from directory.services.directories import apply_plan, plan_import  # noqa: E402
from tests.directory.files import table  # noqa: E402


def main() -> int:
    """Print the figures; return 1 when rows were lost, taken wrongly, or came back changed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("good", type=int, nargs="?", default=4950)
    parser.add_argument("bad", type=int, nargs="?", default=50)
    wanted = parser.parse_args()
    call_command("migrate", verbosity=0)
    with transaction.atomic():
        right = measure(wanted.good, wanted.bad)
        transaction.set_rollback(True)
    return 0 if right else 1


def measure(good: int, bad: int) -> bool:
    """Import, export and import again; return whether every figure is right."""
    Directory.objects.all().delete()
    text, wrong = table(good=good, bad=bad)
    load = os.getloadavg()[0]
    rows = list(csv.reader(io.StringIO(text)))

    started = time.perf_counter()
    plan = plan_import(rows[0], rows[1:])
    planned = time.perf_counter()
    apply_plan(plan)
    stored = time.perf_counter()
    exported = exported_rows()
    written = time.perf_counter()
    again = plan_import(COLUMNS, exported)
    ended = time.perf_counter()

    named = {row.number: row.problems[0].column for row in plan.of("rejected")}
    rejected, taken = len(plan.of("rejected")), Directory.objects.count()
    print(
        f"{connection.vendor}, load {load:.2f}: {good + bad:,} rows, {rejected} rejected and named"
        f" ({'right' if named == wrong else 'WRONG'} columns), {taken:,} stored"
    )
    print(
        f"checked in {planned - started:.2f} s, stored in {stored - planned:.2f} s,"
        f" exported in {written - stored:.2f} s, compared again in {ended - written:.2f} s:"
        f" {again.counts}"
    )
    unchanged = {"new": 0, "changed": 0, "unchanged": good, "rejected": 0}
    return named == wrong and rejected == bad and taken == good and again.counts == unchanged


if __name__ == "__main__":
    sys.exit(main())
