"""App configuration."""

from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    """Directories, opportunities and the register of backlinks."""

    name = "directory"
