import crm.grams
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.functions.text
from django.db import migrations, models


# What made the same text for each look.
FOLDED = """
CREATE FUNCTION crm_folded(told text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 20 AS $$
BEGIN
    IF told IS NFKC NORMALIZED THEN
        RETURN lower(told);
    END IF;
    RETURN lower(normalize(told, NFKC));
END
$$
"""


class Migration(migrations.Migration):

    dependencies = [
        ('crm', '0009_lists_by_name'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='account',
            name='account_grams',
        ),
        migrations.RemoveIndex(
            model_name='contact',
            name='contact_grams',
        ),
        migrations.AddField(
            model_name='account',
            name='sought',
            field=models.GeneratedField(db_persist=True, expression=models.Func(django.db.models.functions.text.Concat(models.Value(' '), models.F('name'), models.Value(' '), models.F('domain'), output_field=models.TextField()), output_field=models.TextField(), template='lower(normalize(%(expressions)s, NFKC))'), output_field=crm.grams.Text()),
        ),
        migrations.AddField(
            model_name='contact',
            name='sought',
            field=models.GeneratedField(db_persist=True, expression=models.Func(django.db.models.functions.text.Concat(models.Value(' '), models.F('last_name'), models.F('first_name'), models.Value(' '), models.F('first_name'), models.Value(' '), models.F('email'), output_field=models.TextField()), output_field=models.TextField(), template='lower(normalize(%(expressions)s, NFKC))'), output_field=crm.grams.Text()),
        ),
        migrations.AddIndex(
            model_name='account',
            index=django.contrib.postgres.indexes.GinIndex(models.Func(models.F('sought'), function='crm_grams', output_field=django.contrib.postgres.search.SearchVectorField()), gin_pending_list_limit=256, name='account_grams'),
        ),
        migrations.AddIndex(
            model_name='contact',
            index=django.contrib.postgres.indexes.GinIndex(models.Func(models.F('sought'), function='crm_grams', output_field=django.contrib.postgres.search.SearchVectorField()), gin_pending_list_limit=256, name='contact_grams'),
        ),
        migrations.RunSQL("DROP FUNCTION crm_folded(text)", FOLDED),
    ]
