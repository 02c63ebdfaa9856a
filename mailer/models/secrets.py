"""Encrypted columns for passwords that are written once and never shown again."""

from typing import TYPE_CHECKING, Any

from encrypted_fields.fields import EncryptedTextField

if TYPE_CHECKING:
    from django.db import models

    _Encrypted = models.TextField[str, str]
else:
    _Encrypted = EncryptedTextField


class SecretField(_Encrypted):
    """Text encrypted at rest; empty stays the empty string instead of NULL."""

    def get_prep_value(self, value: Any) -> str:
        """Return the ciphertext, or "" for nothing."""
        return super().get_prep_value(value) or ""

    def clean(self, value: Any, model_instance: Any) -> Any:
        """Validate without the library's flag, which all threads would share."""
        self.validate(value, model_instance)
        self.run_validators(value)
        return value
