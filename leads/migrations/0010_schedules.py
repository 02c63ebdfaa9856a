"""What the clock asks of the leads app."""

from typing import Any

from django.db import migrations

TASKS = {
    "Run imports that wait": ("leads.run_due_imports", 1),
    "Run bulk changes that wait": ("leads.run_due_bulk_jobs", 1),
}


def add(apps: Any, schema_editor: Any) -> None:
    """Add a row for each task, unless an operator has one already."""
    schedules = apps.get_model("django_celery_beat", "IntervalSchedule")
    tasks = apps.get_model("django_celery_beat", "PeriodicTask")
    for name, (task, minutes) in TASKS.items():
        every, _ = schedules.objects.get_or_create(every=minutes, period="minutes")
        tasks.objects.get_or_create(name=name, defaults={"task": task, "interval": every})


def remove(apps: Any, schema_editor: Any) -> None:
    """Take the rows away again."""
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name__in=TASKS).delete()


class Migration(migrations.Migration):
    """Adds the rows."""

    dependencies = [
        ("leads", "0001_initial"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(add, remove)]
