"""When visits are stored; and the place of those stored before stories were told."""

from django.db import migrations

SCHEDULES = (
    ("Store opens and clicks", "mailer.drain_spool", 1, "minutes", 60),
    ("Forget spool files long gone", "mailer.forget_spools", 1, "days", 86400),
)


def create(apps, schema_editor):
    Interval = apps.get_model("django_celery_beat", "IntervalSchedule")
    Task = apps.get_model("django_celery_beat", "PeriodicTask")
    for name, task, number, period, expires in SCHEDULES:
        every, _ = Interval.objects.get_or_create(every=number, period=period)
        defaults = {"task": task, "interval": every, "expire_seconds": expires}
        Task.objects.update_or_create(name=name, defaults=defaults)
    events = apps.get_model("mailer", "MessageEvent").objects
    events.filter(kind__in=["opened", "clicked"], nth=0).update(nth=1)


def remove(apps, schema_editor):
    Task = apps.get_model("django_celery_beat", "PeriodicTask")
    Task.objects.filter(name__in=[name for name, *_ in SCHEDULES]).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("mailer", "0040_visits"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]
    operations = [migrations.RunPython(create, remove)]
