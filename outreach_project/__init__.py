"""The project: settings, URLs, Celery, the home page and what ties the apps together."""

from outreach_project.celery import app as celery_app

__all__ = ["celery_app"]
