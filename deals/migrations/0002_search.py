import crm.grams
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("crm", "0004_search"), ("deals", "0001_initial")]

    operations = [migrations.AddIndex("deal", crm.grams.index("name", name="deal_grams"))]
