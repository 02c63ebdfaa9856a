"""When domains are looked at again and retired signing keys are forgotten."""

from django.db import migrations

DAY, WEEK = 24 * 60, 7 * 24 * 60
SCHEDULES = (
    ("Look up the mailboxes' domains", "mailer.check_deliverability", WEEK),
    ("Forget retired signing keys", "mailer.retire_dkim_keys", DAY),
)


def create(apps, schema_editor):
    Interval = apps.get_model("django_celery_beat", "IntervalSchedule")
    Task = apps.get_model("django_celery_beat", "PeriodicTask")
    for name, task, minutes in SCHEDULES:
        every, _ = Interval.objects.get_or_create(every=minutes, period="minutes")
        Task.objects.update_or_create(name=name, defaults={"task": task, "interval": every})


def remove(apps, schema_editor):
    Task = apps.get_model("django_celery_beat", "PeriodicTask")
    Task.objects.filter(name__in=[name for name, _, _ in SCHEDULES]).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("mailer", "0050_deliverability"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]
    operations = [migrations.RunPython(create, remove)]
