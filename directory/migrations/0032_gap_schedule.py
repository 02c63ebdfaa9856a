"""What the clock asks of the gap searches."""

from typing import Any

from django.db import migrations

NAME = "Run gap searches that wait"


def add(apps: Any, schema_editor: Any) -> None:
    """Add the row, unless an operator has one already."""
    schedules = apps.get_model("django_celery_beat", "IntervalSchedule")
    every, _ = schedules.objects.get_or_create(every=1, period="minutes")
    apps.get_model("django_celery_beat", "PeriodicTask").objects.get_or_create(
        name=NAME, defaults={"task": "directory.run_due_gaps", "interval": every}
    )


def remove(apps: Any, schema_editor: Any) -> None:
    """Take the row away again."""
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    """Adds the row."""

    dependencies = [
        ("directory", "0031_gaps"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(add, remove)]
