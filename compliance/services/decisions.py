"""Asking the policy for a whole batch, reserving its slots, and keeping every answer."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Agency
from compliance import counters, policy
from compliance.caps import period_of
from compliance.counters import Slot
from compliance.enums import CounterScope, MailKind, Outcome, Stage
from compliance.facts import (
    AgencyFacts,
    ConsentFact,
    Decision,
    Facts,
    LastContact,
    SendRequest,
    SuppressionFact,
)
from compliance.models import PolicyDecision, Suppression
from compliance.regions import infer_region
from compliance.selectors import (
    region_requirements,
    standing_assessment,
    standing_consents,
    suppressed,
)
from foundation.addresses import address_domain, normalise_address


def authorise(
    agency: Agency,
    requests: Sequence[SendRequest],
    *,
    stage: str,
    reserve: bool = False,
    now: datetime,
) -> list[Decision]:
    """Decide a batch of e-mails, in its order, and store every decision.

    The number of queries does not grow with the batch. At stage `claimed` with `reserve`
    each allowed e-mail holds a slot of every cap that counts it; those that found no room
    are deferred and hold nothing. Call it in a short transaction: the counters stay
    locked until it commits.
    """
    if not requests:
        return []
    with transaction.atomic():
        facts = _gather(agency, requests, now)
        decisions = _decide_all(facts, stage)
        if reserve:
            decisions = _reserve(facts, decisions)
        return _store(agency, facts, decisions, stage)


def release(reservations: Iterable[Mapping[str, Any]]) -> None:
    """Give back the slots of e-mails that were not sent after all.

    Takes the reservations of one decision or of many in one list. A counter never falls
    below none used; the e-mails no longer count as sent when duplicates are looked for.
    """
    rows = list(reservations)
    amounts = Counter(
        Slot(row["scope"], row["key"], datetime.fromisoformat(row["period"])) for row in rows
    )
    ids = {row["decision"] for row in rows if row.get("decision")}
    with transaction.atomic():
        counters.give_back(amounts)
        PolicyDecision.objects.filter(pk__in=ids, handed_back=False).update(handed_back=True)


# Gathering ------------------------------------------------------------------------------


def _gather(agency: Agency, requests: Sequence[SendRequest], now: datetime) -> list[Facts]:
    """Return the facts of every request, in six queries whatever their number."""
    parsed = [_parse(request.recipient) for request in requests]
    addresses = {address for address, _ in parsed}
    refusals = suppressed(agency, addresses)
    consents = standing_consents(agency, addresses, at=now)
    requirements = region_requirements(agency)
    has_assessment = standing_assessment(agency) is not None
    agency_facts = _agency_facts(agency)
    before = _sent_before(agency, addresses, now)
    facts = []
    for request, (address, error) in zip(requests, parsed, strict=True):
        region, source = infer_region(request.country, address_domain(address))
        facts.append(
            Facts(
                request=request,
                now=now,
                agency=agency_facts,
                address=address,
                address_error=error,
                region=region,
                region_source=source,
                requirement=requirements[region],
                suppression=_suppression_fact(refusals.get(address)),
                consents=tuple(
                    ConsentFact(row.basis, row.obtained_at) for row in consents.get(address, ())
                ),
                has_assessment=has_assessment,
                sent_before_at=_latest_other(before.get(_likeness(request, address), ()), request),
            )
        )
    return _with_used(facts)


def _parse(recipient: str) -> tuple[str, str]:
    """Return the normalised address and "", or what was given and what is wrong with it."""
    try:
        return normalise_address(recipient), ""
    except ValidationError as error:
        return recipient.strip().lower()[:320], " ".join(error.messages)


def _agency_facts(agency: Agency) -> AgencyFacts:
    return AgencyFacts(
        name=agency.name,
        is_active=agency.is_active,
        has_postal_address=bool(agency.postal_address.strip()),
        has_sender_name=bool(agency.sender_name.strip()),
        cooldown_days=agency.cooldown_days,
        user_daily_cap=agency.user_daily_cap,
        recipient_domain_daily_cap=agency.recipient_domain_daily_cap,
        zone=agency.zone,
        pk=agency.pk,
    )


def _suppression_fact(row: Suppression | None) -> SuppressionFact | None:
    if row is None:
        return None
    return SuppressionFact(
        reason=row.reason,
        is_domain=row.kind == "domain",
        is_platform=row.agency_id is None,
        value=row.value,
    )


Likeness = tuple[str, str, str]


def _likeness(request: SendRequest, address: str) -> Likeness:
    """Return what makes two e-mails the same: sender, recipient and subject."""
    return request.sender.strip().lower(), address, _digest(request.subject)


@dataclass(frozen=True)
class _LetGo:
    """An e-mail that was let go before: which, when, and a digest of its words."""

    reference: str
    at: datetime
    words: str


def _digest(text: str) -> str:
    plain = " ".join(text.split()).casefold()
    return hashlib.sha256(plain.encode()).hexdigest() if plain else ""


def _sent_before(
    agency: Agency, addresses: set[str], now: datetime
) -> dict[Likeness, list[_LetGo]]:
    """Return the e-mails that were let go in the last 24 hours, by likeness."""
    rows = (
        PolicyDecision.objects.for_agency(agency)
        .filter(
            recipient__in=addresses,
            at__gt=now - policy.DUPLICATE_SPAN,
            stage=Stage.CLAIMED,
            outcome=Outcome.ALLOWED,
            handed_back=False,
        )
        .values_list("sender", "recipient", "subject_digest", "reference", "at", "text_digest")
    )
    result: dict[Likeness, list[_LetGo]] = {}
    for sender, recipient, digest, reference, at, words in rows:
        gone = _LetGo(reference, at, words)
        result.setdefault((sender.lower(), recipient, digest), []).append(gone)
    return result


def _latest_other(sent: Iterable[_LetGo], request: SendRequest) -> datetime | None:
    """Return when another e-mail just like this one went; its own attempts do not count.

    The subject is what makes it the same. A follow-up has the subject of what it follows,
    so there the words must be the same too.
    """
    others = [one for one in sent if one.reference != request.reference]
    if request.follows_up:
        words = _digest(request.body_head)
        others = [one for one in others if one.words == words]
    times = [one.at for one in others]
    return max(times) if times and request.subject.strip() else None


# Counting -------------------------------------------------------------------------------


def _slots(facts: Facts) -> dict[CounterScope, tuple[Slot, int]]:
    """Return the counters that count an e-mail, with their caps."""
    request = facts.request
    values: dict[CounterScope, object] = {
        CounterScope.USER: request.user_id,
        CounterScope.MAILBOX_DAY: request.mailbox_id,
        CounterScope.MAILBOX_HOUR: request.mailbox_id,
        CounterScope.RECIPIENT_DOMAIN: address_domain(facts.address),
        CounterScope.CAMPAIGN: request.campaign_key,
    }
    return {
        scope: (
            Slot(
                scope,
                counters.counter_key(facts.agency.pk, scope, values[scope]),
                period_of(scope, facts)[0],
            ),
            cap,
        )
        for scope, cap in facts.caps.items()
    }


def _with_used(facts: list[Facts]) -> list[Facts]:
    """Fill in what the counters of each have used, in one query."""
    slots = [_slots(one) for one in facts]
    known = counters.used_of(slot for own in slots for slot, _ in own.values())
    for one, own in zip(facts, slots, strict=True):
        one.used.update((scope, known[slot]) for scope, (slot, _) in own.items())
    return facts


def _reserve(facts: Sequence[Facts], decisions: Sequence[Decision]) -> list[Decision]:
    """Take the slots of what is allowed, in order, and defer what finds a cap full."""
    slots = [
        _slots(one) if decision.outcome == Outcome.ALLOWED else {}
        for one, decision in zip(facts, decisions, strict=True)
    ]
    wanted = Counter(slot for own in slots for slot, _ in own.values())
    caps = {slot: cap for own in slots for slot, cap in own.values()}
    left = counters.reserve({slot: (n, caps[slot]) for slot, n in wanted.items()})
    result = []
    for one, decision, own in zip(facts, decisions, slots, strict=True):
        full = [scope for scope, (slot, _) in own.items() if left[slot] < 1]
        if full:
            result.append(policy.without_room(one, full))
            continue
        for slot, _ in own.values():
            left[slot] -= 1
        result.append(replace(decision, reservations=[_as_json(slot) for slot, _ in own.values()]))
    # What one cap had room for and another refused is nobody's: back it goes.
    counters.give_back(left)
    return result


def _as_json(slot: Slot) -> dict[str, Any]:
    return {"scope": str(slot.scope), "key": slot.key, "period": slot.period.isoformat()}


# Deciding and keeping -------------------------------------------------------------------


def _decide_all(facts: list[Facts], stage: str) -> list[Decision]:
    """Decide one after the other; before sending, each also sees those let go before it."""
    decisions = []
    let_go: dict[Likeness, list[_LetGo]] = {}
    contacts: dict[str, LastContact] = {}
    for index, one in enumerate(facts):
        if stage == Stage.CLAIMED and one.request.kind == MailKind.CAMPAIGN:
            one = facts[index] = _seen_with_batch(one, let_go, contacts)  # noqa: PLW2901  # the enriched facts replace the bare ones
        decision = policy.decide(one)
        if decision.outcome == Outcome.ALLOWED:
            gone = _LetGo(one.request.reference, one.now, _digest(one.request.body_head))
            let_go.setdefault(_likeness(one.request, one.address), []).append(gone)
            contacts[one.address] = LastContact(one.now, one.request.sequence_key)
        decisions.append(decision)
    return decisions


def _seen_with_batch(
    facts: Facts, let_go: Mapping[Likeness, list[_LetGo]], contacts: Mapping[str, LastContact]
) -> Facts:
    before = _latest_other(let_go.get(_likeness(facts.request, facts.address), ()), facts.request)
    if before:
        facts = replace(facts, sent_before_at=before)
    contact = contacts.get(facts.address)
    if contact:
        facts = replace(facts, request=replace(facts.request, last_contact=contact))
    return facts


def _store(
    agency: Agency, facts: Sequence[Facts], decisions: Sequence[Decision], stage: str
) -> list[Decision]:
    rows = PolicyDecision.objects.bulk_create(
        [
            PolicyDecision(
                agency=agency,
                stage=stage,
                reference=one.request.reference[:120],
                sender=one.request.sender.strip().lower()[:320],
                recipient=one.address[:320],
                subject_digest=_digest(one.request.subject),
                text_digest=_digest(one.request.body_head),
                outcome=decision.outcome,
                codes=decision.codes,
                sentences=decision.sentences,
                trace=decision.trace,
                legal_basis=decision.legal_basis,
                region=decision.region,
                until=decision.until,
                at=one.now,
            )
            for one, decision in zip(facts, decisions, strict=True)
        ]
    )
    return [
        replace(
            decision,
            decision_id=row.pk,
            reservations=[slot | {"decision": row.pk} for slot in decision.reservations],
        )
        for decision, row in zip(decisions, rows, strict=True)
    ]
