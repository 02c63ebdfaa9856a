"""E-mail addresses and domains in the one form the whole product compares them by."""

import re
from functools import lru_cache
from urllib.parse import urlsplit

import tldextract
from django.core.exceptions import ValidationError
from email_validator import EmailNotValidError, validate_email

_extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


# Addresses so plain that there is nothing to look up: 1 µs each instead of 26, which counts
# where a file brings a million.
_PLAIN = re.compile(
    r"(?=.{3,64}@)[a-z0-9]+(?:[._+-][a-z0-9]+)*"
    r"@(?=.{4,190}$)(?:(?=[a-z0-9-]{1,63}\.)[a-z0-9]+(?:-[a-z0-9]+)*\.)+"
    r"(?:com|net|org|example|[a-z]{2})",
    re.ASCII,
)


def normalise_address(value: str) -> str:
    """Return an address in its compared form: trimmed, lower case, IDNA domain in Unicode.

    Raises `ValidationError` with a sentence a person can act on. Syntax follows
    RFC 5321/5322 as `email_validator` reads them; no DNS is asked.
    """
    plain = value.strip(" ").lower()
    if _PLAIN.fullmatch(plain) and plain.isascii():
        return plain
    if _CONTROL.search(value):
        raise ValidationError("The address contains a control character.", code="control")
    try:
        found = validate_email(value.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise ValidationError(str(error), code="invalid") from error
    return found.normalized.lower()


def normalise_domain(value: str) -> str:
    """Return a domain in its compared form: lower case, IDNA in Unicode, no trailing dot.

    A leading `@` or a whole URL's host is accepted. Raises `ValidationError` with a
    sentence a person can act on.
    """
    text = value.strip()
    host = (urlsplit(text).hostname or "") if "://" in text else text.lstrip("@")
    if "@" in host:
        raise ValidationError("This is an address, not a domain.", code="address")
    if "." not in host:
        raise ValidationError("A domain has a dot in it, like example.org.", code="invalid")
    return address_domain(normalise_address(f"x@{host.rstrip('.')}"))


def address_domain(address: str) -> str:
    """Return the domain part of a normalised address."""
    return address.rpartition("@")[2]


def public_suffixes() -> list[str]:
    """Return the rules of the bundled public suffix list, private ones left out."""
    return list(_extract.tlds)


@lru_cache(maxsize=65536)
def registrable_domain(host_or_url: str) -> str:
    """Return the registrable domain of a host, URL or address; "" when there is none.

    `https://blog.example.co.uk/x` gives `example.co.uk`, by the bundled public suffix
    list; a host under no known suffix (example.test) gives its last two labels.
    """
    text = host_or_url.strip().lower()
    if "@" in text and "/" not in text:
        text = address_domain(text)
    parts = _extract(text)
    if parts.suffix and parts.domain:
        return f"{parts.domain}.{parts.suffix}"
    labels = [label for label in (parts.subdomain, parts.domain) if label]
    host = ".".join(labels)
    if "." not in host or re.fullmatch(r"[\d.]+", host):
        return ""
    return ".".join(host.split(".")[-2:])
