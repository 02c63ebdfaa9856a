"""Secrets at rest: sealed with the newest key, opened with any key still known.

Each of SECRET_KEY and SECRET_KEY_FALLBACKS with each salt of SALT_KEY makes one Fernet key
(PBKDF2-SHA256, as django-fernet-encrypted-fields derives it); the first of each seals.
"""

import base64
import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from encrypted_fields.fields import EncryptedTextField

if TYPE_CHECKING:
    from django.db import models

    _Encrypted = models.TextField[str, str]
else:
    _Encrypted = EncryptedTextField

_ROUNDS = 100_000
# How every Fernet token begins: version 0x80 and a date before the year 36812.
_START = "gAAAA"


class KeyMissingError(Exception):
    """A secret was sealed with a key this installation no longer has."""


class Secret(str):
    """A secret in the clear, that does not show itself in tracebacks."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'[hidden]'"


class LostSecret(Secret):
    """A stored secret whose key is missing: empty, but it keeps what is stored."""

    sealed: str

    def __new__(cls, sealed: str) -> Self:
        """Keep the ciphertext, so that saving the row does not lose it."""
        made = super().__new__(cls, "")
        made.sealed = sealed
        return made


@lru_cache(maxsize=8)
def _ring(keys: tuple[str, ...], salts: tuple[str, ...]) -> tuple[Fernet, ...]:
    def derived(key: str, salt: str) -> bytes:
        return hashlib.pbkdf2_hmac("sha256", key.encode(), salt.encode(), _ROUNDS, 32)

    pairs = [(key, salt) for key in keys for salt in salts]
    return tuple(Fernet(base64.urlsafe_b64encode(derived(*pair))) for pair in pairs)


def _keys() -> tuple[Fernet, ...]:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return _ring(keys, tuple(settings.SALT_KEY))


def seal(text: str) -> str:
    """Return text encrypted with the newest key."""
    return _keys()[0].encrypt(text.encode()).decode()


def unseal(sealed: str) -> Secret:
    """Return what was sealed; raises `KeyMissingError`."""
    for key in _keys():
        try:
            return Secret(key.decrypt(sealed.encode()).decode())
        except InvalidToken:
            continue
    raise KeyMissingError("The key this was encrypted with is missing.")


def is_sealed(text: str) -> bool:
    """Return whether text looks as `seal` writes it."""
    return text.startswith(_START)


def is_current(sealed: str) -> bool:
    """Return whether the newest key alone opens it."""
    try:
        _keys()[0].decrypt(sealed.encode())
    except InvalidToken:
        return False
    return True


class SecretField(_Encrypted):
    """Text encrypted at rest; empty stays the empty string instead of NULL.

    A value whose key is missing reads as `LostSecret`, which is empty.
    """

    def get_prep_value(self, value: Any) -> str:
        """Return the ciphertext, or "" for nothing."""
        if isinstance(value, LostSecret):
            return value.sealed
        return seal(str(value)) if value else ""

    def from_db_value(self, value: Any, *_: Any) -> str:
        """Return the secret, or a `LostSecret`."""
        if not value:
            return ""
        try:
            return unseal(value)
        except KeyMissingError:
            return LostSecret(value)

    def to_python(self, value: Any) -> Any:
        """Read what `value_to_string` wrote; everything else is in the clear."""
        if isinstance(value, str) and not isinstance(value, Secret) and is_sealed(value):
            return self.from_db_value(value)
        return value

    def value_to_string(self, obj: Any) -> str:
        """Return the ciphertext: `dumpdata` shows no secret."""
        return self.get_prep_value(self.value_from_object(obj))

    def clean(self, value: Any, model_instance: Any) -> Any:
        """Validate without the library's flag, which all threads would share."""
        self.validate(value, model_instance)
        self.run_validators(value)
        return value
