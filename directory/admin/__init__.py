"""The directory app in the admin site."""

from directory.admin import directories, gaps, links

__all__ = ["directories", "gaps", "links"]
