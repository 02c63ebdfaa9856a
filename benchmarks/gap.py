"""The competitor gap over millions of rows, beside DuckDB only parsing them, and pandas.

`python -m benchmarks.gap --rows 10500000 --rounds 5` makes five exports (two of Ahrefs in
UTF-16, three of Semrush) with columns and lengths as exported, then runs in rotation, each in
a process of its own: DuckDB reading every cell of the same files, our search, and (once,
unless asked otherwise) pandas doing the same work. Bars: at most 2.5 × DuckDB; at most 0.5 ×
pandas; at most 400 MB resident. Last, the search over a small sample is compared with a plain
loop over its rows.
"""

import argparse
import csv
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from directory.gap.engine import GapSearch
from directory.gap.exports import read_export
from foundation.addresses import registrable_domain

AHREFS = """
Referring page title|Referring page URL|Language|Platform|Referring page HTTP code|Domain rating|
UR|Domain traffic|Referring domains|Linked domains|External links|Page traffic|Keywords|
Target URL|Left context|Anchor|Right context|Type|Content|Nofollow|UGC|Sponsored|Rendered|Raw|
Lost status|Drop reason|First seen|Last seen|Lost|Author|Is spam|Page type
"""
SEMRUSH = """
Page ascore|Source title|Source url|Target url|Anchor|External links|Internal links|Nofollow|
Sponsored|Ugc|Text|Frame|Form|Image|Sitewide|First seen|Last seen|New link|Lost link
"""
FILES = (
    ("client", SEMRUSH, "client.example"),
    ("one", AHREFS, "rival-one.example"),
    ("two", SEMRUSH, "rival-two.example"),
    ("three", AHREFS, "rival-three.example"),
    ("four", SEMRUSH, "rival-four.example"),
)
_URL = (
    "'https://' || CASE WHEN r < 0.05 THEN 'blog.' WHEN h % 3 = 0 THEN 'www.' ELSE '' END"
    " || 'site' || h || CASE WHEN h % 5 = 0 THEN '.co.uk' WHEN h % 5 = 1 THEN '.de'"
    " ELSE '.com' END || '/2026/articles/how-to-' || i"
)
_TITLE = (
    "'How to do thing number ' || i || ' – a guide' || CASE WHEN i % 9 = 0 THEN ' 😀' ELSE '' END"
)
_CELLS = {
    "Referring page title": _TITLE,
    "Source title": _TITLE,
    "Referring page URL": _URL,
    "Source url": _URL,
    "Language": "'en'",
    "Referring page HTTP code": "200",
    "Domain rating": "(h * 7919) % 91",
    "Page ascore": "(h * 7919) % 91",
    "Anchor": "CASE WHEN r < 0.5 THEN 'best \"tools\", 2026' ELSE 'read more' END",
    "Left context": "'some words that stand before the link'",
    "Right context": "'and some that follow it'",
    "Type": "'Text'",
    "Nofollow": "r < 0.3",
    "Sponsored": "false",
    "UGC": "false",
    "Ugc": "false",
    "First seen": "'2025-03-01 10:00:00'",
    "Last seen": "'2026-10-01 10:00:00'",
    "New link": "false",
    "Lost link": "r < 0.02",
    "External links": "i % 80",
    "Internal links": "i % 200",
    "Text": "true",
    "Frame": "false",
}
BAR_TIME, BAR_PANDAS, BAR_MEMORY = 2.5, 0.5, 400


def make_exports(folder: Path, rows: int) -> None:
    """Write the five exports; `rows` in all."""
    import duckdb  # noqa: PLC0415  # the peer's process must not share it

    db = duckdb.connect()
    db.execute("SELECT setseed(0.42)")
    for number, (name, exporter, target) in enumerate(FILES):
        header = exporter.replace("\n", "").split("|")
        cells = dict(_CELLS)
        cells["Target URL"] = cells["Target url"] = f"'https://{target}/page/' || (i % 50)"
        columns = ", ".join(f'{cells.get(column, chr(39) * 2)} AS "{column}"' for column in header)
        wide = exporter is AHREFS
        place = folder / f"{name}.csv"
        db.execute(
            f"COPY (SELECT {columns} FROM (SELECT CAST(pow(random(), 3) * 120000 AS BIGINT)"  # noqa: S608  # our own words
            f" + {number * 20_000} AS h, range AS i, random() AS r FROM range({rows // 5})))"
            f" TO '{place}' (HEADER, DELIMITER '{chr(9) if wide else ','}')"
        )
        if wide:
            with place.open(encoding="utf-8", newline="") as text, _beside(place) as out:
                out.write(b"\xff\xfe")
                while chunk := text.read(1 << 20):
                    out.write(chunk.encode("utf-16-le"))
            place.with_suffix(".u16").replace(place)


def _beside(place: Path) -> Any:
    return place.with_suffix(".u16").open("wb")


# The three variants, each run in a process of its own ----------------------------------------


def run_ours(folder: Path) -> int:
    """Search the gap; return its domains."""
    with GapSearch(folder=folder) as search:
        for owner, (name, _, _) in enumerate(FILES):
            search.add(read_export(folder / f"{name}.csv"), owner)
        return sum(1 for _ in search.results([target for _, _, target in FILES]))


def run_duckdb(folder: Path) -> int:
    """Let DuckDB read every cell of every file; return the rows."""
    import duckdb  # noqa: PLC0415  # loaded where it is measured

    db = duckdb.connect()
    db.execute("SET threads = 2")
    total = 0
    for name, exporter, _ in FILES:
        wide = exporter is AHREFS
        place = folder / f"{name}.csv"
        delimiter, encoding = (chr(9), "utf-16") if wide else (",", "utf-8")
        # It knows UTF-16 only without letters beyond the basic plane; the files have none.
        source = (
            f"read_csv('{place}', delim = '{delimiter}', quote = '\"', escape = '\"',"
            f" encoding = '{encoding}', all_varchar = true, header = true)"
        )
        header = exporter.replace("\n", "").split("|")
        cells = ", ".join(f'count("{column}")' for column in header)
        row = db.execute(f"SELECT {cells} FROM {source}").fetchone()  # noqa: S608  # our own words
        total += row[0] if row else 0
    return total


def run_pandas(folder: Path) -> int:
    """Do the same with pandas, a file at a time; return the domains."""
    import pandas as pd  # noqa: PLC0415  # loaded where it is measured

    found = []
    for owner, (name, exporter, _) in enumerate(FILES):
        wide = exporter is AHREFS
        url, rating = (
            ("Referring page URL", "Domain rating") if wide else ("Source url", "Page ascore")
        )
        target = "Target URL" if wide else "Target url"
        frame = pd.read_csv(
            folder / f"{name}.csv",
            sep="\t" if wide else ",",
            encoding="utf-16" if wide else "utf-8",
            usecols=[url, rating, target, "Anchor", "Nofollow", *([] if wide else ["Lost link"])],
        )
        if not wide:
            frame = frame[~frame["Lost link"].astype(bool)]
        frame["host"] = frame[url].str.split("/", n=3).str[2].str.lower()
        grouped = (
            frame.sort_values(rating)
            .groupby("host")
            .agg(
                links=(url, "size"),
                follow=("Nofollow", lambda cells: (~cells.astype(bool)).sum()),
                rating=(rating, "max"),
                url=(url, "last"),
                target=(target, "last"),
                anchor=("Anchor", "last"),
            )
        )
        grouped["owner"] = owner
        found.append(grouped.reset_index())
    rows = pd.concat(found)
    told = {host: registrable_domain(host) for host in rows["host"].unique()}
    rows["domain"] = rows["host"].map(told)
    ours = set(rows.loc[rows["owner"] == 0, "domain"])
    return int(rows.loc[~rows["domain"].isin(ours), "domain"].nunique())


VARIANTS = {"ours": run_ours, "duckdb": run_duckdb, "pandas": run_pandas}


def _measure(variant: str, folder: Path) -> dict[str, float]:
    command = [
        sys.executable,
        "-m",
        "benchmarks.gap",
        "--variant",
        variant,
        "--folder",
        str(folder),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603  # ourselves
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _alone(variant: str, folder: Path) -> int:
    started = time.monotonic()
    result = VARIANTS[variant](folder)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    print(
        json.dumps(
            {
                "wall": time.monotonic() - started,
                "cpu": usage.ru_utime + usage.ru_stime,
                "rss": usage.ru_maxrss / 1024,
                "result": result,
            }
        )
    )
    return 0


# The check and the report ----------------------------------------------------------------------


def by_hand(folder: Path) -> dict[str, tuple[int, ...]]:
    """Return the gap of small exports by a plain loop: domain → links per owner."""
    links: dict[str, dict[int, int]] = {}
    for owner, (name, exporter, _) in enumerate(FILES):
        wide = exporter is AHREFS
        place = folder / f"{name}.csv"
        with place.open(encoding="utf-16" if wide else "utf-8", newline="") as text:
            for row in csv.DictReader(text, delimiter="\t" if wide else ","):
                if row.get("Lost link") == "true":
                    continue
                domain = registrable_domain(row["Referring page URL" if wide else "Source url"])
                counts = links.setdefault(domain, {})
                counts[owner] = counts.get(owner, 0) + 1
    return {
        domain: tuple(counts.get(owner, 0) for owner in range(len(FILES)))
        for domain, counts in links.items()
        if 0 not in counts
    }


def check(folder: Path) -> bool:
    """Return whether the search finds what the plain loop finds."""
    with GapSearch(folder=folder) as search:
        for owner, (name, _, _) in enumerate(FILES):
            search.add(read_export(folder / f"{name}.csv"), owner)
        found = {
            one.domain: tuple(
                sum(link.links for link in one.links if link.owner == owner)
                for owner in range(len(FILES))
            )
            for one in search.results([target for _, _, target in FILES])
        }
    return found == by_hand(folder)


def main(argv: list[str] | None = None) -> int:
    """Print the figures; return how many bars were missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_500_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pandas-rounds", type=int, default=1)
    parser.add_argument("--variant", choices=VARIANTS)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args(argv)
    if options.variant:
        return _alone(options.variant, options.folder)
    with tempfile.TemporaryDirectory(prefix="gap-bench-") as name:
        folder = Path(name)
        sample = folder / "sample"
        sample.mkdir()
        make_exports(sample, 100_000)
        equal = check(sample)
        make_exports(folder, options.rows)
        return _report(folder, options, equal=equal)


def _report(folder: Path, options: argparse.Namespace, *, equal: bool) -> int:
    rounds: dict[str, list[dict[str, float]]] = {name: [] for name in VARIANTS}
    for number in range(options.rounds):
        for variant in VARIANTS:
            if variant != "pandas" or number < options.pandas_rounds:
                rounds[variant].append(_measure(variant, folder))
    median = {
        name: {key: statistics.median(one[key] for one in done) for key in ("wall", "cpu", "rss")}
        for name, done in rounds.items()
        if done
    }
    for name, figures in median.items():
        print(
            f"{name:8} {figures['wall']:7.1f} s {figures['cpu']:6.1f} CPU {figures['rss']:5.0f} MB"
        )
    ratio = median["ours"]["wall"] / median["duckdb"]["wall"]
    bars = {
        f"time beside DuckDB parsing {ratio:.2f} (bar {BAR_TIME})": ratio <= BAR_TIME,
        f"resident {median['ours']['rss']:.0f} MB (bar {BAR_MEMORY})": median["ours"]["rss"]
        <= BAR_MEMORY,
        f"equal to a plain loop over a sample: {equal}": equal,
    }
    if "pandas" in median:
        ratio = median["ours"]["wall"] / median["pandas"]["wall"]
        bars[f"time beside pandas {ratio:.2f} (bar {BAR_PANDAS})"] = ratio <= BAR_PANDAS
    print(f"rows {options.rows:,}, rounds {options.rounds}, load {os.getloadavg()[0]:.2f}")
    for words, held in bars.items():
        print(f"{'held  ' if held else 'MISSED'} {words}")
    return sum(not held for held in bars.values())


if __name__ == "__main__":
    sys.exit(main())
