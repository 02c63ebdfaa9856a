"""Whether a site is worth a client's time: relevance 1–10, with its reasons in words."""

from collections.abc import Iterable
from dataclasses import dataclass

from compliance.enums import Region
from compliance.regions import REGION_OF_COUNTRY, country_code, country_name
from directory.rules.topics import is_general, topics_of

GLOBAL = "GLOBAL"
_RANK = {"easy": 0, "medium": 1, "hard": 2}
_ANYWHERE = {"global", "worldwide", "world", "international", "anywhere", "everywhere"}
_EUROPE = {"eu", "europe", "european union", "eea"}
_STRONG, _FAIR = 70, 40
_BEST = 10


@dataclass(frozen=True)
class ClientWishes:
    """What is known of a client (`said`: its own words, with their topics), and what it wants."""

    said: tuple[tuple[str, frozenset[str]], ...]
    topics: frozenset[str]
    countries: frozenset[str]
    language: str
    max_price: int | None = None
    max_difficulty: str = "hard"
    min_rating: int | None = None
    min_relevance: int = 1
    categories: frozenset[str] = frozenset()


@dataclass(frozen=True)
class SiteProfile:
    """What decides how well a site suits; many sites share one."""

    category: str
    subcategory: str
    is_general: bool
    topics: frozenset[str]
    countries: frozenset[str]
    languages: frozenset[str]
    link_type: str
    is_free: bool
    difficulty: str
    rating_band: str


@dataclass(frozen=True)
class Match:
    """How well a site suits a client, and why."""

    relevance: int
    reasons: list[str]


def client_wishes(
    *, industry: str, subcategories: Iterable[str], regions: Iterable[str], language: str
) -> ClientWishes:
    """Return a client as values, with regions however they were written."""
    texts = [text for text in (industry, *subcategories) if text]
    return ClientWishes(
        said=tuple((text, topics_of([text])) for text in texts),
        topics=topics_of(texts),
        countries=countries_of(regions),
        language=language.lower(),
    )


def site_profile(
    *,
    category: str,
    subcategory: str,
    industries: Iterable[str],
    regions: Iterable[str],
    languages: Iterable[str],
    link_type: str,
    is_free: bool,
    difficulty: str,
    rating: int | None,
) -> SiteProfile:
    """Return what decides how well a site suits."""
    return SiteProfile(
        category=category,
        subcategory=subcategory,
        is_general=is_general(subcategory),
        topics=topics_of([subcategory, *industries]),
        countries=frozenset(regions),
        languages=frozenset(languages),
        link_type=link_type,
        is_free=is_free,
        difficulty=difficulty,
        rating_band=_band(rating),
    )


def countries_of(regions: Iterable[str]) -> frozenset[str]:
    """Return the countries that names, codes and continents mean; GLOBAL for anywhere."""
    found: set[str] = set()
    for region in regions:
        word = region.strip().lower()
        if word in _ANYWHERE:
            found.add(GLOBAL)
        elif word in _EUROPE:
            found |= {code for code, area in REGION_OF_COUNTRY.items() if area == Region.EU}
        elif code := country_code(region):
            found.add(code)
    return frozenset(found)


def affordable(
    wishes: ClientWishes, *, is_free: bool, price: int | None, rating: int | None
) -> bool:
    """Return whether price and domain rating are within what a client takes on.

    A rating that is not known passes; a price that is not known passes unless the client
    wants free listings only.
    """
    if wishes.min_rating is not None and rating is not None and rating < wishes.min_rating:
        return False
    if is_free or wishes.max_price is None:
        return True
    return price <= wishes.max_price if price is not None else wishes.max_price > 0


def match(wishes: ClientWishes, site: SiteProfile) -> Match | None:
    """Return how well a site suits a client, or None when it is not for them."""
    if not _wanted(wishes, site):
        return None
    fits = (_topic(wishes, site), _region(wishes, site), _language(wishes, site))
    parts = [part for part in fits if part is not None]
    if len(parts) < len(fits):
        return None
    parts += [_link(site), _rating(site), _cost(site), _effort(site)]
    relevance = max(1, min(_BEST, sum(points for points, _ in parts)))
    if relevance < wishes.min_relevance:
        return None
    return Match(relevance, [reason for _, reason in parts if reason])


Part = tuple[int, str]


def _wanted(wishes: ClientWishes, site: SiteProfile) -> bool:
    if wishes.categories and site.category not in wishes.categories:
        return False
    return _RANK[site.difficulty] <= _RANK[wishes.max_difficulty]


def _topic(wishes: ClientWishes, site: SiteProfile) -> Part | None:
    if site.is_general and not site.topics & wishes.topics:
        return 2, "Takes listings from every industry."
    shared = site.topics & wishes.topics
    if not shared:
        return None
    about = site.subcategory if not site.is_general else min(shared)
    fits = next(text for text, topics in wishes.said if topics & shared)
    return 4, f"Is about {about}, which fits {fits}."


def _region(wishes: ClientWishes, site: SiteProfile) -> Part | None:
    if GLOBAL in site.countries:
        return 1, "Takes listings from anywhere."
    if GLOBAL in wishes.countries and site.countries:
        return 1, f"Serves {_named(site.countries)}; the client works worldwide."
    shared = site.countries & wishes.countries
    if not shared:
        return None
    return 2, f"Serves {_named(shared)}, where the client works."


def _language(wishes: ClientWishes, site: SiteProfile) -> Part | None:
    if not site.languages:
        return 0, ""
    if wishes.language not in site.languages:
        return None
    return 1, "Is in the client's language."


def _link(site: SiteProfile) -> Part:
    return (1, "Its links are dofollow.") if site.link_type == "dofollow" else (0, "")


def _rating(site: SiteProfile) -> Part:
    if site.rating_band == "strong":
        return 2, f"Its domain rating is {_STRONG} or more."
    return (1, f"Its domain rating is {_FAIR} or more.") if site.rating_band == "fair" else (0, "")


def _cost(site: SiteProfile) -> Part:
    return (1, "A listing is free.") if site.is_free else (0, "A listing costs money.")


def _effort(site: SiteProfile) -> Part:
    return (-1, "Getting listed is hard.") if site.difficulty == "hard" else (0, "")


def _band(rating: int | None) -> str:
    if rating is None:
        return "unknown"
    if rating >= _STRONG:
        return "strong"
    return "fair" if rating >= _FAIR else "weak"


def _named(countries: frozenset[str]) -> str:
    names = sorted(country_name(code) for code in countries)
    if len(names) > 3:  # noqa: PLR2004  # more would not be read
        return f"{', '.join(names[:2])} and {len(names) - 2} more countries"
    return ", ".join(names[:-1]) + (" and " if names[1:] else "") + names[-1]
