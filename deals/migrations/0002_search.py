from django.db import migrations

from crm.migrations import _grams_before_sought as grams


class Migration(migrations.Migration):
    dependencies = [("crm", "0004_search"), ("deals", "0001_initial")]

    operations = [migrations.AddIndex("deal", grams.index("name", name="deal_grams"))]
