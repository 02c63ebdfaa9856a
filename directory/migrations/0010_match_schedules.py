"""What the clock asks of the directory app: searches for opportunities."""

from typing import Any

from django.db import migrations

TASKS = {
    "Run searches for opportunities that wait": ("directory.run_due_searches", 1, "minutes"),
    "Search for new opportunities": ("directory.match_opportunities", 1, "days"),
}


def add(apps: Any, schema_editor: Any) -> None:
    """Add a row for each task, unless an operator has one already."""
    schedules = apps.get_model("django_celery_beat", "IntervalSchedule")
    tasks = apps.get_model("django_celery_beat", "PeriodicTask")
    for name, (task, number, period) in TASKS.items():
        every, _ = schedules.objects.get_or_create(every=number, period=period)
        tasks.objects.get_or_create(name=name, defaults={"task": task, "interval": every})


def remove(apps: Any, schema_editor: Any) -> None:
    """Take the rows away again."""
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name__in=TASKS).delete()


class Migration(migrations.Migration):
    """Adds the rows."""

    dependencies = [
        ("directory", "0001_initial"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(add, remove)]
