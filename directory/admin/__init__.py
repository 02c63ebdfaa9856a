"""The directory app in the admin site."""

from directory.admin import directories, links

__all__ = ["directories", "links"]
