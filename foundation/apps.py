"""App configuration."""

from django.apps import AppConfig


class FoundationConfig(AppConfig):
    """The floor under every app."""

    name = "foundation"
