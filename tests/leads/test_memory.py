"""How much memory an import takes, in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROWS = 100_000
LIMIT = 350
_CHILD = """
import json, sys
from pathlib import Path
from leads.importing.mapping import guess_mapping
from leads.importing.planning import Lookups, Wishes, plan_batch
from leads.importing.runs import read_batches
from leads.importing.tables import read_layout
path, wishes = Path(sys.argv[1]), Wishes()
layout = read_layout(path)
mapping = guess_mapping(layout.columns)
created = sum(
    len(plan_batch(batch.clean, Lookups(), wishes).created)
    for batch in read_batches(path, layout, mapping, wishes)
)
# The peak of this program alone: getrusage() would count what it was forked from.
status = Path("/proc/self/status").read_text()
peak = int(status.split("VmHWM:")[1].split()[0])
print(json.dumps({"created": created, "mebibytes": peak / 1024}))
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
def test_reading_a_hundred_thousand_rows_stays_in_bounds(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    with path.open("w") as file:
        file.write("Email,First name,Last name,Company,Website,Title,Phone,City,Country,DR,A,B\n")
        file.writelines(
            f"p{n}@site{n}.example,Ann,Lee{n},Co {n},https://site{n}.example/,Editor,"
            f"+1 555 {n:07d},Austin,US,{n % 100},outdoors,note {n}\n"
            for n in range(ROWS)
        )

    done = subprocess.run(  # noqa: S603  # our own script
        [sys.executable, "-c", _CHILD, str(path)],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "outreach_project.settings"},
    )
    told = json.loads(done.stdout)

    assert told["created"] == ROWS
    assert told["mebibytes"] <= LIMIT
