"""Tables of directories, good and bad, as many as asked for."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from directory.importing.cells import COLUMNS

STEPS = (
    '[{"title": "Make an account", "description": "With a work address; confirm it."},'
    ' {"title": "Send the form", "url": "https://add.example/form"}]'
)
# One way each a row can be wrong, and the column that must be named.
WRONG = (
    ("name", ""),
    ("url", ""),
    ("url", "javascript:alert(1)"),
    ("url", "directory without a scheme"),
    ("category", "bizdir"),
    ("domain_rating", "101"),
    ("domain_rating", "high"),
    ("link_type", "maybe"),
    ("is_free", "perhaps"),
    ("paid_price", "-5"),
    ("regions", "Atlantis"),
    ("languages", "klingonese"),
    ("difficulty", "impossible"),
    ("estimated_minutes", "0"),
    ("steps", '[{"title": "Cut off'),
    ("steps", '[{"description": "No title"}]'),
    ("key", "Not A Key!"),
)


def good_row(number: int) -> dict[str, str]:
    countries = ("GLOBAL", "US; GB", "DE; AT; CH", "IN")
    return {
        "key": f"listing-{number}",
        "name": f"Listing {number}, “the best”",
        "url": f"https://listing{number}.example/add?a=1&b={number}",
        "category": ("business_directory", "review_platform", "forum")[number % 3],
        "subcategory": ("General", "Healthcare", "Legal")[number % 3],
        "domain_rating": str(number % 101) if number % 4 else "",
        "link_type": ("nofollow", "dofollow")[number % 2],
        "is_free": ("yes", "no")[number % 5 == 0],
        "is_paid": ("no", "yes")[number % 5 == 0],
        "paid_price": str(number) if number % 5 == 0 else "",
        "regions": countries[number % 4],
        "languages": ("", "en", "en; de")[number % 3],
        "industries": ("", "Dentists; Clinics")[number % 2],
        "difficulty": ("easy", "medium", "hard")[number % 3],
        "estimated_minutes": str(1 + number % 60),
        "is_active": ("yes", "no")[number % 7 == 0],
        "steps": STEPS if number % 2 else "",
    }


def bad_row(number: int) -> tuple[dict[str, str], str]:
    """A row with one wrong cell, and the column it is in."""
    column, cell = WRONG[number % len(WRONG)]
    return {**good_row(number), column: cell}, column


def as_csv(rows: Iterable[Mapping[str, Any]], columns: Iterable[str] = COLUMNS) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(columns), extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def table(good: int, bad: int) -> tuple[str, dict[int, str]]:
    """A CSV of rows, the bad ones spread among them, and which column of which row is bad."""
    total = good + bad
    rows: list[dict[str, str]] = []
    wrong: dict[int, str] = {}
    every = total // bad if bad else total + 1
    for number in range(total):
        if bad and number % every == 0 and len(wrong) < bad:
            row, column = bad_row(number)
            wrong[number + 2] = column
        else:
            row = good_row(number)
        rows.append(row)
    return as_csv(rows), wrong
