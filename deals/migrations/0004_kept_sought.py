import crm.grams
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('crm', '0010_kept_sought'),
        ('deals', '0003_longer_grams'),
        ('leads', '0011_findings_are_kept'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='deal',
            name='deal_grams',
        ),
        migrations.AddField(
            model_name='deal',
            name='sought',
            field=models.GeneratedField(db_persist=True, expression=models.Func(django.db.models.functions.text.Concat(models.Value(' '), models.F('name'), output_field=models.TextField()), output_field=models.TextField(), template='lower(normalize(%(expressions)s, NFKC))'), output_field=crm.grams.Text()),
        ),
        migrations.AddIndex(
            model_name='deal',
            index=django.contrib.postgres.indexes.GinIndex(models.Func(models.F('sought'), function='crm_grams', output_field=django.contrib.postgres.search.SearchVectorField()), gin_pending_list_limit=256, name='deal_grams'),
        ),
    ]
