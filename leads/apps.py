"""App configuration."""

from django.apps import AppConfig


class LeadsConfig(AppConfig):
    """See the package docstring."""

    name = "leads"

    def ready(self) -> None:
        """Listen to compliance, and say what is held on a person."""
        from compliance.personal_data import register  # noqa: PLC0415  # models must be loaded first
        from leads import receivers  # noqa: F401, PLC0415
        from leads.personal_data import collect, erase  # noqa: PLC0415

        register("leads", collect=collect, erase=erase)
