"""Where a quoted mail begins: attribution lines, header blocks, dividers.

Each test looks at a few lines of bounded length and backtracks over none.
"""

import re
from functools import lru_cache

from mailer.reading.phrases import lines, pattern, words

MAX_LINE = 300
MAX_SPAN = 4
MAX_TITLE = 60
MAX_HEADER_WORD = 20
_BLOCK_LINES = 16
# Lines an address list may wrap to.
_WRAPPED = 3
_TWO = 2
_CHINESE_OPENERS = "在于於"

_OPENERS = words("attribution_openers")
_WEEKDAYS = words("weekdays")
_VERBS = pattern("wrote")
_WHEN = re.compile(
    r"\b\d{1,2}[:.h]\d{2}\b|\b(?:19|20)\d{2}\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|\d年"
)
_TIME = re.compile(r"\b\d{1,2}[:.h]\d{2}\b\s?\S{0,12}$")
_FEW_WORDS = 12
_DATE_START = re.compile(r"\d{1,4}[./\-年]\s?\d{1,2}|\d{1,2}\.?\s+\w{3,12}\.?,?\s+\d{2,4}")
_DATE_AND_ZONE = re.compile(r"\d{4}-\d{2}-\d{2} \d{1,2}:\d{2} (?:GMT|UTC)[+-]\d{1,2}:?\d{2} \S")
_ENDS_WITH_ADDRESS = re.compile(r"<[^<>\s]{1,200}@[^<>\s]{1,200}>\s*:?$")
_SHARED_LINE = re.compile(r"(?<=\S)-{2,}\s*(?=On\b)")

# What a header of a quoted mail is called, as "word=kind".
_HEADERS = dict(line.split("=") for line in lines("header_words"))
_DIVIDER_WORDS = lines("dividers")
_FORWARD_STARTS = lines("forward_starts")
_ABOVE_LINE = lines("above_line")


def split_shared_line(line: str) -> list[str]:
    """Split "my answer--- On Wed, … wrote:" in two."""
    if len(line) <= MAX_LINE and line.rstrip(" :").endswith(("wrote", "sent")):
        found = _SHARED_LINE.search(line)
        if found:
            return [line[: found.start()], line[found.end() :]]
    return [line]


def is_divider(line: str) -> bool:
    """Return whether everything below the line is another mail."""
    if len(line) > MAX_LINE:
        return False
    low = line.strip().lower()
    bare = low.strip("-_=*>#— \t")
    if any(phrase in bare for phrase in _ABOVE_LINE):
        return True
    if bare.startswith(_FORWARD_STARTS) and len(bare) <= MAX_TITLE:
        return True
    ruled = low[:2] in {"--", "__", "==", "**", "-_"}
    return ruled and (bare == "original" or any(phrase in bare for phrase in _DIVIDER_WORDS))


def attribution_span(mail: list[str], start: int) -> int:
    """Return how many lines from `start` say "On …, … wrote:"; 0 when they do not."""
    first = mail[start].strip().strip("-").strip()
    if not first or len(first) > MAX_LINE or not _may_start(first):
        return 0
    text = ""
    for count, line in enumerate(mail[start : start + MAX_SPAN], 1):
        if not line.strip() or line.lstrip().startswith(">") or len(text) > MAX_LINE:
            break
        text = f"{text} {line.strip()}".strip()
        if _is_attribution(text, one_line=count == 1):
            return 0 if count > 1 and _begins_below(mail[start], mail[start + 1]) else count
    return 0


def _begins_below(first: str, second: str) -> bool:
    """Return whether the attribution begins a line later, under somebody's own words."""
    dated = any(char.isdigit() for char in first) or "@" in first
    return not dated and len(first.split()) > _TWO and _first_word(second) in _OPENERS


def _first_word(line: str) -> str:
    return line.split(maxsplit=1)[0].strip(".,:;()[]\"'*").lower() if line.split() else ""


def _may_start(line: str) -> bool:
    word = _first_word(line)
    return (
        line[0].isdigit()
        or line[0] in _CHINESE_OPENERS
        or word in _OPENERS
        or word in _WEEKDAYS
        or "@" in line
        or line.endswith("<")
        or _VERBS.search(line) is not None
    )


def _is_attribution(text: str, *, one_line: bool) -> bool:
    """Return whether a line, or a few joined, names a date or an address and says "wrote".

    The cheap questions come first: most lines are asked no others.
    """
    bare = text.strip().strip("-").strip().strip("*_").strip()[: 2 * MAX_LINE]
    colon = bare.endswith((":", "："))
    dated = _WHEN.search(bare) is not None
    address = "@" in bare
    if not dated and not (address and colon and one_line):
        return False
    by_date = _DATE_START.match(bare) is not None or _first_word(bare) in _WEEKDAYS
    opened = by_date or _first_word(bare) in _OPENERS or bare[:1] in _CHINESE_OPENERS
    if by_date and address and _ends_as_name(bare, colon=colon):
        return True
    if (opened or (address and colon)) and _says_wrote(bare, anywhere=colon):
        return True
    return (one_line and _DATE_AND_ZONE.match(bare) is not None) or (dated and _ends_timed(bare))


def _ends_timed(text: str) -> bool:
    """Return whether a few words say who wrote and end with a time: "Ann kirjoitti … 9.00:"."""
    few = text.endswith((":", "：")) and len(text.split()) <= _FEW_WORDS
    return few and _TIME.search(text) is not None and _says_wrote(text, anywhere=True)


def _says_wrote(text: str, *, anywhere: bool) -> bool:
    """Return whether a text says "wrote": anywhere, or as its last word."""
    where = text if anywhere else "".join(text.split()[-1:])
    return _VERBS.search(where) is not None


def _ends_as_name(text: str, *, colon: bool) -> bool:
    return colon or _ENDS_WITH_ADDRESS.search(text[-MAX_LINE:]) is not None


@lru_cache(maxsize=8192)
def header_kind(line: str) -> str:
    """Return which header of a quoted mail the line is ("" for none)."""
    bare = line.strip(" \t*_")
    colon = bare.find(":")
    if not 0 < colon <= MAX_HEADER_WORD or len(line) > 4 * MAX_LINE:
        return ""
    return _HEADERS.get(bare[:colon].strip(" *_").lower(), "")


def header_block(mail: list[str], start: int) -> int:
    """Return how many lines from `start` are a quoted mail's headers; 0 when they are not."""
    if not header_kind(mail[start]):
        return 0
    kinds: set[str] = set()
    last = start
    for index, line in enumerate(mail[start : start + _BLOCK_LINES], start):
        kind = header_kind(line)
        if kind:
            kinds.add(kind)
            last = index
        elif not line.strip() or index - last > _WRAPPED:
            break
    return last - start + 1 if _are_headers(kinds, mail[start : last + 1]) else 0


def _are_headers(kinds: set[str], block: list[str]) -> bool:
    """Three kinds that include a person or a subject, or a person, another and an address."""
    people = kinds & {"from", "to"}
    if len(kinds) > _TWO:
        return bool(people) or "subject" in kinds
    return len(kinds) == _TWO and bool(people) and any("@" in line for line in block)
