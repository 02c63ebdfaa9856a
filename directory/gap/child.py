"""A process of its own that searches a gap, so that its memory and its faults stay there.

`python -m directory.gap.child` reads one JSON object from standard input,

    {"folder": …, "result": …, "own": [domains], "wishes": {…}, "memory": "350MB",
     "exports": [{"path": …, "owner": 0, "name": …}]}

prints one JSON line for each export read ({"export": index, "rows": …, …}) and a last one
({"domains": n} or {"error": sentence, "export": index}), and writes the domains to the file
`result`, one JSON object a line.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from directory.gap.engine import MEMORY, GapSearch, Wishes
from directory.gap.exports import UnreadableExportError, read_export


def main() -> int:
    """Search as standard input says; the exit status is 0 when it was done."""
    job = json.load(sys.stdin)
    try:
        domains = _search(job)
    except UnreadableExportError as error:
        _say(error=str(error))
        return 1
    _say(domains=domains)
    return 0


def _search(job: dict[str, Any]) -> int:
    wishes = Wishes(**job.get("wishes", {}))
    memory = job.get("memory") or MEMORY
    with GapSearch(folder=Path(job["folder"]), memory=memory) as search:
        for index, one in enumerate(job["exports"]):
            try:
                report = search.add(read_export(Path(one["path"])), one["owner"], wishes)
            except UnreadableExportError as error:
                name = one.get("name") or Path(one["path"]).name
                raise UnreadableExportError(f"“{name}”: {error}") from error
            _say(export=index, **asdict(report))
        count = 0
        with Path(job["result"]).open("w", encoding="utf-8") as out:
            for found in search.results(job["own"]):
                out.write(json.dumps(asdict(found), ensure_ascii=False) + "\n")
                count += 1
    return count


def _say(**facts: object) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
