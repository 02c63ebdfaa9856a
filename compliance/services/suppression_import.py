"""Suppressing a whole list from a file."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction

from accounts.models import Agency, User
from compliance.list_files import Entry, Rejected
from compliance.services.suppression import suppress

# Lines named on the result page; the count names them all.
REJECTED_SHOWN = 500


@dataclass
class ImportReport:
    """What an import did, line by line where it failed."""

    added: int = 0
    known: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    rejected_count: int = 0


def import_suppressions(
    *, agency: Agency, lines: Iterable[Entry | Rejected], source: str, actor: User | None
) -> ImportReport:
    """Suppress every readable line, all in one transaction, and report the rest.

    Importing the same list again adds nothing. Raises what reading `lines` raises, and
    then has suppressed nothing.
    """
    report = ImportReport()
    found: dict[tuple[str, str], set[str]] = {}
    for line in lines:
        if isinstance(line, Rejected):
            report.rejected_count += 1
            if len(report.rejected) < REJECTED_SHOWN:
                report.rejected.append(line)
        else:
            found.setdefault((line.kind, line.reason), set()).add(line.value)
    total = len({(kind, value) for (kind, _), values in found.items() for value in values})
    with transaction.atomic():
        for (kind, reason), values in found.items():
            report.added += suppress(
                agency=agency, kind=kind, values=values, reason=reason, source=source, actor=actor
            )
    report.known = total - report.added
    return report
