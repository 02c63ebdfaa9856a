"""What a person says about themselves."""

from collections.abc import Mapping
from typing import Any

from accounts.models import User


def introduce_user(*, user: User, name: str, wanted_agency: str = "") -> None:
    """Store what sign-up asked: the person's name and the agency they want to found."""
    user.name = name
    user.wanted_agency = wanted_agency
    user.save(update_fields=["name", "wanted_agency"])


def change_preferences(*, user: User, changes: Mapping[str, Any]) -> None:
    """Store a person's own settings."""
    for field, value in changes.items():
        setattr(user, field, value)
    user.save(update_fields=list(changes))
