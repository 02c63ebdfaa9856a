"""App configuration."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class OutreachProjectConfig(AppConfig):
    """The project's own commands, home page and admin site."""

    name = "outreach_project"


class BackstageConfig(AdminConfig):
    """Django's admin, with our site as the one everything registers with."""

    default_site = "outreach_project.backstage.BackstageSite"
