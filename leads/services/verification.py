"""Asking the DNS whether a lead's domain takes mail."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import dns.exception
import dns.resolver
from django.conf import settings

from accounts.models import Agency
from foundation.names import make_resolver
from leads.models import Lead
from leads.services.records import change_leads_each

SECONDS = 3.0
_WORKERS = 16

Ask = Callable[[str], "list[str] | None"]


def mail_servers(domain: str) -> list[str] | None:
    """Return the hosts that take a domain's mail, [] when none does, None when nobody answers.

    By RFC 5321 5.1 a domain without MX takes mail itself if it has an address; a null MX
    (RFC 7505) takes none.
    """
    resolver = make_resolver(SECONDS)
    try:
        answers = resolver.resolve(domain.encode("idna").decode(), "MX")
        return sorted(str(mx.exchange).rstrip(".") for mx in answers if str(mx.exchange) != ".")
    except dns.resolver.NXDOMAIN:
        return []
    except dns.resolver.NoAnswer:
        return _itself(resolver, domain)
    except (dns.exception.DNSException, UnicodeError):
        return None


def _itself(resolver: dns.resolver.Resolver, domain: str) -> list[str] | None:
    for kind in ("A", "AAAA"):
        try:
            resolver.resolve(domain.encode("idna").decode(), kind)
        except dns.resolver.NoAnswer:
            continue
        except (dns.exception.DNSException, UnicodeError):
            return None
        return [domain]
    return []


def verify_leads(*, agency: Agency, lead_ids: Sequence[int], ask: Ask = mail_servers) -> int:
    """Judge addresses again, knowing whether their domains take mail; return how many.

    Every domain is asked once, many at the same time; one that does not answer in time
    leaves its leads as they were.
    """
    if not settings.VERIFY_ADDRESSES:
        return 0
    leads = Lead.objects.for_agency(agency).filter(pk__in=lead_ids, email__isnull=False)
    addresses = {pk: email for pk, email in leads.values_list("pk", "email") if email}
    domains = sorted({email.rpartition("@")[2] for email in addresses.values()})
    with ThreadPoolExecutor(_WORKERS) as pool:
        answers = dict(zip(domains, pool.map(ask, domains), strict=True))
    asked = {pk: answers[email.rpartition("@")[2]] for pk, email in addresses.items()}
    return change_leads_each(
        agency=agency,
        changes={pk: {"mail_servers": hosts} for pk, hosts in asked.items() if hosts is not None},
    )
