"""The one place that decides whether an e-mail may be sent. Pure.

`decide` asks every check below, in their order, and answers with the worst result:
blocked beats deferred beats allowed. Each check leaves a line in the trace. Campaign
mail is asked everything; a person's reply and a test mail are not asked about consent,
window, prior contact, duplicates and the unsubscribe link, but always about the mailbox,
the address, suppression and the mailbox's caps.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from compliance import rules
from compliance.caps import CHECK_OF_SCOPE, cap_line
from compliance.enums import (
    Check,
    CheckResult,
    ConsentBasis,
    CounterScope,
    MailKind,
    Outcome,
    Requirement,
    SuppressionReason,
)
from compliance.facts import (
    AgencyFacts,
    ConsentFact,
    Decision,
    Facts,
    LastContact,
    SendRequest,
    SuppressionFact,
    TraceLine,
)
from compliance.windows import WindowError

__all__ = [
    "AgencyFacts",
    "ConsentFact",
    "Decision",
    "Facts",
    "LastContact",
    "SendRequest",
    "SuppressionFact",
    "TraceLine",
    "decide",
    "without_room",
]

DUPLICATE_SPAN = timedelta(hours=24)
_A_PERSONS_CHOICE = {SuppressionReason.UNSUBSCRIBED, SuppressionReason.NOT_INTERESTED}


def decide(facts: Facts) -> Decision:
    """Return whether the e-mail may go, with every reason and the full trace."""
    return _conclude(facts, _asked(facts))


def without_room(facts: Facts, full: Iterable[CounterScope]) -> Decision:
    """Return the deferral of an e-mail that was allowed, but found these scopes full."""
    lines = {line.check: line for line in _asked(facts)}
    for scope in full:
        lines[CHECK_OF_SCOPE[scope]] = cap_line(facts, scope, full=True)
    return _conclude(facts, list(lines.values()))


# The checks -----------------------------------------------------------------------------


def _agency(facts: Facts) -> TraceLine:
    if facts.agency.is_active:
        return _passed(Check.AGENCY, f"{facts.agency.name} is active.")
    return _no(Check.AGENCY, "agency_inactive", f"{facts.agency.name} is closed and sends nothing.")


def _identity(facts: Facts) -> TraceLine:
    missing = []
    if not facts.agency.has_postal_address:
        missing.append("postal address")
    if not facts.agency.has_sender_name:
        missing.append("legal sender name")
    if not missing:
        return _passed(
            Check.IDENTITY, "The agency’s postal address and legal sender name are known."
        )
    code = "no_sender_identity" if missing[0] != "postal address" else "no_postal_address"
    return _no(
        Check.IDENTITY,
        code,
        f"The agency’s {' and '.join(missing)} must be in every campaign e-mail and"
        f" {'are' if len(missing) > 1 else 'is'} missing. An owner can add"
        f" {'them' if len(missing) > 1 else 'it'} in the agency’s settings.",
    )


def _mailbox(facts: Facts) -> TraceLine:
    problem = facts.request.mailbox_problem.strip().rstrip(".")
    if not problem:
        return _passed(Check.MAILBOX, f"{facts.request.sender} can send.")
    sentence = f"{facts.request.sender} cannot send: {problem}."
    until = facts.request.mailbox_until
    if until is None:
        return _no(Check.MAILBOX, "mailbox_unfit", sentence)
    until = max(until, facts.now)
    return TraceLine(Check.MAILBOX, CheckResult.DEFERRED, sentence, until, "mailbox_unfit")


def _recipient(facts: Facts) -> TraceLine:
    shown = " ".join(facts.request.recipient.split())[:120]
    if facts.address_error:
        sentence = f"“{shown}” is not an e-mail address. {facts.address_error}"
        return _no(Check.RECIPIENT, "recipient_invalid", sentence)
    if rules.is_never_written_to(facts.address):
        return _no(
            Check.RECIPIENT,
            "recipient_role",
            f"{facts.address} is a no-reply, abuse or postmaster address: nobody to pitch to.",
        )
    return _passed(Check.RECIPIENT, f"{facts.address} is a valid address of a person or team.")


def _suppression(facts: Facts) -> TraceLine:
    found = facts.suppression
    if found is None:
        return _passed(Check.SUPPRESSION, "Neither the address nor its domain is suppressed.")
    what = f"The whole domain {found.value}".rstrip() if found.is_domain else facts.address
    label = SuppressionReason(found.reason).label.lower()
    where = "on every agency’s list" if found.is_platform else "on the suppression list"
    sentence = f"{what} is {where} ({label})."
    if facts.request.kind == MailKind.REPLY and found.reason in _A_PERSONS_CHOICE:
        sentence += (
            " If they have written since and want an answer, a manager removes the"
            " suppression first, with that as the reason."
        )
    code = "suppressed_domain" if found.is_domain else "suppressed_address"
    return _no(Check.SUPPRESSION, code, sentence)


def _legal_basis(facts: Facts) -> TraceLine:
    where = f"{facts.region.label} ({facts.region_source})"
    if facts.requirement == Requirement.BLOCKED:
        sentence = f"The agency sends no cold e-mail to this region: {where}."
        return _no(Check.LEGAL_BASIS, "region_blocked", sentence)
    basis = legal_basis(facts)
    if basis:
        return _passed(Check.LEGAL_BASIS, f"{_BASIS_WORDS[basis]}. Region: {where}.")
    if facts.requirement == Requirement.CONSENT:
        code, missing = (
            "no_consent",
            f"consent, and none that holds is on record for {facts.address}",
        )
    else:
        code, missing = (
            "no_assessment",
            (
                "legitimate interest, and the agency has not recorded its assessment. A manager"
                " can, under Settings, Region rules"
            ),
        )
    return _no(Check.LEGAL_BASIS, code, f"This region asks for {missing}. Region: {where}.")


def legal_basis(facts: Facts) -> str:
    """Return the basis in law that holds for this recipient; "" when there is none."""
    if facts.requirement == Requirement.BLOCKED:
        return ""
    known = {consent.basis for consent in facts.consents}
    for basis in (ConsentBasis.CONSENT, ConsentBasis.CONTRACT):
        if basis in known:
            return basis
    if facts.requirement != Requirement.LEGITIMATE_INTEREST:
        return ""
    holds = facts.has_assessment or ConsentBasis.LEGITIMATE_INTEREST in known
    return ConsentBasis.LEGITIMATE_INTEREST if holds else ""


_BASIS_WORDS: dict[str, str] = {
    ConsentBasis.CONSENT: "Consent is on record",
    ConsentBasis.CONTRACT: "A contract is on record",
    ConsentBasis.LEGITIMATE_INTEREST: "Legitimate interest, with a recorded assessment",
}


def _publisher(facts: Facts) -> TraceLine:
    rule = facts.request.publisher_rule.strip()
    if not rule:
        return _passed(Check.PUBLISHER, "The site forbids nothing that this campaign asks for.")
    sentence = f"The site’s own rules forbid what this campaign asks for: “{rule[:200]}”."
    return _no(Check.PUBLISHER, "publisher_forbids", sentence)


def _cooldown(facts: Facts) -> TraceLine:
    last, days = facts.request.last_contact, facts.agency.cooldown_days
    if last is None:
        return _passed(Check.COOLDOWN, "Nobody here has written to this person before.")
    who = f"{last.who} wrote" if last.who else "Someone here wrote"
    when = f"{who} to this person on {last.at.astimezone(facts.agency.zone):%-d %B %Y}"
    if last.sequence_key and last.sequence_key == facts.request.sequence_key:
        pardon = ", in this same sequence."
    elif facts.moment - last.at >= timedelta(days=days):
        pardon = f"; the {days} days of cooldown are over."
    elif facts.request.cooldown_override:
        pardon = "; a manager has overridden the cooldown."
    else:
        sentence = f"{when}, for something else; the cooldown is {days} days."
        return _no(Check.COOLDOWN, "cooldown", sentence)
    return _passed(Check.COOLDOWN, f"{when}{pardon}")


def _duplicate(facts: Facts) -> TraceLine:
    before = facts.sent_before_at
    if before is None or facts.moment - before >= DUPLICATE_SPAN:
        return _passed(Check.DUPLICATE, "The same e-mail has not gone to this person in 24 hours.")
    local = before.astimezone(facts.agency.zone)
    sentence = (
        "An e-mail from this mailbox to this person with this subject already went at"
        f" {local:%H:%M on %-d %B}, less than 24 hours ago."
    )
    return _no(Check.DUPLICATE, "duplicate", sentence)


def _unsubscribe(facts: Facts) -> TraceLine:
    if facts.request.with_unsubscribe:
        return _passed(Check.UNSUBSCRIBE, "It carries an unsubscribe link.")
    sentence = "Campaign e-mail must carry an unsubscribe link, and this one has none."
    return _no(Check.UNSUBSCRIBE, "no_unsubscribe", sentence)


def _content(facts: Facts) -> TraceLine:
    request = facts.request
    if request.unresolved:
        names = ", ".join(f"“{name}”" for name in request.unresolved[:8])
        return _no(Check.CONTENT, "unresolved", f"Nothing is known to put in for {names}.")
    syntax = rules.leftover_syntax(request.subject, request.body_head)
    if syntax:
        sentence = f"Template syntax is left in the text: “{syntax}”."
        return _no(Check.CONTENT, "leftover_syntax", sentence)
    if rules.breaks_header(request.subject, request.recipient_name):
        sentence = "The subject or the recipient’s name contains a line break."
        return _no(Check.CONTENT, "header_break", sentence)
    return _passed(Check.CONTENT, "Every variable is filled in.")


def _window(facts: Facts) -> TraceLine:
    window = facts.request.window
    if window is None:
        return _passed(Check.WINDOW, "It may go at any time.")
    try:
        opening = window.next_opening(facts.moment)
    except WindowError as error:
        return _no(Check.WINDOW, "window_never_opens", str(error))
    hours = f"{window.start:%H:%M}–{window.end:%H:%M} ({window.zone})"
    if opening <= facts.moment:
        return _passed(Check.WINDOW, f"The sending window {hours} is open.")
    local = opening.astimezone(facts.agency.zone)
    sentence = (
        f"The sending window {hours} is next open at {local:%H:%M on %-d %B}"
        f" ({facts.agency.zone.key})."
    )
    return TraceLine(Check.WINDOW, CheckResult.DEFERRED, sentence, opening, "outside_window")


# Putting them together ------------------------------------------------------------------

_ALWAYS: Sequence[tuple[Check, Callable[[Facts], TraceLine]]] = (
    (Check.AGENCY, _agency),
    (Check.MAILBOX, _mailbox),
    (Check.RECIPIENT, _recipient),
    (Check.SUPPRESSION, _suppression),
    (Check.CONTENT, _content),
)
_CAMPAIGN_ONLY: Sequence[tuple[Check, Callable[[Facts], TraceLine]]] = (
    (Check.IDENTITY, _identity),
    (Check.LEGAL_BASIS, _legal_basis),
    (Check.PUBLISHER, _publisher),
    (Check.COOLDOWN, _cooldown),
    (Check.DUPLICATE, _duplicate),
    (Check.UNSUBSCRIBE, _unsubscribe),
    (Check.WINDOW, _window),
)


def _asked(facts: Facts) -> list[TraceLine]:
    """Return every check's line, those that need no answer for this kind included."""
    lines = {check: ask(facts) for check, ask in _ALWAYS}
    if facts.request.kind == MailKind.CAMPAIGN:
        lines |= {check: ask(facts) for check, ask in _CAMPAIGN_ONLY}
    else:
        sentence = f"Not asked of a {MailKind(facts.request.kind).label.lower()}."
        skipped = CheckResult.SKIPPED
        lines |= {check: TraceLine(check, skipped, sentence) for check, _ in _CAMPAIGN_ONLY}
    lines |= {CHECK_OF_SCOPE[scope]: cap_line(facts, scope) for scope in CHECK_OF_SCOPE}
    return [lines[check] for check in Check]


def _conclude(facts: Facts, lines: Sequence[TraceLine]) -> Decision:
    blocked = [line for line in lines if line.result == CheckResult.BLOCKED]
    deferred = [line for line in lines if line.result == CheckResult.DEFERRED]
    worst = blocked or deferred
    outcome = Outcome.BLOCKED if blocked else Outcome.DEFERRED if deferred else Outcome.ALLOWED
    basis = legal_basis(facts) if facts.request.kind == MailKind.CAMPAIGN else ""
    return Decision(
        outcome=outcome,
        codes=tuple(line.code for line in worst),
        sentences=tuple(line.sentence for line in worst) or ("Every check passed.",),
        until=_latest(facts, deferred) if outcome == Outcome.DEFERRED else None,
        region=facts.region,
        legal_basis=basis,
        trace=tuple(
            {"check": line.check, "result": line.result, "sentence": line.sentence}
            for line in lines
        ),
    )


def _latest(facts: Facts, deferred: Sequence[TraceLine]) -> datetime:
    """Return the latest of the until's, moved into the window where there is one."""
    until = max(line.until for line in deferred if line.until)
    window = facts.request.window
    if window is None or facts.request.kind != MailKind.CAMPAIGN:
        return until
    return window.next_opening(until)


def _passed(check: Check, sentence: str) -> TraceLine:
    return TraceLine(check, CheckResult.PASSED, sentence)


def _no(check: Check, code: str, sentence: str) -> TraceLine:
    return TraceLine(check, CheckResult.BLOCKED, sentence, code=code)
