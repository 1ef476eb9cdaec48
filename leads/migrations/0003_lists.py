from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("leads", "0002_capture_and_quality")]

    operations = [migrations.AddIndex("lead", models.Index(fields=["source"], name="lead_source"))]
