"""One cell at a time: text of a spreadsheet to the value of a column, and back.

Every `read_…` raises `CellError` with what is wrong and what to write instead.
"""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

from babel import Locale

from compliance.regions import country_code
from directory.enums import Category, Difficulty, LinkType
from directory.models.directory import STEP_LIMIT
from foundation.choices import TonedChoices
from foundation.exports import safe_cell

_YES = {"yes", "y", "true", "1", "x"}
_NO = {"no", "n", "false", "0", ""}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_HOST = re.compile(r"(?=.{4,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}\.?$")
_KEY = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
_LIST_LIMIT = 250
_TEXT_SHOWN = 60


class CellError(ValueError):
    """A cell that cannot be read; the message says what to write instead."""


def as_text(value: object) -> str:
    """Return a cell as text, however the spreadsheet program stored it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return unguarded(str(value)).strip()


def guarded(text: str) -> str:
    """Return text that no spreadsheet program runs, so that `unguarded` gives it back."""
    is_own = text.startswith("'") and safe_cell(text.lstrip("'")) != text.lstrip("'")
    return f"'{text}" if is_own else str(safe_cell(text))


def unguarded(text: str) -> str:
    """Return text without the apostrophe that kept it from being run."""
    if text.startswith("'") and guarded(text[1:]) == text:
        return text[1:]
    return text


def read_text(limit: int, *, required: bool = False) -> Callable[[str], str]:
    """Return a reader of text on one line of at most `limit` characters."""

    def read(text: str) -> str:
        line = " ".join(text.split())
        if _CONTROL.search(line):
            raise CellError("holds a control character. Type it again.")
        if required and not line:
            raise CellError("is empty. Write one.")
        if len(line) > limit:
            raise CellError(f"has {len(line)} characters. Shorten it to {limit}.")
        return line

    return read


def read_key(text: str) -> str:
    """Return the name a row is known by; "" when the row gives none."""
    key = text.lower()
    if key and (len(key) > 80 or not _KEY.fullmatch(key)):  # noqa: PLR2004  # the column's length
        raise CellError(
            f"“{_short(text)}” is not a key. Use small letters, digits and hyphens, or leave it"
            " empty to get one."
        )
    return key


def read_url(text: str) -> str:
    """Return a web address that a browser opens."""
    if not text:
        raise CellError("is empty. Write the page where a listing is made.")
    if len(text) > 500:  # noqa: PLR2004  # the column's length
        raise CellError("has more than 500 characters. Use the page's short address.")
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").encode("idna").decode()
    except (ValueError, UnicodeError):
        host, parts = "", urlsplit("")
    if parts.scheme not in {"http", "https"} or not _HOST.match(host) or re.search(r"\s", text):
        raise CellError(
            f"“{_short(text)}” is not a web address. Write it like https://example.org/add."
        )
    return text


def read_choice(choices: type[TonedChoices], default: str = "") -> Callable[[str], str]:
    """Return a reader of one of the choices, by value or by label."""
    known = {str(label).lower(): str(value) for value, label in choices.choices}
    known |= {str(value): str(value) for value in choices.values}

    def read(text: str) -> str:
        if not text and default:
            return default
        value = known.get(text.lower()) or known.get(text.lower().replace(" ", "_"))
        if value is None:
            wrong = f"“{_short(text)}” is not known" if text else "is empty"
            raise CellError(f"{wrong}. Use one of: {', '.join(choices.values)}.")
        return value

    return read


def read_flag(*, default: bool) -> Callable[[str], bool]:
    """Return a reader of yes and no."""

    def read(text: str) -> bool:
        word = text.lower()
        if not word:
            return default
        if word in _YES:
            return True
        if word in _NO:
            return False
        raise CellError(f"“{_short(text)}” is neither yes nor no. Write yes or no.")

    return read


def read_number(low: int, high: int) -> Callable[[str], int | None]:
    """Return a reader of a whole number within bounds; empty is not known."""

    def read(text: str) -> int | None:
        if not text:
            return None
        plain = text.replace(",", "").removeprefix("$").strip()
        if not re.fullmatch(r"\d{1,9}", plain) or not low <= int(plain) <= high:
            raise CellError(
                f"“{_short(text)}” is not a whole number from {low} to {high:,}."
                " Correct it, or leave it empty."
            )
        return int(plain)

    return read


def read_regions(text: str) -> list[str]:
    """Return country codes, or GLOBAL."""
    found = []
    for item in _items(text):
        code = "GLOBAL" if item.upper() == "GLOBAL" else country_code(item)
        if not code:
            raise CellError(
                f"“{_short(item)}” is no country. Use two-letter codes such as US; GB, or GLOBAL."
            )
        found.append(code)
    return list(dict.fromkeys(found)) or ["GLOBAL"]


def read_languages(text: str) -> list[str]:
    """Return language codes."""
    known = Locale("en").languages
    items = [item.lower() for item in _items(text)]
    for item in items:
        if item not in known:
            raise CellError(f"“{_short(item)}” is no language. Use codes such as en; de.")
    return list(dict.fromkeys(items))


def read_names(text: str) -> list[str]:
    """Return names parted by semicolons."""
    items = [" ".join(item.split()) for item in _items(text)]
    if long := [item for item in items if len(item) > 60]:  # noqa: PLR2004  # as a subcategory
        raise CellError(f"“{_short(long[0])}” is longer than 60 characters. Shorten it.")
    return list(dict.fromkeys(items))


def read_steps(text: str) -> list[dict[str, str]]:
    """Return ordered steps, from JSON or from lines of `title | description | link`."""
    rows = _json_steps(text) if text.startswith(("[", "{")) else _line_steps(text)
    if len(rows) > STEP_LIMIT:
        raise CellError(f"holds {len(rows)} steps. Use {STEP_LIMIT} at most.")
    return [_step(row, number) for number, row in enumerate(rows, start=1)]


def _json_steps(text: str) -> Sequence[Any]:
    try:
        rows = json.loads(text)
    except ValueError as error:
        raise CellError(
            'is not valid JSON. Write it like [{"title": "Sign up", "description": "…"}].'
        ) from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise CellError('is not a list of steps. Write it like [{"title": "Sign up"}].')
    if all("order" in row for row in rows):
        try:
            rows.sort(key=lambda row: int(row["order"]))
        except (TypeError, ValueError) as error:
            raise CellError("has an order that is no number. Number the steps 1, 2, 3.") from error
    return rows


def _line_steps(text: str) -> Sequence[Any]:
    rows = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        title, _, rest = line.partition("|")
        description, _, url = rest.partition("|")
        rows.append({"title": title, "description": description, "url": url})
    return rows


def _step(row: dict[str, Any], number: int) -> dict[str, str]:
    title = " ".join(str(row.get("title") or "").split())
    description = str(row.get("description") or "").strip()
    url = str(row.get("url") or "").strip()
    if not title or len(title) > 120:  # noqa: PLR2004  # the column's length
        raise CellError(f"step {number} needs a title of 120 characters at most.")
    if len(description) > 1000:  # noqa: PLR2004  # the column's length
        raise CellError(f"step {number} is longer than 1,000 characters. Shorten it.")
    if url:
        try:
            read_url(url)
        except CellError as error:
            raise CellError(f"step {number}: its link {error}") from error
    return {"title": title, "description": description, "url": url}


def show_list(items: Sequence[object]) -> str:
    """Return a list as one cell."""
    return "; ".join(str(item) for item in items)


def show_steps(steps: Sequence[dict[str, str]]) -> str:
    """Return steps as one cell of JSON, in the seed's shape."""
    rows = [
        {"order": number, **{key: value for key, value in step.items() if value}}
        for number, step in enumerate(steps, start=1)
    ]
    return json.dumps(rows, ensure_ascii=False) if rows else ""


def _items(text: str) -> list[str]:
    items = [item.strip() for item in re.split(r"[;\n]", text) if item.strip()]
    if len(items) == 1 and "," in items[0]:
        items = [item.strip() for item in items[0].split(",") if item.strip()]
    if len(items) > _LIST_LIMIT:
        raise CellError(f"holds {len(items)} entries. Use {_LIST_LIMIT} at most.")
    return items


def _short(text: str) -> str:
    return text if len(text) <= _TEXT_SHOWN else text[: _TEXT_SHOWN - 1] + "…"


READERS: dict[str, Callable[[str], Any]] = {
    "key": read_key,
    "name": read_text(120, required=True),
    "url": read_url,
    "category": read_choice(Category),
    "subcategory": lambda text: read_text(60)(text) or "General",
    "domain_rating": read_number(0, 100),
    "link_type": read_choice(LinkType, LinkType.NOFOLLOW),
    "is_free": read_flag(default=True),
    "is_paid": read_flag(default=False),
    "paid_price": read_number(0, 1_000_000),
    "regions": read_regions,
    "languages": read_languages,
    "industries": read_names,
    "difficulty": read_choice(Difficulty, Difficulty.MEDIUM),
    "estimated_minutes": read_number(1, 10_000),
    "is_active": read_flag(default=True),
    "steps": read_steps,
}
COLUMNS = tuple(READERS)
# What a new directory cannot do without.
REQUIRED = ("name", "url", "category")


def show(column: str, value: Any) -> str:
    """Return the value of a column as the text of its cell."""
    if column == "steps":
        return show_steps(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return show_list(value)
    return "" if value is None else str(value)
