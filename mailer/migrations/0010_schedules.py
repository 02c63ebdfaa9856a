"""When the mailer's work repeats; editable in the admin afterwards."""

from django.db import migrations

SCHEDULES = (
    ("Send what is due", "mailer.send_due", 1),
    ("Take up what dead workers left", "mailer.reap", 1),
    ("Look for uncertain e-mails in Sent folders", "mailer.reconcile_uncertain", 10),
    ("Read the inboxes", "mailer.read_inboxes", 5),
)


def create(apps, schema_editor):
    Interval = apps.get_model("django_celery_beat", "IntervalSchedule")
    Task = apps.get_model("django_celery_beat", "PeriodicTask")
    for name, task, minutes in SCHEDULES:
        every, _ = Interval.objects.get_or_create(every=minutes, period="minutes")
        # What beat could not hand to a worker in time the next round does.
        defaults = {"task": task, "interval": every, "expire_seconds": minutes * 60}
        Task.objects.update_or_create(name=name, defaults=defaults)


def remove(apps, schema_editor):
    Task = apps.get_model("django_celery_beat", "PeriodicTask")
    Task.objects.filter(name__in=[name for name, _, _ in SCHEDULES]).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("mailer", "0001_initial"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]
    operations = [migrations.RunPython(create, remove)]
