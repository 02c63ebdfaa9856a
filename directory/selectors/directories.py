"""Directories as values, for imports, exports and matching."""

from collections import defaultdict

from directory.importing.cells import COLUMNS, guarded, show
from directory.importing.planning import Known
from directory.models import Directory, DirectoryStep

_STORED = tuple(column for column in COLUMNS if column != "steps")


def steps_by_directory() -> dict[int, list[dict[str, str]]]:
    """Return every directory's steps in order, in one query."""
    steps: dict[int, list[dict[str, str]]] = defaultdict(list)
    rows = DirectoryStep.objects.order_by("directory_id", "order", "pk")
    for directory_id, title, description, url in rows.values_list(
        "directory_id", "title", "description", "url"
    ):
        steps[directory_id].append({"title": title, "description": description, "url": url})
    return steps


def known_directories() -> list[Known]:
    """Return every directory with the values of its columns, in two queries."""
    steps = steps_by_directory()
    rows = Directory.objects.order_by("pk").values("pk", *_STORED)
    return [
        Known(pk, {**row, "steps": steps.get(pk, [])})
        for row in rows.iterator(chunk_size=2000)
        for pk in [row.pop("pk")]
    ]


def exported_rows() -> list[list[str]]:
    """Return every directory as the cells of a row, safe in any spreadsheet program."""
    return [
        [guarded(show(column, row.values[column])) for column in COLUMNS]
        for row in known_directories()
    ]
