"""Which site a URL or an address belongs to."""

from functools import lru_cache

import tldextract

from leads.rules.freemail import FREE_MAIL

_extract = tldextract.TLDExtract(
    suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True
)


def site_domain(host_or_url: str) -> str:
    """Return the registrable domain, or the blog's own host on a shared platform.

    `https://ann.blogspot.com/x` gives `ann.blogspot.com`: two blogs of one platform are
    two sites (the private part of the public suffix list says which platforms).
    """
    host = host_or_url.partition("://")[2] or host_or_url
    for mark in "/?#":
        host = host.partition(mark)[0]
    return _site(host.rpartition("@")[2].partition(":")[0].lower())


@lru_cache(maxsize=8192)
def _site(host: str) -> str:
    parts = _extract.extract_str(host)
    if parts.suffix and parts.domain:
        return f"{parts.domain}.{parts.suffix}"
    labels = host.split(".")
    # Under no known suffix (site.test) its last two labels; a bare suffix or address has none.
    unknown = not parts.suffix and len(labels) > 1 and not labels[-1].isdecimal()
    return ".".join(labels[-2:]) if unknown and all(labels) else ""


def address_site(address: str) -> str:
    """Return the site behind an address; "" for one at a mail provider."""
    domain = address.rpartition("@")[2]
    if not domain or domain in FREE_MAIL:
        return ""
    return _site(domain)
