"""Choices whose value, label and colour are declared together, and moves between them."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Self

from django.db import models

_CLASSES: "list[type[TonedChoices]]" = []


class TonedChoices(models.TextChoices):
    """Text choices with a colour: `SENT = "sent", "ok", "Sent"`.

    Tones are those of the look: "" (neutral), ok, warn, bad, info, violet, accent, mute.
    """

    tone: str

    def __init_subclass__(cls, **kwargs: object) -> None:
        """Remember the class, so that a field's colour can be found by its choices."""
        super().__init_subclass__(**kwargs)
        _CLASSES.append(cls)

    def __new__(cls, value: str, tone: str = "") -> Self:
        """Make the member with its value and remember its tone."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.tone = tone
        return member


def tone_of(choices: Iterable[tuple[object, object]], value: str) -> str:
    """Return the tone of `value` in the toned choices a model field was given."""
    return _tones(tuple(choices)).get(value, "")


@cache
def _tones(choices: tuple[tuple[object, object], ...]) -> dict[str, str]:
    for cls in _CLASSES:
        if tuple(cls.choices) == choices:
            return {member.value: member.tone for member in cls}
    return {}


class MoveError(Exception):
    """A status may not move as asked; the message says from where to where."""

    def __init__(self, noun: str, old: str, new: str) -> None:
        self.noun, self.old, self.new = noun, old, new
        super().__init__(f"A {noun} cannot move from {old} to {new}.")


Moves = Mapping[str, frozenset[str]]


def check_move(noun: str, moves: Moves, old: str, new: str) -> None:
    """Raise `MoveError` unless `moves` allows old → new."""
    if new not in moves.get(old, frozenset()):
        raise MoveError(noun, old, new)
