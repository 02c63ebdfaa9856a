"""When the repeating work of this app runs; editable in admin afterwards."""

from django.db import migrations

SCHEDULES = (
    ("Ask the link-data provider about links", "directory.ask_second_source", "4"),
    ("Forget old provider calls and crawled hosts", "integrations.prune", "3"),
)


def create(apps, schema_editor):
    Crontab = apps.get_model("django_celery_beat", "CrontabSchedule")
    Task = apps.get_model("django_celery_beat", "PeriodicTask")
    for name, task, hour in SCHEDULES:
        crontab, _ = Crontab.objects.get_or_create(
            minute="40", hour=hour, day_of_week="*", day_of_month="*", month_of_year="*",
            timezone="UTC",
        )
        Task.objects.update_or_create(name=name, defaults={"task": task, "crontab": crontab})


def remove(apps, schema_editor):
    Task = apps.get_model("django_celery_beat", "PeriodicTask")
    Task.objects.filter(name__in=[name for name, _, _ in SCHEDULES]).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0002_providers"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]
    operations = [migrations.RunPython(create, remove)]
