"""The fault table: every fault of a mail server, what should come of it, and what did.

`python -m benchmarks.faults` runs each against a real local server that misbehaves, prints
one row each, and returns how many differ. It uses DATABASE_URL when that is set, and a
database of its own that is thrown away otherwise; each row is rolled back.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django


def main(argv: list[str] | None = None) -> int:
    """Print the table; return 1 when any row differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", default="", help="rows whose name contains this")
    options = parser.parse_args(argv if argv is not None else sys.argv[1:])
    with _state():
        rows = _run(options.only)
    differ = sum(1 for row in rows if not row["holds"])
    if options.json:
        print(json.dumps({"rows": rows, "differ": differ}))
    else:
        _print(rows, differ)
    return int(bool(differ))


@contextmanager
def _state() -> Iterator[None]:
    """Set Django up, on a database that holds the tables."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outreach_project.settings")
    os.environ["SANDBOX"] = "0"
    os.environ.setdefault("LOG_LEVEL", "CRITICAL")
    with tempfile.TemporaryDirectory() as folder:
        if "DATABASE_URL" not in os.environ:
            os.environ["VAR_DIR"] = folder
        django.setup()
        from django.core.management import call_command  # noqa: PLC0415  # after set-up

        call_command("migrate", verbosity=0)
        yield


def _run(only: str) -> list[dict[str, Any]]:
    from tests.faults import FAULTS  # noqa: PLC0415  # after set-up
    from tests.faults.rows import run_fault  # noqa: PLC0415
    from tests.servers.tls import Certificates  # noqa: PLC0415

    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        certificates = Certificates(Path(folder))
        for side, faults in FAULTS.items():
            for fault in faults:
                if only not in fault.name:
                    continue
                began = time.monotonic()
                seen = run_fault(fault, certificates)
                rows.append(
                    {
                        "side": side,
                        "fault": fault.name,
                        "expected": fault.expected,
                        "seen": seen.outcome,
                        "holds": seen.holds,
                        "seconds": round(time.monotonic() - began, 2),
                    }
                )
    return rows


def _print(rows: list[dict[str, Any]], differ: int) -> None:
    for row in rows:
        mark = "ok    " if row["holds"] else "DIFFER"
        print(f"{mark} {row['side']}  {row['fault']:<58} {row['seen']}")
        if not row["holds"]:
            print(f"       expected {row['expected']}")
    seconds = sum(row["seconds"] for row in rows)
    print(f"{len(rows)} rows, {differ} differ ({seconds:.0f} s, load {os.getloadavg()[0]:.2f})")


if __name__ == "__main__":
    sys.exit(main())
