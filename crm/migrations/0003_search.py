import crm.grams
from django.db import migrations, models

# The pairs of neighbouring characters of a text, each once.
GRAMS = """
CREATE FUNCTION crm_grams(told text) RETURNS text[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ARRAY(SELECT DISTINCT substr(told, place, 2) FROM generate_series(1, length(told) - 1) AS place)
"""


class Migration(migrations.Migration):
    dependencies = [("crm", "0002_capture_and_quality")]

    operations = [
        migrations.AddIndex("account", models.Index(fields=["name", "id"], name="account_name")),
        migrations.RunSQL(GRAMS, "DROP FUNCTION crm_grams(text)"),
        migrations.AddIndex("account", crm.grams.index("name", "domain", name="account_grams")),
        migrations.AddIndex(
            "contact",
            crm.grams.index("last_name", "+first_name", "first_name", "email", name="contact_grams"),
        ),
    ]
