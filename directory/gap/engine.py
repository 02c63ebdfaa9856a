"""Reads backlink exports with DuckDB and finds the domains that link to others only.

Every file is read once, in a stream; what stays in memory is one row a host and owner.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import threading
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from directory.gap.exports import Export, UnreadableExportError, write_text
from directory.gap.suffixes import tell_domains

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CLIENT = 0
THREADS = 2
# DuckDB's own share; the process has about 50 MB beside it.
MEMORY = "350MB"
_FETCH = 5_000
_PIPE = 1024**2
MAX_LINE = 1024**2


@dataclass(frozen=True)
class Wishes:
    """What counts as a link."""

    lost: bool = False
    spam: bool = False
    nofollow: bool = True


@dataclass
class FileReport:
    """What one export brought: rows read as links, left out by wish, and unreadable."""

    rows: int = 0
    left_out: int = 0
    unreadable: int = 0
    examples: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class GapLink:
    """What one domain has for one competitor: its links, and the strongest as an example."""

    owner: int
    links: int
    dofollow: int
    url: str
    target: str
    anchor: str
    first_seen: str
    last_seen: str


@dataclass(frozen=True)
class GapDomain:
    """One registrable domain that links to competitors and not to the client."""

    domain: str
    rating: int | None
    links: list[GapLink]


_SCHEMA = """
CREATE TABLE hosts (host VARCHAR, owner INTEGER, links BIGINT, dofollow BIGINT, rating INTEGER,
                    best STRUCT(url VARCHAR, target VARCHAR, anchor VARCHAR,
                                first VARCHAR, last VARCHAR))
"""
# What stands between the slashes; cleaned of user, port and a last dot once it is grouped.
_PLACE = (
    "CASE WHEN starts_with({url}, 'http') THEN split_part({url}, '/', 3)"
    " ELSE split_part(replace({url}, '//', ''), '/', 1) END"
)
_HOST = "rtrim(split_part(split_part(lower(place), '@', -1), ':', 1), '.')"
# Written out in the cases exports use: folding every cell would cost more than reading it.
_FALSE = "({cell} IS NULL OR {cell} IN ('', 'false', 'False', 'FALSE', '0', 'no', 'No'))"
_GROUPED = """
INSERT INTO hosts
SELECT {host}, ?::INTEGER, links, dofollow, greatest(0, least(100, rating)), best
FROM (SELECT {place} AS place, sum({links})::BIGINT AS links,
             sum(({dofollow})::INTEGER * {links})::BIGINT AS dofollow, max({rating}) AS rating,
             arg_max({{'url': {url}, 'target': {target}, 'anchor': {anchor},
                       'first': {first_seen}, 'last': {last_seen}}},
                     coalesce({rating}, -1)) AS best
      FROM {table} WHERE {kept} GROUP BY place)
WHERE place <> ''
"""
# Whom each domain links to, and which of its hosts has the best example: numbers only.
_LINKS = """
CREATE TABLE links AS
SELECT domain, owner, max(rating) AS rating, sum(links)::BIGINT AS links,
       sum(dofollow)::BIGINT AS dofollow, arg_max(hosts.rowid, coalesce(rating, -1)) AS example
FROM hosts JOIN domains USING (host)
WHERE domain <> '' AND domain NOT IN (SELECT own FROM own) GROUP BY domain, owner
"""
_RESULT = """
SELECT domain, links.rating, links.owner, links.links, links.dofollow, best
FROM links JOIN hosts ON hosts.rowid = links.example
WHERE domain NOT IN (SELECT domain FROM links WHERE owner = 0)
ORDER BY domain, links.owner
"""


class GapSearch:
    """One search over several exports; use as a context manager."""

    def __init__(self, *, folder: Path | None = None, memory: str = MEMORY) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="gap-", dir=folder))
        # On disk, so that what does not fit in memory need not.
        self.db = duckdb.connect(str(self.folder / "gap.duckdb"))
        self.db.execute(f"SET threads = {THREADS}")
        self.db.execute("SET memory_limit = ?", [memory])
        self.db.execute("SET temp_directory = ?", [str(self.folder / "spill")])
        self.db.execute("SET preserve_insertion_order = false")
        self.db.execute("SET autoinstall_known_extensions = false")
        self.db.execute(_SCHEMA)

    def __enter__(self) -> GapSearch:
        return self

    def __exit__(self, *_: object) -> None:
        self.db.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def add(self, export: Export, owner: int, wishes: Wishes | None = None) -> FileReport:
        """Read one export as the links of `owner` (0 is the client, from 1 competitors).

        Raises `UnreadableExportError` when nothing of it can be read.
        """
        wishes = wishes or Wishes()
        cells = {name: f"c{index}" for name, index in export.mapping.items()}
        report = FileReport()
        with self._table(export) as table:
            before = self._count("SELECT coalesce(sum(links), 0) FROM hosts")
            statement = _GROUPED.format(**_expressions(cells, wishes), table=table)
            try:
                self.db.execute(statement, [owner])
            except duckdb.Error as error:
                raise UnreadableExportError(
                    f"The file could not be read to its end: {str(error).splitlines()[0][:300]}"
                ) from error
        report.rows = self._count("SELECT coalesce(sum(links), 0) FROM hosts") - before
        self._add_rejects(report)
        return report

    def _add_rejects(self, report: FileReport) -> None:
        report.unreadable = self._count("SELECT count(DISTINCT line) FROM reject_errors")
        found = self.db.execute(
            "SELECT line, any_value(error_type) FROM reject_errors GROUP BY line"
            " ORDER BY line LIMIT 5"
        ).fetchall()
        report.examples = [
            f"Line {line:,}: {str(kind).replace('_', ' ').lower()}" for line, kind in found
        ]
        self.db.execute("DROP TABLE IF EXISTS reject_errors")
        self.db.execute("DROP TABLE IF EXISTS reject_scans")

    def _count(self, query: str) -> int:
        try:
            row = self.db.execute(query).fetchone()
        except duckdb.CatalogException:
            return 0
        return int(row[0]) if row else 0

    @contextlib.contextmanager
    def _table(self, export: Export) -> Iterator[str]:
        """Give an export as a table function; what is not UTF-8 comes through a pipe."""
        if export.direct:
            yield _reader(Path(export.path), export)
            return
        pipe = self.folder / "pipe.csv"
        os.mkfifo(pipe)
        feeder = _Feeder(export, pipe)
        feeder.start()
        try:
            yield _reader(pipe, export)
        finally:
            feeder.stop()
            pipe.unlink()
        if feeder.error is not None:
            raise UnreadableExportError(str(feeder.error)) from feeder.error

    def results(self, own: Sequence[str]) -> Iterator[GapDomain]:
        """Yield the gap in the order of the domains; call once, after the last file.

        Args:
            own: registrable domains that are no prospects: the client's and competitors'.
        """
        self.db.execute("CREATE TABLE own (own VARCHAR)")
        self.db.execute("INSERT INTO own SELECT unnest(?)", [[*own, ""]])
        tell_domains(self.db)
        self.db.execute(_LINKS)
        self.db.execute("DROP TABLE domains")
        for domain, rows in groupby(self._rows(), key=itemgetter(0)):
            found = list(rows)
            ratings = [rating for _, rating, *_ in found if rating is not None]
            links = [_link(*rest) for _, _, *rest in found]
            yield GapDomain(domain, max(ratings, default=None), links)

    def _rows(self) -> Iterator[tuple[Any, ...]]:
        cursor = self.db.execute(_RESULT)
        while rows := cursor.fetchmany(_FETCH):
            yield from rows


def _link(owner: int, links: int, dofollow: int, best: dict[str, str | None]) -> GapLink:
    return GapLink(
        owner=owner,
        links=links,
        dofollow=dofollow,
        url=(best["url"] or "")[:2000],
        target=(best["target"] or "")[:2000],
        anchor=(best["anchor"] or "")[:300],
        first_seen=(best["first"] or "")[:10],
        last_seen=(best["last"] or "")[:10],
    )


def _expressions(cells: dict[str, str], wishes: Wishes) -> dict[str, str]:
    """Return the SQL of each part, made of our own column numbers only."""
    url = cells.get("source_url") or cells["domain"]
    plain = {name: _FALSE.format(cell=cell) for name, cell in cells.items()}
    follows = [plain[name] for name in ("nofollow", "sponsored", "ugc") if name in cells]
    dofollow = " AND ".join(follows) or "true"
    kept = [f"{url} IS NOT NULL"]
    if not wishes.lost and "lost" in cells:
        kept.append(plain["lost"])
    if not wishes.spam and "spam" in cells:
        kept.append(plain["spam"])
    if not wishes.nofollow:
        kept.append(f"({dofollow})")
    rating, links = cells.get("rating"), cells.get("links")
    return {
        "host": _HOST,
        "place": _PLACE.format(url=url),
        "url": url,
        "target": cells.get("target_url", "''"),
        "anchor": cells.get("anchor", "''"),
        "rating": f"TRY_CAST({rating} AS INTEGER)" if rating else "NULL::INTEGER",
        "dofollow": dofollow,
        "links": f"greatest(1, coalesce(TRY_CAST({links} AS BIGINT), 1))" if links else "1",
        "first_seen": cells.get("first_seen", "''"),
        "last_seen": cells.get("last_seen", "''"),
        "kept": " AND ".join(kept),
    }


def _reader(path: Path, export: Export) -> str:
    columns = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(len(export.columns)))
    place = str(path).replace("'", "''")
    delimiter = export.delimiter.replace("'", "''")
    return (
        f"read_csv('{place}', columns = {{{columns}}}, auto_detect = false,"
        f" delim = '{delimiter}', quote = '\"', escape = '\"', header = true,"
        f" skip = {export.skip}, new_line = '\\n', strict_mode = false, null_padding = false,"
        f" max_line_size = {MAX_LINE}, ignore_errors = true, store_rejects = true)"
    )


class _Feeder(threading.Thread):
    """Writes an export's text into a pipe while DuckDB reads it."""

    def __init__(self, export: Export, pipe: Path) -> None:
        super().__init__(name="gap-feeder", daemon=True)
        self.export, self.pipe = export, pipe
        self.error: Exception | None = None

    def run(self) -> None:
        """Write until the end, or until nobody reads any more."""
        try:
            with self.pipe.open("wb", buffering=0) as out:
                fcntl.fcntl(out, fcntl.F_SETPIPE_SZ, _PIPE)
                write_text(self.export, Path(self.export.path), out)
        except BrokenPipeError:
            pass  # the reader said why
        except Exception as error:  # noqa: BLE001  # raised again by whoever waits for us
            self.error = error

    def stop(self) -> None:
        """Let a writer nobody listens to any more go, and wait for it."""
        while self.is_alive():
            with contextlib.suppress(OSError):
                os.close(os.open(self.pipe, os.O_RDONLY | os.O_NONBLOCK))
            self.join(0.05)
