"""The drain of `benchmarks.ingest`, in a process of its own: waits to be told, then times it."""

import sys
import time

import django

django.setup()

from mailer.services.draining import drain  # noqa: E402  # after set-up

print("ready", flush=True)
sys.stdin.readline()
started = time.monotonic()
report = drain(wait=True)
print(report.visits, time.monotonic() - started, flush=True)
