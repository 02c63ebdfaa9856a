"""App configuration."""

from importlib import import_module

from django.apps import AppConfig

from foundation.rotation import OTHERS


class AccountsConfig(AppConfig):
    """Users, agencies, memberships and clients."""

    name = "accounts"

    def ready(self) -> None:
        """Listen to allauth, and have its secrets rotated with the others."""
        import_module("accounts.receivers")
        OTHERS.append(import_module("accounts.mfa").rotate_authenticators)
