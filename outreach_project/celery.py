"""The Celery application; the tables are the queues, Celery only wakes them."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outreach_project.settings")

app = Celery("outreach_project")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
