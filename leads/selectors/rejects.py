"""The rows an import could not take, as a file that can be corrected and imported again."""

from collections.abc import Iterator, Sequence

from leads.importing.mapping import REJECT_COLUMNS, reject_columns
from leads.models import LeadImport


def rejects_header(lead_import: LeadImport) -> list[str]:
    """Return the file's own columns, then line, column, value and reason."""
    return [*_own_columns(lead_import), *REJECT_COLUMNS]


def reject_rows(lead_import: LeadImport) -> Iterator[Sequence[object]]:
    """Yield each rejected row: its cells, then where and why."""
    width = len(_own_columns(lead_import))
    for reject in lead_import.rejects.order_by("pk").iterator(chunk_size=2000):
        cells = [*reject.cells[:width], *([""] * (width - len(reject.cells)))]
        problems = reject.problems
        yield [
            *cells,
            reject.line,
            "; ".join(problem["column"] for problem in problems),
            "; ".join(problem["value"] for problem in problems),
            "; ".join(problem["reason"] for problem in problems),
        ]


def _own_columns(lead_import: LeadImport) -> list[str]:
    added = len(reject_columns(lead_import.columns))
    return list(lead_import.columns[: len(lead_import.columns) - added])
