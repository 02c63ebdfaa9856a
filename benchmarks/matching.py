"""Matching 500 clients with 5,000 directories against bulk_create of its own result (bar 16).

Runs in one transaction that is rolled back, on the database of the environment.
`python -m benchmarks.matching [CLIENTS] [DIRECTORIES] [--rounds 5]`; exit code 1 when the
median ratio is over 5, a second search finds anything, or a dismissed one comes back.
"""

import argparse
import os
import random
import statistics
import sys
import time
from collections.abc import Sequence

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outreach_project.settings")
if __name__ == "__main__":
    # Only when run: a test that imports this keeps its own settings, and its children theirs.
    os.environ.setdefault("DEBUG", "0")
    os.environ.setdefault("SECRET_KEY", "benchmark-only-" * 5)
    os.environ.setdefault("SALT_KEY", "benchmark-only")
django.setup()

from django.core.management import call_command  # noqa: E402  # needs settings
from django.db import connection, transaction  # noqa: E402

from accounts.models import Agency, Client  # noqa: E402
from directory.enums import BacklinkStatus, Category, Difficulty  # noqa: E402
from directory.models import Backlink, Directory, DirectoryStep  # noqa: E402
from directory.services.matching import ROW_BATCH, Outcome, find_opportunities  # noqa: E402

BAR = 5.0
_TOPICS = (
    "General", "Healthcare", "Legal", "IT & SaaS", "Travel & hospitality", "Real estate",
    "Home services", "Finance", "Education", "E-commerce", "Automotive", "Food & restaurants",
)  # fmt: skip
_COUNTRIES = ("US", "GB", "IN", "AU", "CA", "DE", "FR", "ES", "IT", "NL")


def main() -> int:
    """Print the figures; return 1 when one misses its bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clients", type=int, nargs="?", default=500)
    parser.add_argument("directories", type=int, nargs="?", default=5000)
    parser.add_argument("--rounds", type=int, default=5)
    wanted = parser.parse_args()
    call_command("migrate", verbosity=0)
    with transaction.atomic():
        right = measure(wanted.clients, wanted.directories, wanted.rounds)
        transaction.set_rollback(True)
    return 0 if right else 1


def measure(clients: int, directories: int, rounds: int, bar: float = BAR) -> bool:
    """Match and store in rotation; return whether every bar holds."""
    agency, ours = build(clients, directories)
    ratios = []
    for number in range(rounds):
        Backlink.objects.for_agency(agency).delete()
        load = os.getloadavg()[0]
        started = time.perf_counter()
        outcome = search(agency, ours)
        matched = time.perf_counter() - started
        stored = _stored_alone(agency)
        ratios.append(matched / stored)
        print(
            f"{connection.vendor} round {number + 1}, load {load:.2f}: {clients} × {directories:,}"
            f" in {matched:.2f} s, {outcome.created:,} opportunities; bulk_create of them"
            f" {stored:.2f} s; ratio {ratios[-1]:.2f}",
            flush=True,
        )
    again, dismissed = _again(agency, ours)
    median = statistics.median(ratios)
    print(
        f"median ratio {median:.2f} (bar {BAR}); searched again: {again} changes; back: {dismissed}"
    )
    return median <= bar and again == 0 and dismissed == 0


def build(clients: int, directories: int) -> tuple[Agency, list[Client]]:
    """Make an agency's clients and the directories; always the same ones."""
    dice = random.Random(16)  # noqa: S311  # the same every time, not a secret
    Directory.objects.all().delete()
    made = Directory.objects.bulk_create(
        (_directory(number, dice) for number in range(directories)), batch_size=500
    )
    DirectoryStep.objects.bulk_create(
        (
            DirectoryStep(
                directory=directory,
                order=order,
                title=f"Step {order}",
                description="Fill in name, address and phone exactly as on the website.",
            )
            for directory in made
            for order in range(1, 5)
        ),
        batch_size=2000,
    )
    agency = Agency.objects.create(name="Benchmark", slug="benchmark-of-matching")
    return agency, Client.objects.bulk_create(
        Client(
            agency=agency,
            name=f"Client {number}",
            domain=f"client{number}.example",
            industry=dice.choice(_TOPICS[1:]),
            regions=dice.sample(_COUNTRIES, 2),
        )
        for number in range(clients)
    )


def _directory(number: int, dice: random.Random) -> Directory:
    paid = dice.random() < 0.3
    return Directory(
        key=f"benchmark-{number}",
        name=f"Directory {number}",
        url=f"https://directory{number}.example/add",
        domain=f"directory{number}.example",
        category=dice.choice(Category.values),
        subcategory=dice.choice(_TOPICS),
        domain_rating=dice.choice([None, *range(1, 100)]),
        link_type=dice.choice(["dofollow", "nofollow"]),
        is_free=not paid,
        is_paid=paid,
        paid_price=dice.randrange(10, 500) if paid else None,
        regions=dice.choice([["GLOBAL"], dice.sample(_COUNTRIES, 3)]),
        languages=dice.choice([[], [], ["en"], ["de"]]),
        difficulty=dice.choice(Difficulty.values),
    )


def search(agency: Agency, clients: Sequence[Client]) -> Outcome:
    """Search for every client."""
    total = Outcome()
    for outcome in find_opportunities(agency.pk, clients):
        total.add(outcome)
    return total


def _stored_alone(agency: Agency) -> float:
    """Store the very rows again and nothing else; return the seconds."""
    rows = list(Backlink.objects.for_agency(agency).order_by("pk"))
    Backlink.objects.for_agency(agency).delete()
    for row in rows:
        row.pk = None
    started = time.perf_counter()
    Backlink.objects.bulk_create(rows, batch_size=ROW_BATCH)
    return time.perf_counter() - started


def _again(agency: Agency, clients: Sequence[Client]) -> tuple[int, int]:
    """Dismiss every tenth, search twice; return what was found and how many came back."""
    ours = Backlink.objects.for_agency(agency)
    keys = list(ours.order_by("pk").values_list("pk", flat=True))[::10]
    for start in range(0, len(keys), 5000):
        ours.filter(pk__in=keys[start : start + 5000]).update(
            status=BacklinkStatus.NOT_APPLICABLE, is_touched=True
        )
    again = search(agency, clients)
    again.add(search(agency, clients))
    found = again.created + again.updated + again.withdrawn
    dismissed = ours.filter(status=BacklinkStatus.NOT_APPLICABLE).count()
    return found, len(keys) - dismissed


if __name__ == "__main__":
    sys.exit(main())
