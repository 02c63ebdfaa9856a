"""Dates as people write them in an absence notice, in the languages of our regions.

Month and day names come from the CLDR (babel); numbers are read day first unless that
cannot be, and a date without a year is the next one.
"""

import datetime as dt
import re
from functools import cache

from babel.dates import get_day_names, get_month_names

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt", "sv", "da", "nb", "fi", "pl", "cs")
_MONTHS = 12
_YEAR_DIGITS = 4
_SOON = dt.timedelta(days=120)
_PAST = dt.timedelta(days=3)
_NUMERIC = re.compile(r"(?<![\d.])(\d{1,4})[./-]\s?(\d{1,2})(?:[./-]\s?(\d{2,4}))?(?![\d])")
_WORD = re.compile(r"[^\W\d_]{2,14}")
_DAY_BEFORE = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er|º|ª|\.|:e|e)?(?:\s+(?:de|of|di|do))?\s*$")
_DAY_AFTER = re.compile(r"\.?,?\s*(?:the\s+)?(\d{1,2})(?:st|nd|rd|th)?(?![\d:])")
_YEAR = re.compile(r"\.?,?\s*(?:de\s+|del\s+)?((?:20)\d{2})")
_ORDINAL = re.compile(
    r"\b(?:the|den|am|le|el|il|dia)\s+(\d{1,2})(?:st|nd|rd|th|\.)?(?![\d./:]|\s*\w{3,}\s+20)"
)
_NEXT = re.compile(
    r"\b(?:next|nächste\w{0,2}|kommende\w{0,2} woche|prochaine?|próxim[oa]|que viene|prossim[oa]"
    r"|volgende|nästa|næste|neste|ensi|przyszł\w{1,3}|příští\w{0,2})\b"
)
_TOMORROW = re.compile(
    r"\b(?:tomorrow|morgen|demain|mañana|domani|amanhã|imorgon|i morgon|i morgen|huomenna|jutro"
    r"|zítra)\b"
)


@cache
def _names() -> tuple[dict[str, int], dict[str, int]]:
    months: dict[str, int] = {}
    days: dict[str, int] = {}
    for language in LANGUAGES:
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in get_month_names(width, context, language).items():
                    months.setdefault(name.lower().strip("."), number)
                for number, name in get_day_names(width, context, language).items():
                    days.setdefault(name.lower().strip("."), number)
    months.update({"sept": 9, "mrt": 3, "märz": 3, "maerz": 3})
    # Words that are also something else.
    for word in ("mar", "do", "so", "me", "se", "to", "on", "ma", "la", "so", "po", "ne", "út"):
        days.pop(word, None)
    return months, days


def dates_in(text: str, today: dt.date, *, month_first: bool = False) -> list[tuple[int, dt.date]]:
    """Return the dates of a text with where they stand, in order.

    Args:
        text: a phrase or a paragraph, lower case.
        today: the day the mail was written.
        month_first: whether 03/04 more likely means March.
    """
    found = {**_numeric(text, today, month_first=month_first), **_named(text, today)}
    if not found:
        found = {**weekdays_in(text, today), **_ordinals(text, today)}
    for match in _TOMORROW.finditer(text):
        found.setdefault(match.start(), today + dt.timedelta(days=1))
    return sorted(found.items())


def _numeric(text: str, today: dt.date, *, month_first: bool) -> dict[int, dt.date]:
    found = {}
    for match in _NUMERIC.finditer(text):
        first, second, third = (int(part) if part else 0 for part in match.groups())
        if month_first and "/" in match.group(0) and len(match.group(1)) < _YEAR_DIGITS:
            first, second = second, first
        if len(match.group(1)) == _YEAR_DIGITS:
            day = _date(first, second, third)
        elif third:
            day = _either(first, second, third + 2000 if third < 100 else third, today)  # noqa: PLR2004  # a century
        elif match.group(0)[-1].isdigit() and "." in match.group(0):
            day = _next(first, second, today)
        else:
            day = _next(first, second, today) if "/" in match.group(0) else None
        if day:
            found[match.start()] = day
    return found


def _either(first: int, second: int, year: int, today: dt.date) -> dt.date | None:
    """Read day first, unless only month first is a date that lies ahead and soon."""
    options = [_date(year, second, first), _date(year, first, second)]
    near = [day for day in options if day and today - _PAST <= day <= today + _SOON]
    return next(iter(near or [day for day in options if day]), None)


def _named(text: str, today: dt.date) -> dict[int, dt.date]:
    months, _ = _names()
    found: dict[int, dt.date] = {}
    for word in _WORD.finditer(text):
        month = months.get(word.group(0))
        if month is None:
            continue
        before = _DAY_BEFORE.search(text[max(0, word.start() - 12) : word.start()])
        after = None if before else _DAY_AFTER.match(text, word.end())
        number = before or after
        if number is None:
            continue
        year = _YEAR.match(text, after.end() if after else word.end())
        day = int(number.group(1))
        date = _date(int(year.group(1)), month, day) if year else _next(day, month, today)
        if date:
            found[word.start()] = date
    return found


def weekdays_in(text: str, today: dt.date) -> dict[int, dt.date]:
    """Return the coming weekdays a text names by where they stand; "next" is next week's."""
    _, days = _names()
    found = {}
    for word in _WORD.finditer(text):
        number = days.get(word.group(0))
        if number is not None:
            ahead = (number - today.weekday() - 1) % 7 + 1
            around = text[max(0, word.start() - 14) : word.end() + 12]
            if _NEXT.search(around) and number > today.weekday():
                ahead += 7
            found[word.start()] = today + dt.timedelta(days=ahead)
    return found


def _ordinals(text: str, today: dt.date) -> dict[int, dt.date]:
    found = {}
    for match in _ORDINAL.finditer(text):
        month, year = today.month, today.year
        day = _date(year, month, int(match.group(1)))
        if day is not None and day < today:
            month, year = (1, year + 1) if month == _MONTHS else (month + 1, year)
            day = _date(year, month, int(match.group(1)))
        if day:
            found[match.start()] = day
    return found


def _next(day: int, month: int, today: dt.date) -> dt.date | None:
    """Return the next such day; one a few days past is this year's."""
    this_year = _date(today.year, month, day)
    if this_year is None or this_year >= today - _PAST:
        return this_year
    return _date(today.year + 1, month, day)


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None
