"""What becomes of each row of a batch: created, updated, skipped or rejected. No writes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from leads.importing.cleaning import Clean, Problem
from leads.rules.completion import ClientFacts, complete

# Columns of a lead that a file can fill.
FILLED = (
    "email",
    "first_name",
    "last_name",
    "job_title",
    "company",
    "website",
    "phone",
    "linkedin",
    "city",
    "region",
    "country",
    "time_zone",
    "domain_rating",
)
_PLACES = frozenset(("country", "time_zone"))
_NOTHING = (None, "")
DUPLICATE_IN_FILE = "Duplicate of an earlier row of the file"
ALREADY_KNOWN = "Already known, nothing new"
SAME_PERSON = "Same person already known with another address"
KNOWN_NOT_WANTED = "Already known"


@dataclass
class Known:
    """A lead that exists already, or that an earlier row of the batch will make."""

    values: dict[str, Any]
    id: int | None = None
    of_this_import: bool = False
    changed: bool = False


@dataclass
class Lookups:
    """What the agency already has that a batch may touch."""

    leads: Sequence[Known] = ()
    suppressed: Mapping[str, str] = field(default_factory=dict)  # address or @domain → why


@dataclass(frozen=True)
class Wishes:
    """What a person chose for an import."""

    overwrite: bool = False
    only_new: bool = False
    client_id: int | None = None
    client: ClientFacts | None = None
    owner_id: int | None = None


@dataclass
class Plan:
    """The outcome of a batch, in the order of its rows."""

    created: list[Known] = field(default_factory=list)
    updated: list[Known] = field(default_factory=list)
    skipped: list[tuple[int, str]] = field(default_factory=list)  # (line, reason)
    rows: dict[int, str] = field(default_factory=dict)  # line → what became of it
    updated_rows: int = 0


class _Index:
    """Finds the lead a row is about: by address, then site and name, then company and site."""

    def __init__(self, leads: Iterable[Known]) -> None:
        self._by_address: dict[str, Known] = {}
        self._by_name: dict[tuple[str, str], Known] = {}
        self._by_site: dict[str, list[Known]] = {}
        for known in leads:
            self.add(known)

    def add(self, known: Known) -> None:
        values = known.values
        if values.get("email"):
            self._by_address.setdefault(values["email"], known)
        if values.get("domain"):
            name = _name(values)
            if name:
                self._by_name.setdefault((values["domain"], name), known)
            self._by_site.setdefault(values["domain"], []).append(known)

    def find(self, values: Mapping[str, Any]) -> Known | None:
        found = self._by_address.get(values.get("email") or "")
        if found or not values.get("domain"):
            return found
        return self._same_person(values) or self._same_site(values)

    def _same_person(self, values: Mapping[str, Any]) -> Known | None:
        name = _name(values)
        found = self._by_name.get((values["domain"], name)) if name else None
        if found is None:
            return None
        both = values.get("email") and found.values.get("email")
        whole = values.get("first_name") and values.get("last_name")
        # Two Johns at one site with an address each are two people; two John Smiths are one.
        return found if whole or not both else None

    def _same_site(self, values: Mapping[str, Any]) -> Known | None:
        """A row that only names a site matches whoever is known there; a site, its contact."""
        bare = not values.get("email") and not _name(values)
        for known in self._by_site.get(values["domain"], ()):
            other_bare = not known.values.get("email") and not _name(known.values)
            if (bare or other_bare) and _companies_agree(values, known.values):
                return known
        return None


def _name(values: Mapping[str, Any]) -> str:
    return f"{values.get('first_name') or ''} {values.get('last_name') or ''}".strip().casefold()


def _companies_agree(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    first, second = one.get("company") or "", other.get("company") or ""
    return not first or not second or first.casefold() == second.casefold()


def given_values(clean: Clean) -> dict[str, Any]:
    """Return a row's values as columns of a lead."""
    values: dict[str, Any] = dict(clean.values)
    values["vendor"] = values.pop("verification", "")
    if clean.domain_rating is not None:
        values["domain_rating"] = clean.domain_rating
    if clean.custom:
        values["custom"] = dict(clean.custom)
    return values


def plan_batch(
    rows: Sequence[tuple[Clean, dict[str, Any]]], lookups: Lookups, wishes: Wishes
) -> Plan:
    """Decide every row of a batch, each seeing what the rows before it will have done.

    `rows` are clean rows with their completed columns (`complete_row`).
    """
    planner = _Planner(lookups, wishes)
    for clean, values in rows:
        planner.plan.rows[clean.line] = planner.decide(clean.line, values)
    plan = planner.plan
    plan.updated = [known for known in plan.updated if known.id is not None]
    return plan


def complete_row(clean: Clean, wishes: Wishes) -> dict[str, Any]:
    """Return a row's given and inferred columns."""
    given = given_values(clean)
    return {**given, **complete(given, wishes.client)}


class _Planner:
    """Goes through a batch in order and keeps what it decided."""

    def __init__(self, lookups: Lookups, wishes: Wishes) -> None:
        self.plan = Plan()
        self._suppressed = lookups.suppressed
        self._wishes = wishes
        self._index = _Index(lookups.leads)

    def decide(self, line: int, values: dict[str, Any]) -> str:
        known = None
        why = self._suppressed.get(suppression_key(values), "")
        if not why:
            known = self._index.find(values)
            if known is None:
                return self._create(values)
            why = self._update(known, values)
        if why:
            self.plan.skipped.append((line, why))
        return why or "updated"

    def _create(self, values: dict[str, Any]) -> str:
        wishes = self._wishes
        values.setdefault("custom", {})
        values["client_id"], values["owner_id"] = wishes.client_id, wishes.owner_id
        known = Known(values, of_this_import=True)
        self.plan.created.append(known)
        self._index.add(known)
        return "created"

    def _update(self, known: Known, values: dict[str, Any]) -> str:
        """Merge a row into the lead it is about; return why not when nothing changed."""
        if self._wishes.only_new:
            return KNOWN_NOT_WANTED
        if not _merge(known, values, self._wishes):
            return _why_nothing_new(known, values)
        self.plan.updated_rows += 1
        if not known.changed:
            known.changed = True
            self.plan.updated.append(known)
        self._index.add(known)
        return ""


def _why_nothing_new(known: Known, values: Mapping[str, Any]) -> str:
    if values.get("email") and values["email"] != known.values.get("email"):
        return SAME_PERSON
    return DUPLICATE_IN_FILE if known.of_this_import else ALREADY_KNOWN


def suppression_key(values: Mapping[str, Any]) -> str:
    """Return what is looked up among the suppressed: the address, else the site."""
    return values.get("email") or f"@{values.get('domain') or ''}"


def _merge(known: Known, values: Mapping[str, Any], wishes: Wishes) -> bool:
    """Fill what is empty, or overwrite where asked; return whether anything changed."""
    old = known.values
    changes = {name: values[name] for name in FILLED if _takes(name, old, values, wishes)}
    changes |= {f"{name}_source": "given" for name in _PLACES & changes.keys()}
    custom = _merge_custom(old.get("custom") or {}, values.get("custom") or {}, wishes)
    if custom != (old.get("custom") or {}):
        changes["custom"] = custom
    wished = {"client_id": wishes.client_id, "owner_id": wishes.owner_id}
    changes |= {name: wish for name, wish in wished.items() if wish and not old.get(name)}
    if not changes:
        return False
    old.update(changes)
    vendor = values.get("vendor", "")
    keep = not vendor and "email" not in changes
    old.update(complete({**old, "vendor": vendor, "keep_verdict": keep}, wishes.client))
    return True


def _takes(name: str, old: Mapping[str, Any], values: Mapping[str, Any], wishes: Wishes) -> bool:
    """Whether a lead takes a column of a row; what was inferred gives way to what is given."""
    new = values.get(name)
    if new in _NOTHING or new == old.get(name):
        return False
    if name in _PLACES:
        if values.get(f"{name}_source") != "given":
            return False
        if old.get(f"{name}_source") != "given":
            return True
    return wishes.overwrite or old.get(name) in _NOTHING


def _merge_custom(old: Mapping[str, Any], new: Mapping[str, Any], wishes: Wishes) -> dict[str, Any]:
    if wishes.overwrite:
        return {**old, **new}
    return {**old, **{name: value for name, value in new.items() if not old.get(name)}}


def as_rejected(problems: Sequence[Problem]) -> list[dict[str, str]]:
    """Return problems as they are stored."""
    return [{"column": p.column, "value": p.value, "reason": p.reason} for p in problems]
