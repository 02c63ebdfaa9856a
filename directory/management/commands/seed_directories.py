"""Add the starter directories that are not there yet."""

from typing import Any

from django.core.management.base import BaseCommand

from directory.services.directories import seed_directories


class Command(BaseCommand):
    """`seed_directories`; may run as often as one likes."""

    help = "Add the starter directories that are missing; what is there is never changed."

    def handle(self, **options: Any) -> None:
        """Add them and say how many."""
        self.stdout.write(f"{seed_directories()} directories added.")
