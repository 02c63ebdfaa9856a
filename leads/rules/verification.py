"""What an address's own letters, its domain's mail servers and a vendor say of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from foundation.words import word_set
from leads.enums import Verification
from leads.rules.freemail import DISPOSABLE

_ROLES = word_set("""
    admin administrator advertise advertising billing blog careers contact contacto contactus
    customerservice editor editorial enquiries enquiry feedback hello help helpdesk hi hr info
    informacion information inquiries inquiry it jobs kontakt legal mail marketing media news
    newsletter office partner partners partnerships post pr press privacy publicity redaktion
    registrar reception redaccion redaction sales security service services social staff submissions
    subscribe support team tech techsupport web webmaster www
    """)
_MACHINES = word_set("""
    abuse bounce bounces donotreply do-not-reply do_not_reply hostmaster mailer-daemon
    mailerdaemon no-reply no_reply noreply nobody noc null postmaster root spam unsubscribe
    """)
# A vendor's word → ours. Hunter, Apollo, and the checkers most files were cleaned with.
_VERDICTS = {
    "valid": Verification.VALID,
    "verified": Verification.VALID,
    "deliverable": Verification.VALID,
    "ok": Verification.VALID,
    "accept_all": Verification.RISKY,
    "catch_all": Verification.RISKY,
    "risky": Verification.RISKY,
    "webmail": Verification.RISKY,
    "disposable": Verification.RISKY,
    "guessed": Verification.RISKY,
    "extrapolated": Verification.RISKY,
    "invalid": Verification.INVALID,
    "undeliverable": Verification.INVALID,
    "bounced": Verification.INVALID,
    "unknown": Verification.UNKNOWN,
    "unverified": Verification.UNKNOWN,
    "unavailable": Verification.UNKNOWN,
    "user_managed": Verification.UNKNOWN,
    "update_required": Verification.UNKNOWN,
    "pending_manual_fulfillment": Verification.UNKNOWN,
    "new_data_available": Verification.UNKNOWN,
}


@dataclass(frozen=True)
class Verdict:
    """A state and the sentences that led to it."""

    state: Verification
    reasons: tuple[str, ...]


def vendor_verdict(word: str) -> Verification | None:
    """Return the state a vendor's word means, None for a word nobody uses."""
    return _VERDICTS.get(word.strip().lower().replace("-", "_").replace(" ", "_"))


def is_role(address: str) -> bool:
    """Return whether an address is a desk's rather than a person's."""
    return address.partition("@")[0].partition("+")[0] in _ROLES


def is_machine(address: str) -> bool:
    """Return whether nobody reads this address (RFC 2142's abuse and the like included)."""
    return address.partition("@")[0] in _MACHINES


def judge_address(
    address: str, *, vendor: str = "", mail_servers: Sequence[str] | None = None
) -> Verdict:
    """Return what is known of a syntactically valid address.

    Args:
        address: normalised.
        vendor: a `Verification` value a vendor gave, "" for none.
        mail_servers: hosts that take its domain's mail; [] for none, None for not asked.
    """
    against = _against(address, vendor, mail_servers)
    if against:
        return Verdict(Verification.INVALID, (against,))
    doubts = _doubts(address, vendor)
    if doubts:
        return Verdict(Verification.RISKY, doubts)
    proof = _proof(vendor, mail_servers)
    if proof:
        return Verdict(Verification.VALID, (proof,))
    return Verdict(Verification.UNKNOWN, ("Well formed; its domain has not been asked yet.",))


def _proof(vendor: str, mail_servers: Sequence[str] | None) -> str:
    if vendor == Verification.VALID:
        return "The file it came from says it is valid."
    return "Well formed, and its domain takes mail." if mail_servers else ""


def _against(address: str, vendor: str, mail_servers: Sequence[str] | None) -> str:
    if is_machine(address):
        return "Nobody reads this kind of address."
    if mail_servers is not None and not mail_servers:
        return "The domain takes no mail (no MX, no address)."
    return "The file it came from says it is invalid." if vendor == Verification.INVALID else ""


def _doubts(address: str, vendor: str) -> tuple[str, ...]:
    doubts = []
    if address.rpartition("@")[2] in DISPOSABLE:
        doubts.append("A throw-away mailbox.")
    if is_role(address):
        doubts.append("A role address, not a person's.")
    if vendor == Verification.RISKY:
        doubts.append("The file it came from calls it risky (accept-all, webmail or guessed).")
    return tuple(doubts)
