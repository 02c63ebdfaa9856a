"""Public holidays of countries, from the `holidays` package."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

import holidays


def holidays_of(countries: Iterable[str], years: Iterable[int]) -> frozenset[date]:
    """Return the public holidays of these countries (ISO 3166 codes) in these years.

    A country without a known calendar has none.
    """
    wanted = list(years)
    return frozenset().union(
        *(_of_year(country.strip().upper(), year) for country in countries for year in wanted)
    )


@lru_cache(maxsize=1)
def countries_with_holidays() -> tuple[str, ...]:
    """Return the ISO 3166 codes of the countries whose holidays are known."""
    return tuple(sorted(holidays.list_supported_countries(include_aliases=False)))


@lru_cache(maxsize=2048)
def _of_year(country: str, year: int) -> frozenset[date]:
    try:
        return frozenset(holidays.country_holidays(country, years=year))
    except (NotImplementedError, KeyError):
        return frozenset()
