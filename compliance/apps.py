"""App configuration."""

from django.apps import AppConfig


class ComplianceConfig(AppConfig):
    """See the package docstring."""

    name = "compliance"

    def ready(self) -> None:
        """Hear signals and register what this app holds on a person."""
        from compliance import personal_data, receivers  # noqa: F401, PLC0415  # needs the models

        personal_data.register(
            "compliance", collect=personal_data.collect_own, erase=personal_data.erase_own
        )
