"""What the columns of a backlink export mean, whoever wrote it.

Headers are compared without case, spaces and punctuation. Sources: the exports of Ahrefs
(backlinks, referring domains, Link Intersect), Semrush (backlinks, referring domains),
DataForSEO and Majestic as their public importers describe them.
"""

import re
from collections.abc import Sequence

# Field → headers that mean it, most telling first.
_MEANING: dict[str, tuple[str, ...]] = {
    "source_url": (
        "referringpageurl",
        "sourceurl",
        "urlfrom",
        "linkingfrom",
        "referringurl",
        "backlinkurl",
        "linkurl",
        "frompage",
        "sourcepage",
    ),
    "domain": (
        "referringdomain",
        "sourcedomain",
        "domainfrom",
        "rootdomain",
        "linkingdomain",
        "domain",
    ),
    "target_url": ("targeturl", "urlto", "linkingto", "targetpage", "target", "topage"),
    "anchor": ("anchor", "anchortext", "linkanchor"),
    "rating": (
        "domainrating",
        "dr",
        "pageascore",
        "domainascore",
        "authorityscore",
        "domainauthority",
        "trustflow",
        "domainrank",
        "rank",
    ),
    "nofollow": ("nofollow",),
    "sponsored": ("sponsored",),
    "ugc": ("ugc",),
    "lost": ("loststatus", "lostlink", "lost", "islost", "flaglost"),
    "spam": ("isspam", "spam"),
    "links": ("linkstotarget", "backlinks", "links", "backlinkscount"),
    "first_seen": ("firstseen", "firstseendate", "firstindexeddate", "datefirstseen"),
    "last_seen": ("lastseen", "lastseendate", "datelastseen"),
}
FIELDS = tuple(_MEANING)
_PUNCTUATION = re.compile(r"[\W_]+")


def plain_header(cell: str) -> str:
    """Return a header cell as it is compared: lower case letters and digits only."""
    return _PUNCTUATION.sub("", cell).lower()


def map_columns(header: Sequence[str]) -> dict[str, int]:
    """Return field → index of its column; a header without sources gives an empty dict."""
    plain = [plain_header(cell) for cell in header]
    found: dict[str, int] = {}
    for field, names in _MEANING.items():
        index = next((plain.index(name) for name in names if name in plain), None)
        if index is not None and index not in found.values():
            found[field] = index
    return found if "source_url" in found or "domain" in found else {}


# What tells an exporter: headers it alone has together.
_EXPORTERS = (
    ({"referringpageurl", "domainrating", "intersect"}, "Ahrefs Link Intersect"),
    ({"referringpageurl", "domainrating"}, "Ahrefs backlinks"),
    ({"sourceurl", "pageascore"}, "Semrush backlinks"),
    ({"domain", "domainascore"}, "Semrush referring domains"),
    ({"domain", "domainrating"}, "Ahrefs referring domains"),
    ({"domain", "dr"}, "Ahrefs referring domains"),
)


def exporter(header: Sequence[str]) -> str:
    """Name who wrote an export, for people; "" when the header does not tell."""
    plain = {plain_header(cell) for cell in header}
    return next((name for telling, name in _EXPORTERS if telling <= plain), "")
