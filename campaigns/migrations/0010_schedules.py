"""What the clock asks of the campaigns app; editable in admin afterwards."""

from django.db import migrations

# (name, task, every, period)
SCHEDULES = [
    ("Compose due e-mails", "campaigns.compose_due", 1, "minutes"),
    ("Resume paused enrolments", "campaigns.resume_paused", 5, "minutes"),
    ("Complete finished enrolments", "campaigns.complete_finished", 10, "minutes"),
    ("Enrol what waits", "campaigns.enrol_waiting", 1, "minutes"),
]


def add(apps, schema_editor):
    Interval = apps.get_model("django_celery_beat", "IntervalSchedule")
    Task = apps.get_model("django_celery_beat", "PeriodicTask")
    for name, task, every, period in SCHEDULES:
        interval, _ = Interval.objects.get_or_create(every=every, period=period)
        Task.objects.get_or_create(name=name, defaults={"task": task, "interval": interval})


def remove(apps, schema_editor):
    Task = apps.get_model("django_celery_beat", "PeriodicTask")
    Task.objects.filter(name__in=[row[0] for row in SCHEDULES]).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0001_initial"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(add, remove)]
