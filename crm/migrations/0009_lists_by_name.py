from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm", "0008_longer_grams")]

    operations = [
        migrations.AddIndex("contact", models.Index(fields=["last_name", "id"], name="contact_last_name"))
    ]
