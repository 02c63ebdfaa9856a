"""App configuration."""

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    """See the package docstring."""

    name = "campaigns"

    def ready(self) -> None:
        """Listen to the apps below; say what is held on a person."""
        from campaigns import receivers  # noqa: F401, PLC0415  # models must be loaded first
        from campaigns.personal_data import collect, erase  # noqa: PLC0415
        from campaigns.services.invariants import broken_sequences  # noqa: PLC0415
        from compliance.personal_data import register  # noqa: PLC0415
        from mailer.services.invariants import also_check  # noqa: PLC0415

        register("campaigns", collect=collect, erase=erase)
        also_check(broken_sequences)
