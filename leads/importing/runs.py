"""The rows of one file in batches, cleaned; shared by preview, dry run and import."""

import itertools
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from leads.importing.cleaning import Clean, Problem, RowCleaner
from leads.importing.delimited import Row
from leads.importing.planning import Wishes, complete_row
from leads.importing.tables import Layout, open_rows

BATCH = 1000


@dataclass
class Batch:
    """Some rows of a file, each either clean and completed, or rejected."""

    rows: int = 0
    clean: list[tuple[Clean, dict[str, Any]]] = field(default_factory=list)
    rejected: list[tuple[Row, list[Problem]]] = field(default_factory=list)


def read_batches(
    path: Path,
    layout: Layout,
    mapping: dict[str, str],
    wishes: Wishes,
    *,
    skip: int = 0,
    size: int = BATCH,
) -> Generator[Batch, None, None]:
    """Yield the file's rows in batches, leaving out the first `skip` of them."""
    cleaner = RowCleaner(layout.columns, mapping)
    with open_rows(path, layout) as rows:
        rest = itertools.islice(rows, skip, None)
        while chunk := list(itertools.islice(rest, size)):
            yield _batch(chunk, cleaner, wishes)


def _batch(chunk: list[Row], cleaner: RowCleaner, wishes: Wishes) -> Batch:
    batch = Batch(rows=len(chunk))
    for row in chunk:
        found = cleaner.clean(row)
        if isinstance(found, Clean):
            batch.clean.append((found, complete_row(found, wishes)))
        else:
            batch.rejected.append((row, found))
    return batch
