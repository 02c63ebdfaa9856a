
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0040_agency_link_trap'),
        ('directory', '0032_gap_schedule'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name='backlink',
            index=models.Index(fields=['agency', 'source_domain'], name='directory_bl_prefix', opclasses=['int8_ops', 'varchar_pattern_ops']),
        ),
        migrations.AddIndex(
            model_name='backlink',
            index=models.Index(fields=['agency', 'client', '-created_at', '-id'], name='directory_bl_client'),
        ),
        migrations.AddIndex(
            model_name='backlink',
            index=models.Index(fields=['agency', 'verdict', '-created_at', '-id'], name='directory_bl_verdict'),
        ),
        migrations.AddIndex(
            model_name='backlink',
            index=models.Index(condition=models.Q(('verdict__in', ['changed', 'missing', 'not_indexable'])), fields=['agency', '-created_at', '-id'], name='directory_bl_faults'),
        ),
    ]
