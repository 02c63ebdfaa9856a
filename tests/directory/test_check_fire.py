"""Links checked by two workers that are killed midway: the benchmark, in small."""

import json
import os
import subprocess
import sys

import pytest


@pytest.mark.slow
def test_each_link_is_checked_once_though_workers_die():
    command = [
        sys.executable, "-m", "benchmarks.link_checks", "--links", "120", "--hosts", "12",
        "--delay", "0.1", "--lease", "12",
    ]  # fmt: skip
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    done = subprocess.run(  # noqa: S603  # our own command
        command, env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert (told["never checked"], told["checked twice"], told["wrong verdicts"]) == (0, 0, 0)
    assert told["shortest rest of a host"] >= 0.1
