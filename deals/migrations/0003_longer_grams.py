from django.db import migrations

from crm.migrations import _grams_before_sought as grams


class Migration(migrations.Migration):
    dependencies = [("crm", "0008_longer_grams"), ("deals", "0002_search")]

    operations = [
        migrations.RemoveIndex("deal", "deal_grams"),
        migrations.AddIndex("deal", grams.index("name", name="deal_grams")),
    ]
