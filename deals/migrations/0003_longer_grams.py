import crm.grams
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("crm", "0008_longer_grams"), ("deals", "0002_search")]

    operations = [
        migrations.RemoveIndex("deal", "deal_grams"),
        migrations.AddIndex("deal", crm.grams.index("name", name="deal_grams")),
    ]
