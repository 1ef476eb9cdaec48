import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("leads", "0006_signatures_and_scanners")]

    operations = [
        migrations.RemoveConstraint(model_name="behaviourevent", name="event_beyond_gives_nothing"),
        migrations.RemoveConstraint(model_name="behaviourevent", name="event_points_sane"),
        # On the way back every event has no points, until a version is activated.
        migrations.AlterField("behaviourevent", "points", models.FloatField(default=0.0, verbose_name="points")),
        migrations.RemoveField("behaviourevent", "points"),
        # On the way back every score is of the version in force.
        migrations.AlterField(
            "leadscore",
            "model",
            models.ForeignKey(
                to="leads.scoringmodel",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                db_index=False,
            ),
        ),
        migrations.RunSQL(
            migrations.RunSQL.noop,
            "UPDATE leads_leadscore SET model_id = (SELECT id FROM leads_scoringmodel WHERE status = 'active')",
        ),
        migrations.RemoveField("leadscore", "model"),
    ]
