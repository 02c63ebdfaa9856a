"""The signing benchmark runs, and ours is far from the library it replaces."""

import os
import subprocess
import sys


def test_signing_beats_the_library_by_far():
    size = {"ROUNDS": "3", "MAILS": "5"}

    done = subprocess.run(  # our own module
        [sys.executable, "-m", "benchmarks.dkim"],
        env=os.environ | size, capture_output=True, text=True, check=False,
    )  # fmt: skip

    # A ratio of CPU times in one process, eighteen where five are asked.
    assert done.returncode == 0, done.stdout + done.stderr
