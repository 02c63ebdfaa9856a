"""App configuration."""

from importlib import import_module

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, agencies, memberships and clients."""

    name = "accounts"

    def ready(self) -> None:
        """Listen to allauth."""
        import_module("accounts.receivers")
