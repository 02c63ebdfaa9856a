"""The directories every platform begins with; superadmins change them from there.

`directories.json` holds facts that are public on each site, steps in our own words, and no
domain rating: those change by the month and are somebody's figures.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("directories.json")


@cache
def starter_directories() -> list[dict[str, Any]]:
    """Return the starter set as values of columns."""
    rows: list[dict[str, Any]] = json.loads(_FILE.read_text(encoding="utf-8"))
    return rows
