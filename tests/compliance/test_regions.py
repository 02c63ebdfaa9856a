"""Where a recipient is: by country, else by the end of the domain."""

import pytest

from compliance.enums import Region
from compliance.regions import infer_region

EEA = "at be bg hr cy cz dk ee fi fr de gr hu ie it lv lt lu mt nl pl pt ro sk si es se is li no"


@pytest.mark.parametrize("code", EEA.split())
def test_all_thirty_eea_countries_are_eu_by_country_and_by_domain(code):
    assert infer_region(code, "site.com")[0] == Region.EU
    assert infer_region("", f"site.{code}")[0] == Region.EU


@pytest.mark.parametrize(
    ("country", "domain", "region", "source"),
    [
        ("US", "site.de", Region.US, "country United States"),
        ("uk", "site.com", Region.UK, "country United Kingdom"),
        ("Germany", "site.com", Region.EU, "country Germany"),
        ("JP", "site.de", Region.OTHER, "country Japan"),
        ("XX", "site.co.uk", Region.UK, "the domain ending .uk"),
        ("", "SITE.CH.", Region.CH, "the domain ending .ch"),
        ("", "site.eu", Region.EU, "the domain ending .eu"),
        ("", "site.com.au", Region.AU, "the domain ending .au"),
        ("", "site.co.nz", Region.NZ, "the domain ending .nz"),
        ("", "site.ca", Region.CA, "the domain ending .ca"),
        ("", "site.us", Region.US, "the domain ending .us"),
        ("", "site.com", Region.OTHER, "neither country nor domain ending tells"),
        ("", "", Region.OTHER, "neither country nor domain ending tells"),
    ],
)
def test_region_says_what_it_was_inferred_from(country, domain, region, source):
    assert infer_region(country, domain) == (region, source)
