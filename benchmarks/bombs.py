"""Spreadsheets made to exhaust memory or time: each refused or read, how fast, how large.

Every file is read in a process of its own; the bar is 10 s and 300 MB of resident memory,
of the reading process and of its limited child alike. `--share 0.1` makes smaller ones.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

SECONDS, MEGABYTES = 10, 300
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = (
    f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels"'
    ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
_HEAD, _TAIL = f'<worksheet xmlns="{_MAIN}"><sheetData>', "</sheetData></worksheet>"
_READER = """
import json, resource, sys, time
from pathlib import Path
from leads.importing.limits import MAX_ROWS, UnreadableFileError
from leads.importing.tables import open_rows, read_layout
path, started = Path(sys.argv[1]), time.perf_counter()
try:
    layout = read_layout(path)
    with open_rows(path, layout) as rows:
        outcome = f"{sum(1 for _, _ in zip(range(MAX_ROWS), rows)):,} rows"
except UnreadableFileError as error:
    outcome = f"refused: {error}"
status = Path("/proc/self/status").read_text()
print(json.dumps({
    "seconds": time.perf_counter() - started,
    "own": int(status.split("VmHWM:")[1].split()[0]) / 1024,
    "child": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
    "outcome": outcome,
}))
"""


def main(arguments: list[str] | None = None) -> int:
    """Print one line a bomb; return how many broke a bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="size, as a share of the whole")
    share = parser.parse_args(arguments).share
    print(f"bombs at {share:.0%} of their size, load {os.getloadavg()[0]:.2f}")
    broken = 0
    for name, make in BOMBS.items():
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            make(path, share)
            size = path.stat().st_size
            found = read(path)
        good = found["seconds"] <= SECONDS and max(found["own"], found["child"]) <= MEGABYTES
        broken += not good
        print(
            f"{'ok ' if good else 'BAD'} {name:22} {size:>11,} B  {found['seconds']:5.1f} s"
            f"  {found['own']:4.0f} MB, child {found['child']:4.0f} MB  {found['outcome'][:70]}"
        )
    return broken


def read(path: Path) -> dict[str, Any]:
    """Read a file as an import does, in a process of its own."""
    done = subprocess.run(  # noqa: S603  # our own script
        [sys.executable, "-c", _READER, str(path)],
        check=False, capture_output=True, text=True, timeout=120,
        cwd=Path(__file__).parents[1],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "outreach_project.settings"},
    )  # fmt: skip
    if done.returncode:
        return {"seconds": 999.0, "own": 0.0, "child": 0.0, "outcome": done.stderr[-200:]}
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def book(path: Path, sheet: Iterable[str], *, strings: Iterable[str] = (), names: int = 1) -> None:
    """Write a workbook from the text of its parts."""
    sheets = "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="rId1"/>' for n in range(1, names + 1))
    kinds = ("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml")
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(kinds, 1)
    )
    relations = f'<Relationships xmlns="{_PACKAGE}/relationships">'
    root = f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    parts: dict[str, Iterable[str]] = {
        "[Content_Types].xml": [_TYPES],
        "_rels/.rels": [relations, root, "</Relationships>"],
        "xl/workbook.xml": [
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>',
            sheets,
            "</sheets></workbook>",
        ],
        "xl/_rels/workbook.xml.rels": [relations, links, "</Relationships>"],
        "xl/sharedStrings.xml": [f'<sst xmlns="{_MAIN}">', *strings, "</sst>"],
        "xl/worksheets/sheet1.xml": sheet,
    }  # fmt: skip
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            with archive.open(name, "w", force_zip64=True) as file:
                for piece in text:
                    file.write(piece.encode())


def _rows(rows: Iterable[str]) -> Iterator[str]:
    yield _HEAD
    yield from rows
    yield _TAIL


def _text(text: str, cell: str = "A1") -> str:
    return f'<c r="{cell}" t="inlineStr"><is><t>{text}</t></is></c>'


def laughs(path: Path, share: float) -> None:
    """Entities that unfold ten times at each of many levels."""
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    kind = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">{levels}]>'
    book(path, [kind, _HEAD, f'<row r="1">{_text("&l9;")}</row>', _TAIL])


def zip_bomb(path: Path, share: float) -> None:
    """Three gigabytes of the same letter."""
    cell = f"<row>{_text('A' * 1_000_000)}</row>"
    book(path, _rows(cell for _ in range(int(3000 * share))))


def thin_bomb(path: Path, share: float) -> None:
    """As large inside as is let through, and no more packed than is let through."""
    noise = random.Random(1)  # noqa: S311  # no secret
    row = "".join(_text("x" * 1200) for _ in range(10))
    packed = (
        f"<row>{row}{_text(noise.randbytes(40).hex())}</row>" for _ in range(int(26e3 * share))
    )
    book(path, _rows(packed))


def many_sheets(path: Path, share: float) -> None:
    """A million sheets."""
    book(path, _rows(['<row r="1"><c r="A1"><v>1</v></c></row>']), names=int(1e6 * share))


def long_strings(path: Path, share: float) -> None:
    """One long shared string, in four million cells."""
    cells = '<c t="s"><v>0</v></c>' * 200
    row = f"<row>{cells}</row>"
    rows = _rows(row for _ in range(int(20_000 * share)))
    book(path, rows, strings=[f"<si><t>{'B' * 1_000_000}</t></si>"])


def many_strings(path: Path, share: float) -> None:
    """Twenty million shared strings."""
    strings = ("<si><t>b</t></si>" * 100_000 for _ in range(int(200 * share)))
    book(path, _rows(['<row r="1"><c r="A1" t="s"><v>0</v></c></row>']), strings=strings)


def sparse(path: Path, share: float) -> None:
    """Two cells, at opposite corners of the largest sheet there is."""
    corner = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    book(path, _rows(['<row r="1"><c r="A1"><v>1</v></c></row>', corner]))


def wide(path: Path, share: float) -> None:
    """Two cells a row, 16,384 columns apart."""
    ends = '<row r="{0}"><c r="A{0}"><v>1</v></c><c r="XFD{0}"><v>1</v></c></row>'
    book(path, _rows(ends.format(n) for n in range(1, 500)))


def long_line(path: Path, share: float) -> None:
    """One line of 100 MB."""
    path.write_bytes(b"Email,Name\n" + b"a" * int(1e8 * share))


def open_quote(path: Path, share: float) -> None:
    """A quotation mark that never closes, then lines without end."""
    path.write_bytes(b'Email,Name\n"' + b"a\n" * int(5e7 * share))


def nuls(path: Path, share: float) -> None:
    """NULs among the cells, and then nothing else."""
    path.write_bytes(b"Email,Name\n" + b"a@x.example,\0\0Ann\n" * 100 + b"\0" * int(1e7 * share))


def commas(path: Path, share: float) -> None:
    """A hundred million empty cells."""
    path.write_bytes(b"," * int(1e8 * share))


BOMBS: dict[str, Callable[[Path, float], None]] = {
    "laughs.xlsx": laughs,
    "zip-bomb.xlsx": zip_bomb,
    "thin-bomb.xlsx": thin_bomb,
    "million-sheets.xlsx": many_sheets,
    "long-strings.xlsx": long_strings,
    "many-strings.xlsx": many_strings,
    "sparse.xlsx": sparse,
    "wide.xlsx": wide,
    "long-line.csv": long_line,
    "open-quote.csv": open_quote,
    "nuls.csv": nuls,
    "commas.csv": commas,
}  # fmt: skip

if __name__ == "__main__":
    sys.exit(main())
