"""The drain of `benchmarks.ingest`, in a process of its own: waits to be told, then times it."""

import os
import sys
import time

import django

django.setup()

from mailer import spool  # noqa: E402  # after set-up
from mailer.services.draining import DrainReport, drain_file  # noqa: E402  # after set-up

backlog = [path for path in spool.files() if f"-{os.getppid()}-" in path.name]
print("ready", flush=True)
sys.stdin.readline()
started = time.monotonic()
report = DrainReport()
with spool.reader(wait=True):
    for path in backlog:
        drain_file(path, report)
print(report.visits, time.monotonic() - started, flush=True)
