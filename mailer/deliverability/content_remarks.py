"""What the look at an e-mail's content is told in."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Remark:
    """One thing remarked: its points, where it stands, what it is, what to change."""

    points: int
    place: str
    text: str
    advice: str

    @property
    def tone(self) -> str:
        """The colour of its weight."""
        return "bad" if self.points >= 4 else "warn"  # noqa: PLR2004  # points


@dataclass(frozen=True)
class Anchor:
    """A link as it is read: where it leads and what it says."""

    href: str
    label: str
