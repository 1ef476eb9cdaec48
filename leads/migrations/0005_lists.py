from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("leads", "0004_lean_events")]

    operations = [migrations.AddIndex("lead", models.Index(fields=["source"], name="lead_source"))]
