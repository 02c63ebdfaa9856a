"""How often people are told of stopped mailboxes, when they could not be told at once."""

from django.db import migrations

NAME = "Tell people of stopped mailboxes"


def create(apps, schema_editor):
    Interval = apps.get_model("django_celery_beat", "IntervalSchedule")
    Task = apps.get_model("django_celery_beat", "PeriodicTask")
    every, _ = Interval.objects.get_or_create(every=5, period="minutes")
    defaults = {"task": "mailer.tell_incidents", "interval": every, "expire_seconds": 300}
    Task.objects.update_or_create(name=NAME, defaults=defaults)


def remove(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [("mailer", "0020_trouble")]
    operations = [migrations.RunPython(create, remove)]
