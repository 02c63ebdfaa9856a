"""The starter set: enough of everything, well formed, and never in a superadmin's way."""

from collections import Counter

import pytest
from django.core.management import call_command

from directory.enums import Category
from directory.importing.cells import COLUMNS, show
from directory.importing.planning import plan_rows
from directory.models import Directory
from directory.services.directories import seed_directories
from directory.starter import starter_directories
from foundation.addresses import registrable_domain

ROWS = starter_directories()


def test_starter_set_covers_every_category() -> None:
    found = Counter(row["category"] for row in ROWS)

    assert set(found) == set(Category.values)
    assert min(found.values()) >= 15


def test_starter_set_covers_industries_and_countries() -> None:
    countries = {code for row in ROWS for code in row["regions"]}

    assert len(ROWS) >= 150
    assert len({row["subcategory"] for row in ROWS}) >= 12
    assert countries >= {"GLOBAL", "US", "GB", "IN", "AU", "CA", "DE", "FR"}


def test_starter_set_passes_the_import() -> None:
    cells = [
        [row[c] if isinstance(row.get(c), str) else show(c, row.get(c)) for c in COLUMNS]
        for row in ({"is_active": True, "domain_rating": None, **row} for row in ROWS)
    ]

    plan = plan_rows(COLUMNS, cells, [])

    assert [(row.name, [str(p) for p in row.problems]) for row in plan.of("rejected")] == []


@pytest.mark.parametrize("row", ROWS, ids=[row["key"] for row in ROWS])
def test_starter_has_steps_of_its_own_and_no_invented_rating(row) -> None:
    titles = [step["title"] for step in row["steps"]]

    assert 3 <= len(titles) == len(set(titles)) <= 6
    assert all(step["description"] for step in row["steps"])
    assert row.get("domain_rating") is None
    assert registrable_domain(row["url"])


def test_steps_are_not_boilerplate() -> None:
    texts = Counter(
        tuple(step["title"] + step["description"] for step in row["steps"]) for row in ROWS
    )

    assert max(texts.values()) == 1


@pytest.mark.django_db
def test_seeding_twice_adds_once_and_keeps_edits(capsys) -> None:
    seed_directories()
    Directory.objects.filter(key="yelp").update(name="Yelp, ours", is_active=False)

    call_command("seed_directories")

    yelp = Directory.objects.get(key="yelp")
    assert capsys.readouterr().out.strip() == "0 directories added."
    assert (Directory.objects.count(), yelp.name, yelp.is_active) == (
        len(ROWS),
        "Yelp, ours",
        False,
    )
