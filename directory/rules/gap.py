"""How strong a gap is, in numbers and in words."""

import math
from dataclasses import dataclass

# What the score of 100 is made of.
_SHARED, _RATING, _FOLLOWED, _LINKS = 45, 35, 10, 10
# So many links count in full.
_MANY = 1000


@dataclass(frozen=True)
class Strength:
    """A score of 0 to 100 and the reasons for it."""

    score: int
    reasons: list[str]


def gap_strength(  # five numbers of one row
    competitors: int, of: int, rating: int, links: int, dofollow: int
) -> Strength:
    """Rate a domain: how many competitors it links to, how strong it is, how it links.

    Args:
        competitors: how many of the competitors it links to.
        of: how many competitors were compared.
        rating: domain rating 0–100, 0 when not known.
        links: its links to them.
        dofollow: how many of those pass authority.
    """
    shared = _SHARED * competitors / max(of, 1)
    strong = _RATING * rating / 100
    followed = _FOLLOWED * dofollow / max(links, 1)
    many = _LINKS * min(1.0, math.log10(links + 1) / math.log10(_MANY + 1))
    reasons = [f"Links to {competitors} of {of} competitor{'s' if of != 1 else ''}"]
    reasons.append(f"Domain rating {rating}" if rating else "Domain rating not known")
    reasons.append(f"{dofollow:,} of {links:,} link{'s' if links != 1 else ''} dofollow")
    return Strength(round(shared + strong + followed + many), reasons)


def gap_relevance(score: int) -> int:
    """Return the relevance of 1 to 10 that a gap's score stands for."""
    return max(1, min(10, round(score / 10)))
