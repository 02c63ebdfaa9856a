"""A prospect list such as agencies buy: plausible, on reserved domains, and dirty."""

import csv
import io
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

_FIRST = (
    "Amelia André Anaïs Björn Camila Chidi Chloë Daan Elena Émile Fatima Fiona François "
    "Giulia Hana Hiro Ines Ivana Jürgen José Kaito Klára Lars Leïla Liam Maja Marek Mateo "
    "Nadia Ngozi Noor Olivia Oscar Priya Quinn Rosa Ruben Saoirse Sofía Søren Stefan Tara "
    "Tomás Ulla Vera Wes Ximena Yusuf Zoë"
)
_LAST = (
    "Adeyemi Álvarez Andersson Bauer Becker Bianchi Castillo Dubois Eriksen Fernández "
    "Garner Haddad Ivanova Jensen Kowalski Lefèvre Lindqvist Müller Nakamura O'Neill "
    "Okafor Park Pereira Quispe Rossi Schröder Silva Taylor Usman Vance Weiß Whitlock "
    "Yamada Zimmermann"
)
_THEME = (
    "alpine anchor amber copper canvas cedar drift ember fern field granite harbour "
    "hollow juniper lantern maple meadow north orchard pebble quarry ridge river saffron "
    "slate spruce thistle timber velvet willow"
)
_KIND = (
    "almanac bench build bulletin club craft daily digest garden gazette guide journal "
    "kitchen ledger letters living magazine notes outdoors post press review studio "
    "travel weekly wire works"
)
_TITLES = (
    "Editor",
    "Managing editor",
    "Content lead",
    "Owner",
    "Head of marketing",
    "Blogger",
    "SEO manager",
    "",
)
# Countries where a cold e-mail may rest on legitimate interest, and where it may not.
_OPEN_COUNTRIES = (
    "United States",
    "USA",
    "us",
    "India",
    "Brazil",
    "Singapore",
    "South Africa",
    "Mexico",
    "Japan",
    "",
)
_STRICT_COUNTRIES = ("Germany", "France", "United Kingdom", "Canada", "Deutschland")

HEADER = (
    "First Name",
    "Last Name",
    "Email Address",
    "Company",
    "Website",
    "Title",
    "Country",
    "City",
    "Domain rating",
    "Topic",
)
ENCODING = "cp1252"
DELIMITER = ";"


@dataclass(frozen=True)
class Prospects:
    """The file's bytes, and what was put into it."""

    content: bytes
    rows: int
    duplicates: int
    bad_addresses: int
    without_name: int


def prospect_file(rows: int = 2000, *, seed: int = 2026, tag: str = "") -> Prospects:
    """Return a list of `rows` prospects as a spreadsheet program on Windows saves it.

    One row in 25 repeats an earlier one (in other letter case), one in 40 has an address
    no mail server accepts, one in 20 has no name; white space and case are uneven.

    Args:
        rows: lines below the header.
        seed: makes the same file again.
        tag: put into every domain, so that two demo agencies write to different sites.
    """
    dice = random.Random(seed)  # noqa: S311  # a repeatable file, not a secret
    made = list(_rows(rows, dice, tag))
    text = io.StringIO()
    writer = csv.writer(text, delimiter=DELIMITER, lineterminator="\r\n")
    writer.writerow(HEADER)
    writer.writerows(row for _, row in made)
    kinds = [kind for kind, _ in made]
    return Prospects(
        content=text.getvalue().encode(ENCODING),
        rows=len(made),
        duplicates=kinds.count("duplicate"),
        bad_addresses=kinds.count("bad"),
        without_name=kinds.count("nameless"),
    )


def _rows(rows: int, dice: random.Random, tag: str) -> Iterator[tuple[str, list[str]]]:
    earlier: list[list[str]] = []
    for number in range(rows):
        row = _row(number, dice, tag)
        kind = "plain"
        if number % 25 == 24:
            kind, row = "duplicate", _shouted(dice.choice(earlier))
        elif number % 40 == 11:
            kind = "bad"
            row[2] = dice.choice(
                ("not known", "info@", "@nowhere", "two@at@signs.example", "a b@c.example", "n/a")
            )
        elif number % 20 == 7:
            kind = "nameless"
            row[0] = row[1] = ""
        if kind in {"plain", "nameless"}:
            earlier.append(row)
        yield kind, _untidied(row, dice)


def _row(number: int, dice: random.Random, tag: str) -> list[str]:
    first, last = dice.choice(_words(_FIRST)), dice.choice(_words(_LAST))
    # A few big publishers have many contacts each; everyone else has a site of their own.
    if number % 50 == 3:
        site = f"{_words(_THEME)[number % 3]}-media-group{tag}.example"
    else:
        site = f"{dice.choice(_words(_THEME))}{dice.choice(_words(_KIND))}{number}{tag}.example"
    local = f"{_plain(first)}.{_plain(last)}{number}"
    strict = dice.random() < 0.1  # one prospect in ten
    return [
        first,
        last,
        f"{local}@{site}",
        site.split(".")[0].replace("-", " ").title(),
        f"https://www.{site}/",
        dice.choice(_TITLES),
        dice.choice(_STRICT_COUNTRIES if strict else _OPEN_COUNTRIES),
        dice.choice(("", "Austin", "Pune", "Cape Town", "Boston", "Recife")),
        str(dice.randint(12, 88)),
        dice.choice(("outdoor cooking", "home repair", "small business", "travel", "gardening")),
    ]


@cache
def _words(text: str) -> list[str]:
    return text.split()


def _plain(name: str) -> str:
    table = str.maketrans("áäàéèëíïñóöøúüçłßÁÄÉÖØÜŁ", "aaaeeeiinooouuclsAAEOOUL")
    return "".join(c for c in name.translate(table) if c.isascii() and c.isalpha()).lower()


def _shouted(row: list[str]) -> list[str]:
    return [row[0].upper(), row[1].upper(), row[2].upper(), *row[3:]]


def _untidied(row: list[str], dice: random.Random) -> list[str]:
    roll = dice.random()
    if roll < 0.05:  # one row in twenty
        return [f" {cell} " if cell else cell for cell in row]
    if roll < 0.1:  # one row in twenty
        return [row[0].lower(), row[1].upper(), row[2].title(), *row[3:]]
    return row
