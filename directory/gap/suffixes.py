"""Registrable domains of many hosts at once, inside DuckDB, as `registrable_domain` gives them.

Plain hosts under plain rules of the public suffix list are told in SQL; the few others
(other scripts, punycode, addresses, wildcard rules) one by one in Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from foundation.addresses import public_suffixes, registrable_domain

if TYPE_CHECKING:
    import duckdb

# Labels of the longest plain rule, and of the hosts told by it.
_LONGEST = 4
_BATCH = 10_000
# Whole hosts that SQL may tell; everything else is odd.
_PLAIN = r"(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)+[a-z][a-z0-9]*"

_DOMAINS = """
CREATE TABLE domains AS
SELECT host, CASE
    WHEN s4.suffix IS NOT NULL THEN array_to_string(labels[-5:], '.')
    WHEN s3.suffix IS NOT NULL THEN array_to_string(labels[-4:], '.')
    WHEN s2.suffix IS NOT NULL THEN array_to_string(labels[-3:], '.')
    ELSE array_to_string(labels[-2:], '.') END AS domain,
    len(labels) AS size,
    CASE WHEN s4.suffix IS NOT NULL THEN 4 WHEN s3.suffix IS NOT NULL THEN 3
         WHEN s2.suffix IS NOT NULL THEN 2 ELSE 1 END AS suffix_size
FROM (SELECT host, string_split(host, '.') AS labels FROM plain_hosts) AS split
LEFT JOIN suffixes AS s4 ON s4.suffix = array_to_string(labels[-4:], '.') AND len(labels) >= 4
LEFT JOIN suffixes AS s3 ON s3.suffix = array_to_string(labels[-3:], '.') AND len(labels) >= 3
LEFT JOIN suffixes AS s2 ON s2.suffix = array_to_string(labels[-2:], '.') AND len(labels) >= 2
"""


def tell_domains(db: duckdb.DuckDBPyConnection) -> None:
    """Fill a table `domains` (host, domain) for the distinct hosts of the table `hosts`."""
    rules = public_suffixes()
    plain = [rule for rule in rules if rule[0] not in "*!"]
    wild = [rule.lstrip("!*.").rpartition(".")[2] for rule in rules if rule[0] in "*!"]
    db.execute("CREATE TABLE suffixes (suffix VARCHAR)")
    db.execute("INSERT INTO suffixes SELECT unnest(?)", [plain])
    db.execute("CREATE TABLE wild (label VARCHAR)")
    db.execute("INSERT INTO wild SELECT unnest(?)", [sorted(set(wild))])
    db.execute(
        "CREATE TABLE all_hosts AS SELECT host, regexp_full_match(host, ?) AND"
        " string_split(host, '.')[-1] NOT IN (SELECT label FROM wild) AND"
        " NOT contains(host, 'xn--') AS plain FROM (SELECT DISTINCT host FROM hosts)",
        [_PLAIN],
    )
    db.execute("CREATE TABLE plain_hosts AS SELECT host FROM all_hosts WHERE plain")
    db.execute(_DOMAINS)
    # A host that is itself a suffix is nobody's domain.
    db.execute("UPDATE domains SET domain = '' WHERE size <= suffix_size")
    _tell_odd(db)


def _tell_odd(db: duckdb.DuckDBPyConnection) -> None:
    odd = db.execute("SELECT host FROM all_hosts WHERE NOT plain").fetchall()
    for start in range(0, len(odd), _BATCH):
        hosts = [host for (host,) in odd[start : start + _BATCH]]
        told = [registrable_domain(host) for host in hosts]
        db.execute(
            "INSERT INTO domains SELECT unnest(?), unnest(?), 0, 0",
            [hosts, told],
        )
