"""The verdicts on a site of every kind of page, one line a kind; fails on any that is wrong.

It works on a SQLite database of its own. A page counted as missing that holds the link is
the worst mistake and is counted apart.
"""

import os
import sys
import tempfile

import django
from django.conf import settings
from django.core.management import call_command


def main() -> int:
    """Print the table and the sums; return 1 when a verdict is wrong."""
    with tempfile.TemporaryDirectory() as state:
        os.environ |= {"VAR_DIR": state, "LOG_LEVEL": "ERROR"}
        os.environ.pop("DATABASE_URL", None)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outreach_project.settings")
        django.setup()
        call_command("migrate", verbosity=0)
        return _measure()


def _measure() -> int:
    from directory.pages.wishes import Wish  # noqa: PLC0415  # needs Django set up
    from directory.services.looking import Look, look_at  # noqa: PLC0415  # as above
    from tests.servers.link_pages import BLOG, KINDS, build, filled, path_of  # noqa: PLC0415  # as above
    from tests.servers.web import names_running, web_running  # noqa: PLC0415  # as above

    settings.CRAWLER_PRIVATE_NETWORKS, settings.CRAWLER_DELAY = ["127.0.0.0/8"], 0.0
    wrong = false_missing = 0
    with web_running() as site, names_running() as names:
        settings.DNS_SERVERS = [names.address]
        build(site)
        looks = [
            Look(
                number,
                site.url(path_of(kind), BLOG),
                Wish(filled(kind.target, site.port), kind.rel, kind.anchor),
            )
            for number, kind in enumerate(KINDS)
        ]
        found = {look.key: finding for look, finding in look_at(looks, patience=300)}
    for number, kind in enumerate(KINDS):
        finding = found[number]
        changes = tuple(change.what for change in finding.changes)
        right = finding.verdict == kind.verdict and changes == kind.changes
        wrong += not right
        false_missing += finding.verdict == "missing" != kind.verdict
        mark = " " if right else "!"
        print(
            f"{mark} {kind.name:42.42} {finding.verdict:13} {','.join(changes):12} {finding.reason}"
        )
    print(
        f"{len(KINDS)} kinds of page, {wrong} wrong, {false_missing} falsely missing"
        f" (load {os.getloadavg()[0]:.2f})"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
