"""Two functions of the database: the text of a model's rules, and that of the rules in force under their lock.

Within one statement the lock and the reading would see the same moment, which is the one before the lock was had. Each
statement of a volatile function sees what is committed by then.
"""

from django.db import migrations

TEXT = """
CREATE FUNCTION leads_rules(chosen bigint) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT json_build_object(
        'model', json_build_object('id', model.id, 'version', model.version, 'status', model.status, 'rate', model.rate,
            'period_days', model.period_days, 'epoch', model.epoch, 'time_zone', model.time_zone),
        'behaviour', (SELECT json_agg(json_build_array(rule.kind, asset.slug, rule.points, rule.phase,
                rule.most_per_day, rule.most_per_asset, rule.minimum_interval) ORDER BY rule.id)
            FROM leads_behaviourrule rule LEFT JOIN content_asset asset ON asset.id = rule.asset_id
           WHERE rule.model_id = model.id),
        'fit', (SELECT json_agg(json_build_array(rule.attribute, rule.operator, rule.values, rule.points,
                rule.unknown_points) ORDER BY rule.id) FROM leads_fitrule rule WHERE rule.model_id = model.id),
        'grades', (SELECT json_agg(json_build_array(grade, min_points, factor) ORDER BY id)
            FROM leads_fitgrade WHERE model_id = model.id),
        'disqualifiers', (SELECT json_agg(json_build_array(kind, values) ORDER BY id)
            FROM leads_disqualifier WHERE model_id = model.id),
        'segments', (SELECT json_agg(segment_id ORDER BY segment_id)
            FROM leads_mqldefinition WHERE in_force AND segment_id IS NOT NULL)
    )::text
      FROM leads_scoringmodel model WHERE model.id = chosen);
END $$
"""
HELD = """
CREATE FUNCTION leads_rules_held(lock integer, plans text) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(lock, 0), set_config('plan_cache_mode', plans, true);
    RETURN (SELECT leads_rules(id) FROM leads_scoringmodel WHERE status = 'active');
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("leads", "0007_points_follow_from_rules"), ("content", "__first__")]

    operations = [
        migrations.RunSQL(TEXT, "DROP FUNCTION leads_rules(bigint)"),
        migrations.RunSQL(HELD, "DROP FUNCTION leads_rules_held(integer, text)"),
    ]
