"""Where a recipient is, as far as the law of cold e-mail goes. Pure.

A known country decides; without one the top-level domain is taken as a hint, and the
answer says which of the two it was.
"""

from functools import lru_cache

from babel import Locale, UnknownLocaleError

from compliance.enums import Region

_EU_CODES = (
    "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE IS LI NO"
)
# Outermost regions and Åland, where Union law holds under a code of their own.
_EU_TERRITORIES = "AX GF GP MF MQ RE YT"
_US_TERRITORIES = "AS GU MP PR UM VI"

REGION_OF_COUNTRY: dict[str, Region] = {
    **dict.fromkeys(_EU_CODES.split(), Region.EU),
    **dict.fromkeys(_EU_TERRITORIES.split(), Region.EU),
    **dict.fromkeys(_US_TERRITORIES.split(), Region.US),
    "GB": Region.UK,
    "CH": Region.CH,
    "CA": Region.CA,
    "AU": Region.AU,
    "NZ": Region.NZ,
    "US": Region.US,
}
REGION_OF_TLD: dict[str, Region] = {
    **{code.lower(): Region.EU for code in _EU_CODES.split()},
    "eu": Region.EU,
    "uk": Region.UK,
    "ch": Region.CH,
    "ca": Region.CA,
    "au": Region.AU,
    "nz": Region.NZ,
    "us": Region.US,
}
# Codes people use that ISO 3166 does not.
_ALIASES = {"UK": "GB", "EL": "GR"}


def infer_region(country: str, domain: str) -> tuple[Region, str]:
    """Return the region and, in words, what it was inferred from.

    Args:
        country: ISO 3166 code (or English name), "" when unknown.
        domain: the recipient's domain.
    """
    code = country_code(country)
    if code:
        return REGION_OF_COUNTRY.get(code, Region.OTHER), f"country {country_name(code)}"
    tld = domain.strip().rstrip(".").lower().rpartition(".")[2]
    if tld in REGION_OF_TLD:
        return REGION_OF_TLD[tld], f"the domain ending .{tld}"
    return Region.OTHER, "neither country nor domain ending tells"


@lru_cache(maxsize=1024)
def country_code(country: str) -> str:
    """Return the ISO 3166 code of a code or English name; "" when it names no country."""
    text = country.strip()
    code = _ALIASES.get(text.upper(), text.upper())
    if code in _names():
        return code
    return _codes().get(text.casefold(), "")


def country_name(code: str) -> str:
    """Return the English name of a country code."""
    return _names().get(code, code)


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    try:
        territories = Locale("en").territories
    except UnknownLocaleError:  # pragma: no cover  # babel always ships English
        return {}
    # Two letters, less the groupings and placeholders CLDR keeps beside the countries.
    return {
        code: name
        for code, name in territories.items()
        if len(code) == 2 and code.isalpha() and code not in {"EU", "EZ", "UN", "XA", "XB", "ZZ"}  # noqa: PLR2004  # ISO 3166 alpha-2
    }


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    return {name.casefold(): code for code, name in _names().items()}
