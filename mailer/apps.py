"""App configuration."""

from django.apps import AppConfig


class MailerConfig(AppConfig):
    """See the package docstring."""

    name = "mailer"

    def ready(self) -> None:
        """Start listening to the other apps, and say what is held on a person."""
        import mailer.receivers  # noqa: F401, PLC0415  # models must be loaded first
        from compliance.personal_data import register  # noqa: PLC0415
        from mailer.personal_data import collect, erase  # noqa: PLC0415

        register("mailer", collect=collect, erase=erase)
