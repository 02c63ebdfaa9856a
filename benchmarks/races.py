"""Caps and refusals against senders, many processes at once, on PostgreSQL.

`python -m benchmarks.races` runs SEEDS rounds of two races with PROCESSES processes each, on
a PostgreSQL cluster of its own that keeps commit times (`--here`: on DATABASE_URL).

Caps: all five race over two midnights, one of them that of a change of clocks, in the zone of
the seed. Bars: exceeded 0; shortfall (what one more look still finds room for) ≤ 1 %;
counters off by 0.

Stops: every door by which a refusal or a pause comes, against senders and composers. The
database keeps, by a trigger at commit, which transaction handed over and which stops it could
see, and each door its own transaction; commit times are PostgreSQL's own. Bar: hand-overs
committed after a stop 0.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile

from benchmarks._private import migrated, missing, private_cluster


def main(argv: list[str] | None = None) -> int:
    """Start a cluster, race in a process set up for it, and pass its verdict on."""
    options = _options(argv)
    if options.here:
        return _race(options)
    lacking = [name for name in missing() if "PostgreSQL" in name]
    if lacking:
        print(f"Not installed here: {', '.join(lacking)}.")
        return 1
    with private_cluster() as cluster, tempfile.TemporaryDirectory() as state:
        environment = {**os.environ, "DATABASE_URL": cluster.url, "VAR_DIR": state}
        migrated(environment)
        again = [*(sys.argv[1:] if argv is None else argv), "--here"]
        command = [sys.executable, "-m", "benchmarks.races", *again]
        return subprocess.run(command, env=environment, check=False).returncode  # noqa: S603  # ourselves


def _options(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--processes", type=int, default=16)
    parser.add_argument("--people", type=int, default=60, help="in each round of stops")
    parser.add_argument("--only", choices=["caps", "stops"])
    parser.add_argument("--here", action="store_true", help="on DATABASE_URL")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(argv)


def _race(options: argparse.Namespace) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outreach_project.settings")
    import django  # noqa: PLC0415  # needs the settings' environment

    django.setup()
    from benchmarks._race_caps import race_caps  # noqa: PLC0415  # after set-up
    from benchmarks._race_stops import race_stops  # noqa: PLC0415

    figures: dict[str, object] = {"seeds": options.seeds, "processes": options.processes}
    missed: list[str] = []
    for name, race in (("caps", race_caps), ("stops", race_stops)):
        if options.only in {None, name}:
            found, lost = race(options)
            figures[name] = found
            missed += [f"{name}: {one}" for one in lost]
    figures |= {"load": round(os.getloadavg()[0], 1), "missed": missed}
    print(json.dumps(figures, indent=None if options.json else 2, default=str))
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
