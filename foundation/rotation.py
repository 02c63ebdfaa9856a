"""Seals every stored secret again with the newest key, while the product works.

Each row is changed only if its ciphertext is still the one that was read, so whatever a
worker writes meanwhile stays; stopping anywhere loses nothing, the next run goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import F, Model, Value
from django.db.models.functions import Cast

from foundation.secrets import KeyMissingError, SecretField, is_current, seal, unseal

BATCH = 500


@dataclass
class Tally:
    """What became of one column's secrets."""

    name: str
    secrets: int = 0
    rotated: int = 0
    current: int = 0
    changed_meanwhile: int = 0
    lost: list[int] = field(default_factory=list)


Rotation = Callable[[bool], Tally]
# Secrets that are no column of their own: their apps add them when they start.
OTHERS: list[Rotation] = []


def secret_columns() -> Iterator[tuple[type[Model], str]]:
    """Yield every `SecretField` there is, as (model, field's name)."""
    for model in apps.get_models():
        for column in model._meta.local_concrete_fields:
            if isinstance(column, SecretField) and not model._meta.proxy:
                yield model, column.name


def rotate_all(*, dry_run: bool = False) -> Iterator[Tally]:
    """Rotate column after column; yields each one's tally."""
    for model, name in secret_columns():
        yield rotate_column(model, name, dry_run=dry_run)
    for rotation in OTHERS:
        yield rotation(dry_run)


def rotate_column(model: type[Model], name: str, *, dry_run: bool = False) -> Tally:
    """Seal one column again, in batches by primary key."""
    tally = Tally(f"{model._meta.label}.{name}")
    rows: Any = model._base_manager.annotate(sealed_=Cast(F(name), models.TextField()))
    last = 0
    while batch := list(
        rows.filter(pk__gt=last).order_by("pk").values_list("pk", "sealed_")[:BATCH]
    ):
        last = batch[-1][0]
        for pk, sealed in batch:
            if sealed:
                fresh = again(tally, pk, sealed)
                if fresh and not dry_run:
                    changed = rows.filter(pk=pk, sealed_=sealed).update(
                        **{name: Value(fresh, output_field=models.TextField())}
                    )
                    count(tally, changed=changed)
    return tally


def again(tally: Tally, pk: int, sealed: str) -> str:
    """Return a secret sealed with the newest key, or "" when there is nothing to do."""
    tally.secrets += 1
    if is_current(sealed):
        tally.current += 1
        return ""
    try:
        return seal(unseal(sealed))
    except KeyMissingError:
        tally.lost.append(pk)
        return ""


def count(tally: Tally, *, changed: int) -> None:
    """Note whether a row was still as it was read."""
    tally.rotated += bool(changed)
    tally.changed_meanwhile += not changed
