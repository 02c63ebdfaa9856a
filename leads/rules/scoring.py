"""How promising a lead is: 100 points in five parts, each with its reason."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache

from leads.enums import Tier, Verification

HOT, WARM = 70, 40
_EMAIL, _WEBSITE, _INTENT, _CONTACT, _RELEVANCE = 50, 15, 10, 10, 15
_INTENT_WORDS = (
    "write-for-us",
    "write for us",
    "guest-post",
    "guest post",
    "guestpost",
    "contribut",
    "advertise",
    "sponsored post",
    "submit-article",
    "submit article",
    "book a call",
    "book-a-call",
    "pricing",
)
_EMAIL_POINTS = {
    Verification.VALID.value: (50, "Valid address"),
    Verification.UNKNOWN.value: (35, "Well formed address, not verified yet"),
    Verification.RISKY.value: (20, "Risky address"),
    Verification.INVALID.value: (0, "Invalid address"),
}
# Domain rating from → points of the website part, beside those for having one.
_RATINGS = ((60, 7), (30, 5), (10, 3), (0, 1))


@dataclass(frozen=True)
class Facts:
    """What a score is made of."""

    verification: str  # "" when there is no address
    free_mail: bool
    has_website: bool
    domain_rating: int | None
    intent: str  # the word found, "" for none
    has_name: bool
    has_job_title: bool
    has_phone: bool
    has_linkedin: bool
    relevance: int  # 0-15, -1 when the lead has no client
    relevance_reason: str


@dataclass(frozen=True)
class Part:
    """One part of a score."""

    part: str
    points: int
    of: int
    reason: str


@lru_cache(maxsize=8192)
def score_parts(facts: Facts) -> tuple[Part, ...]:
    """Return the five parts of a score, in the order they are shown."""
    return (
        _email(facts),
        _website(facts),
        _intent(facts),
        _contact(facts),
        _relevance(facts),
    )


def plain_parts(parts: Sequence[Part]) -> list[dict[str, object]]:
    """Return parts as they are stored."""
    return [asdict(part) for part in parts]


def total(parts: Sequence[Part]) -> int:
    """Return the score, 0 to 100."""
    return sum(part.points for part in parts)


def tier(score: int) -> Tier:
    """Return hot from 70, warm from 40, cold below."""
    if score >= HOT:
        return Tier.HOT
    return Tier.WARM if score >= WARM else Tier.COLD


def intent_word(texts: Sequence[str]) -> str:
    """Return the first sign in `texts` that the site takes guest posts or custom."""
    lowered = " ".join(texts).lower()
    return next((word for word in _INTENT_WORDS if word in lowered), "")


def relevance(
    *, topics: Sequence[str], regions: Sequence[str], country: str, texts: Sequence[str]
) -> tuple[int, str]:
    """Return 0 to 15 points for how near a site is to a client, and why."""
    lowered = " ".join(texts).lower()
    topic = next((topic for topic in topics if topic and topic.lower() in lowered), "")
    near = bool(country) and country.upper() in {region.upper() for region in regions}
    reasons = []
    if topic:
        reasons.append(f"mentions {topic}")
    if near:
        reasons.append("is in one of the client's countries")
    points = (10 if topic else 0) + (5 if near else 0)
    sentence = " and ".join(reasons) if reasons else "nothing found in common yet"
    return points, sentence[:1].upper() + sentence[1:]


def _email(facts: Facts) -> Part:
    if not facts.verification:
        return Part("E-mail", 0, _EMAIL, "No address")
    points, reason = _EMAIL_POINTS[facts.verification]
    if facts.free_mail and points:
        points, reason = points * 4 // 5, f"{reason}, at a free mail provider"
    return Part("E-mail", points, _EMAIL, reason)


def _website(facts: Facts) -> Part:
    if not facts.has_website:
        return Part("Website", 0, _WEBSITE, "No website")
    if facts.domain_rating is None:
        return Part("Website", 8, _WEBSITE, "Website known, domain rating unknown")
    more = next(points for least, points in _RATINGS if facts.domain_rating >= least)
    return Part("Website", 8 + more, _WEBSITE, f"Domain rating {facts.domain_rating}")


def _intent(facts: Facts) -> Part:
    if facts.intent:
        return Part("Intent", _INTENT, _INTENT, f"Found “{facts.intent}”")
    return Part("Intent", 0, _INTENT, "No sign of guest posts or booking seen yet")


def _contact(facts: Facts) -> Part:
    known = {
        "name": 4 if facts.has_name else 0,
        "job title": 2 if facts.has_job_title else 0,
        "phone": 2 if facts.has_phone else 0,
        "LinkedIn": 2 if facts.has_linkedin else 0,
    }
    names = [name for name, points in known.items() if points]
    reason = f"Known: {', '.join(names)}" if names else "Nothing known of a person"
    return Part("Contact details", sum(known.values()), _CONTACT, reason)


def _relevance(facts: Facts) -> Part:
    if facts.relevance < 0:
        return Part("Relevance", 0, _RELEVANCE, "No client chosen")
    return Part("Relevance", facts.relevance, _RELEVANCE, facts.relevance_reason)
