"""Where the first migration finds the encrypted columns."""

from foundation.secrets import SecretField

__all__ = ["SecretField"]
