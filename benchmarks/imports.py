"""Import of 100,000 leads × 12 columns, CSV and XLSX: rows a second and peak memory.

Each import is a process of its own on a fresh SQLite database, so its peak resident memory
is the operating system's figure; the bar is 350 MiB. `ROWS`, `ROUNDS` change the size.
"""

import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import xlsxwriter

ROWS = int(os.environ.get("ROWS", "100000"))
ROUNDS = int(os.environ.get("ROUNDS", "5"))
HEADER = (
    "Email", "First Name", "Last Name", "Company", "Website", "Title",
    "Phone", "City", "Country", "Domain rating", "Topic", "Notes",
)  # fmt: skip
_CHILD = """
import json, resource, subprocess, sys
done = subprocess.run(sys.argv[1:], capture_output=True, text=True, check=False)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps({"code": done.returncode, "out": done.stdout, "err": done.stderr, "kib": peak}))
"""


def main() -> None:
    """Print one line a file kind and round, then the medians."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        files = {"csv": home / "leads.csv", "xlsx": home / "leads.xlsx"}
        _write_csv(files["csv"])
        _write_xlsx(files["xlsx"])
        figures: dict[str, list[tuple[float, float]]] = {kind: [] for kind in files}
        for number in range(ROUNDS):
            for kind, path in files.items():
                seconds, mebibytes = _imported(path, home / f"{kind}{number}")
                figures[kind].append((seconds, mebibytes))
        for kind, rounds in figures.items():
            seconds = statistics.median(s for s, _ in rounds)
            peak = max(m for _, m in rounds)
            print(
                f"{kind}: {ROWS:,} rows in {seconds:.1f} s (median of {len(rounds)}),"
                f" {ROWS / seconds:,.0f} rows/s, peak RSS {peak:.0f} MiB (bar 350)"
            )


def _rows() -> Iterator[tuple[object, ...]]:
    for n in range(ROWS):
        yield (
            f"person{n}@site{n}.example", f"First{n % 997}", f"Last{n % 1009}",
            f"Company {n}", f"https://www.site{n}.example/", "Editor", f"+1 555 {n:07d}",
            "Austin", "United States", n % 100, "outdoors", f"Met at fair {n % 7}",
        )  # fmt: skip


def _write_csv(path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(_rows())


def _write_xlsx(path: Path) -> None:
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEADER)
    for number, row in enumerate(_rows(), start=1):
        sheet.write_row(number, 0, row)
    book.close()


def _imported(path: Path, state: Path) -> tuple[float, float]:
    """Import into a fresh SQLite database; return seconds and MiB of the importing process."""
    environment = {**os.environ, "VAR_DIR": str(state), "LOG_LEVEL": "ERROR"}
    environment.pop("DATABASE_URL", None)
    manage = [sys.executable, "manage.py"]
    seed = "from outreach_project.demo.starter import ensure_starter; ensure_starter()"
    subprocess.run([*manage, "migrate", "-v0"], env=environment, check=True)  # noqa: S603  # our own command
    subprocess.run([*manage, "shell", "-v0", "-c", seed], env=environment, check=True)  # noqa: S603  # our own command
    command = [*manage, "import_leads", str(path), "--agency", "fieldstone", "--json"]
    started = time.perf_counter()
    child = subprocess.run(  # noqa: S603  # our own command
        [sys.executable, "-c", _CHILD, *command],
        env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    seconds = time.perf_counter() - started
    told = json.loads(child.stdout)
    if told["code"]:
        raise RuntimeError(told["err"])
    created = json.loads(told["out"])["created"]
    if created != ROWS:
        msg = f"{path.name}: {created} of {ROWS} rows were created"
        raise RuntimeError(msg)
    return seconds, told["kib"] / 1024


if __name__ == "__main__":
    main()
