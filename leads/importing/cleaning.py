"""One row of cells into one lead's values, or into problems that name the column."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError

from foundation.addresses import normalise_address
from leads.importing.delimited import Row
from leads.importing.limits import MAX_CELL
from leads.importing.mapping import CUSTOM
from leads.rules.places import country_named
from leads.rules.sites import site_domain
from leads.rules.verification import vendor_verdict
from leads.rules.zones import zone_named

LENGTHS = {
    "email": 254,
    "first_name": 100,
    "last_name": 100,
    "name": 200,
    "job_title": 150,
    "company": 200,
    "website": 500,
    "phone": 60,
    "linkedin": 300,
    "city": 120,
    "region": 120,
    "country": 100,
    "time_zone": 64,
    "domain_rating": 20,
    "verification": 60,
}
MAX_CUSTOM = 5000
_NOTHING = frozenset(
    ("-", "--", "—", "n/a", "#n/a", "none", "null", "nan", "undefined", "unknown", "(none)", "?")
)
_LONGEST_NOTHING = max(map(len, _NOTHING))
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_SPACES = re.compile(r"\s+")
# What our own exports, and OWASP's advice, put in front of a cell that looks like a formula.
_ESCAPED = re.compile(r"'(?=\s*[=+\-@\t\r|%＝＋－＠])")
_PLAIN_ADDRESS = re.compile(
    r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}"
)
_SLOW_ENDINGS = (".local", ".localhost", ".invalid", ".test", ".onion", ".arpa")
_ADDRESS_LIKE = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+")
_HOST = re.compile(r"(?!-)[\w-]{1,63}(?<!-)(\.(?!-)[\w-]{1,63}(?<!-))*\.[^\W\d_][\w-]*")
_PLAIN_URL = re.compile(
    r"https?://((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24})(?:[/?#]\S*)?",
    re.ASCII,
)
_LOCAL_LENGTH = 64


@dataclass(frozen=True)
class Problem:
    """Why a row cannot be imported: the column, what stands in it, and what to do."""

    column: str
    value: str
    reason: str


@dataclass
class Clean:
    """A row that can be imported: field → value, custom name → value."""

    line: int
    values: dict[str, str]
    custom: dict[str, str] = field(default_factory=dict)
    domain_rating: int | None = None


class CleaningError(Exception):
    """A cell cannot be taken; the message says what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class _Column:
    position: int
    name: str
    target: str
    custom: str  # the custom field's name, "" for a field of the lead's own
    clean: Callable[[str], str]


class RowCleaner:
    """Cleans every row of one file, by its mapping."""

    def __init__(self, columns: Sequence[str], mapping: Mapping[str, str]) -> None:
        self.columns = list(columns)
        self._wanted = [
            _column(position, name, mapping[name])
            for position, name in enumerate(columns)
            if mapping.get(name)
        ]
        self._width = len(self.columns)
        names = {column.target: column.name for column in self._wanted}
        self._address_column = names.get("email") or names.get("website") or ""

    def clean(self, row: Row) -> Clean | list[Problem]:
        """Return the row's values, or every problem it has."""
        cells = row.cells
        width = len(cells)
        problems = self._shape(row) if row.problem or width > self._width else []
        clean = Clean(row.line, {})
        for column in self._wanted:
            text = cells[column.position] if column.position < width else ""
            if not text:
                continue
            try:
                value = column.clean(text)
            except CleaningError as error:
                problems.append(Problem(column.name, text.strip()[:200], str(error)))
                continue
            if value and column.custom:
                clean.custom[column.custom] = value
            elif value:
                clean.values[column.target] = value
        return problems or self._whole(clean) or clean

    def _shape(self, row: Row) -> list[Problem]:
        if row.problem:
            return [Problem("", row.cells[0][:200], row.problem)]
        extra = [cell for cell in row.cells[len(self.columns) :] if cell.strip()]
        if not extra:
            return []
        reason = (
            f"The row has {len(row.cells)} cells and the header {len(self.columns)}: "
            "put a value that contains the delimiter in quotation marks."
        )
        return [Problem("", " ".join(extra)[:200], reason)]

    def _whole(self, clean: Clean) -> list[Problem]:
        """What only the row as a whole can be wrong about."""
        values = clean.values
        rating = values.pop("domain_rating", "")
        clean.domain_rating = int(rating) if rating else None
        name = values.pop("name", "")
        if name and not values.get("first_name") and not values.get("last_name"):
            values["first_name"], values["last_name"] = split_name(name)
        if values.get("email") or values.get("website"):
            return []
        reason = "The row has neither an e-mail address nor a website; give it one of them."
        return [Problem(self._address_column, "", reason)]


def _column(position: int, name: str, target: str) -> _Column:
    custom = target.removeprefix(CUSTOM) if target.startswith(CUSTOM) else ""
    return _Column(position, name, target, custom, _cleaner(target))


def split_name(name: str) -> tuple[str, str]:
    """Return first and last name: `Ann de Vries` and `de Vries, Ann` give the same."""
    if name.count(",") == 1:
        last, first = (part.strip() for part in name.split(","))
        return first[:100], last[:100]
    first, _, last = name.partition(" ")
    return first[:100], last.strip()[:100]


def tidy(text: str) -> str:
    """Return text on one line without what cannot be seen; raise for what cannot be read."""
    if text.isascii() and text.isprintable():
        plain = text.strip()
    else:
        plain = _SPACES.sub(" ", _INVISIBLE.sub("", text)).strip()
        _check_readable(plain)
    if plain[:1] == "'" and _ESCAPED.match(plain):
        plain = plain[1:]
    return "" if len(plain) <= _LONGEST_NOTHING and plain.lower() in _NOTHING else plain


def _check_readable(text: str) -> None:
    if "\ufffd" in text:
        raise CleaningError(
            "Some letters could not be read (shown as “\ufffd”); type the value again."
        )
    if _CONTROL.search(text):
        raise CleaningError("The value contains a control character; delete and retype it.")


def _tidy_lines(text: str) -> str:
    """Return a custom value; it may have several lines."""
    if "\n" not in text and "\r" not in text:
        return _checked_length(tidy(text), MAX_CUSTOM)
    lines = [tidy(line) for line in text.strip().splitlines()]
    return _checked_length("\n".join(lines).strip(), MAX_CUSTOM)


def _checked_length(text: str, most: int) -> str:
    if len(text) > most:
        raise CleaningError(f"The value has {len(text):,} characters; {most:,} are the most.")
    return text


def _cleaner(target: str) -> Callable[[str], str]:
    if target.startswith(CUSTOM):
        return _tidy_lines
    most = LENGTHS.get(target, MAX_CELL)
    more = _FIELDS.get(target)

    def clean(text: str) -> str:
        value = tidy(text)
        if len(value) > most:
            _checked_length(value, most)
        return more(value) if more and value else value

    return clean


def clean_address(value: str) -> str:
    """Return a normalised address, taken out of `Ann <ann@…>` or `mailto:`."""
    lowered = value.lower()
    if (
        _PLAIN_ADDRESS.fullmatch(lowered)
        and not lowered.endswith(_SLOW_ENDINGS)
        and lowered.index("@") <= _LOCAL_LENGTH
    ):
        return lowered
    found = _ADDRESS_LIKE.findall(value)
    if len(found) > 1:
        raise CleaningError("There are several addresses in one cell; keep one.")
    text = value.removeprefix("mailto:").strip()
    if text.endswith(">") and "<" in text:
        text = text[text.rindex("<") + 1 : -1]
    if "@" not in text:
        raise CleaningError("This is not an e-mail address; it has no @.")
    try:
        return normalise_address(text)
    except ValidationError as error:
        raise CleaningError(f"This is not a valid e-mail address. {error.messages[0]}") from None


@lru_cache(maxsize=1024)
def clean_website(value: str) -> str:
    """Return an http(s) URL with a host that has a domain."""
    text = value if "://" in value else f"https://{value}"
    plain = _PLAIN_URL.fullmatch(text)
    if plain and site_domain(plain[1]):
        return text
    wrong = CleaningError("This is not a web address; write it like https://example.com/.")
    if " " in text:
        raise wrong
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        raise wrong from None
    if parts.scheme.lower() not in {"http", "https"} or "@" in parts.netloc:
        raise wrong
    if not _HOST.fullmatch(host) or not site_domain(host):
        raise wrong
    return text


def _clean_phone(value: str) -> str:
    if sum(map(str.isdigit, value)) < 3:  # noqa: PLR2004  # the shortest numbers there are
        raise CleaningError("This is not a telephone number.")
    return value


def _clean_linkedin(value: str) -> str:
    text = value if "://" in value else f"https://{value}"
    try:
        host = urlsplit(text).hostname or ""
    except ValueError:
        host = ""
    if " " in value or not (host == "linkedin.com" or host.endswith(".linkedin.com")):
        raise CleaningError("This is not a LinkedIn address; it should start linkedin.com/.")
    return text


def _clean_country(value: str) -> str:
    code = country_named(value)
    if not code:
        raise CleaningError("No country goes by this name; write its name or two-letter code.")
    return code


def _clean_zone(value: str) -> str:
    zone = zone_named(value)
    if not zone:
        raise CleaningError("No time zone goes by this name; write it like Europe/Paris.")
    return zone


@lru_cache(maxsize=256)
def _clean_rating(value: str) -> str:
    try:
        rating = round(float(value.replace(",", ".")))
    except (ValueError, OverflowError):
        rating = -1
    if not 0 <= rating <= 100:  # noqa: PLR2004  # the scale of domain ratings
        raise CleaningError("A domain rating is a number from 0 to 100.")
    return str(rating)


def _clean_verdict(value: str) -> str:
    verdict = vendor_verdict(value)
    if verdict is None:
        raise CleaningError("Verification is one of valid, risky, invalid, unknown.")
    return str(verdict.value)


_FIELDS: Mapping[str, Callable[[str], str]] = {
    "email": clean_address,
    "website": clean_website,
    "phone": _clean_phone,
    "linkedin": _clean_linkedin,
    "country": _clean_country,
    "time_zone": _clean_zone,
    "domain_rating": _clean_rating,
    "verification": _clean_verdict,
}
