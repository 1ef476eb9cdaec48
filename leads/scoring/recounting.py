"""Give stored events their points, set-based: what `leads.scoring.counting` says of one lead, said of all at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from crm.arrays import literal
from leads.models import ScoringModel
from leads.scoring.decay import Decay

# Kind and asset to the one rule that holds: asset before phase before kind, of several phases the one that gives most.
_MATCHED = """
    matched AS MATERIALIZED (
        SELECT DISTINCT ON (kind, asset) * FROM (
            SELECT rule.id AS rule_id, rule.kind, asset.id AS asset, rule.points, rule.most_per_day,
                   rule.most_per_asset, rule.minimum_interval, rule.asset_id IS NULL AS is_wide, rule.phase
              FROM leads_behaviourrule rule
              JOIN content_asset asset
                ON rule.asset_id = asset.id
                OR (rule.asset_id IS NULL AND (rule.phase = '' OR rule.phase = ANY(asset.phases)))
             WHERE rule.model_id = %(model)s
            UNION ALL
            SELECT id, kind, 0, points, most_per_day, most_per_asset, minimum_interval, true, phase
              FROM leads_behaviourrule
             WHERE model_id = %(model)s AND asset_id IS NULL AND phase = ''
        ) rule
        ORDER BY kind, asset, is_wide, phase = '', points DESC, phase COLLATE "C" DESC
    )
"""

_PLAIN = (
    "WITH "
    + _MATCHED
    + """
    UPDATE leads_behaviourevent event
       SET points = coalesce(matched.points, 0), beyond = '', model_id = %(model)s
      FROM leads_behaviourevent same
      LEFT JOIN matched ON matched.kind = same.kind AND matched.asset = coalesce(same.asset_id, 0)
     WHERE same.id = event.id
"""
)

# Each step numbers those the step before let through: partitioned by whether it did.
_TOLD = (
    "WITH "
    + _MATCHED
    + """, ruled AS (
        SELECT event.id, event.lead_id, event.asset_id, event.occurred_at, matched.*,
               (event.occurred_at AT TIME ZONE %(zone)s)::date AS day
          FROM leads_behaviourevent event
          LEFT JOIN matched ON matched.kind = event.kind AND matched.asset = coalesce(event.asset_id, 0)
         WHERE event.withdrawn_at IS NULL {of_leads}
    ), spaced AS (
        SELECT ruled.*, coalesce(occurred_at - lag(occurred_at) OVER (
                   PARTITION BY lead_id, rule_id ORDER BY occurred_at, id
               ) < make_interval(mins => minimum_interval), false) AS is_early
          FROM ruled
    ), daily AS (
        SELECT spaced.*, NOT is_early AND coalesce(row_number() OVER (
                   PARTITION BY lead_id, rule_id, is_early, day ORDER BY occurred_at, id
               ) > most_per_day, false) AS is_over_day
          FROM spaced
    ), told AS (
        SELECT id, coalesce(points, 0) AS points,
               CASE WHEN is_early THEN 'interval'
                    WHEN is_over_day THEN 'day'
                    WHEN asset_id IS NOT NULL AND row_number() OVER (
                        PARTITION BY lead_id, rule_id, is_early, is_over_day, asset_id ORDER BY occurred_at, id
                    ) > most_per_asset THEN 'asset'
                    ELSE '' END AS beyond
          FROM daily
    )
"""
)
_LIMITED = (
    _TOLD
    + """
    UPDATE leads_behaviourevent event
       SET points = CASE WHEN told.beyond = '' THEN told.points ELSE 0 END, beyond = told.beyond, model_id = %(model)s
      FROM told
     WHERE told.id = event.id {changed}
    RETURNING event.lead_id
"""
)
_ALL = _LIMITED.format(of_leads="", changed="")
# An event without a limit has its points from the moment it came, and its neighbours change nothing.
_SOME_LIMITED = """AND event.lead_id = ANY(%(leads)s)
           AND coalesce(matched.most_per_day, matched.most_per_asset, matched.minimum_interval) IS NOT NULL"""
_CHANGED = """AND (event.points, event.beyond)
               IS DISTINCT FROM (CASE WHEN told.beyond = '' THEN told.points ELSE 0 END, told.beyond)"""
_SOME = _LIMITED.format(of_leads=_SOME_LIMITED, changed=_CHANGED)
# Those around what is new: it moves no event before it, and none later than the day on which an interval ends that
# begins with it. Where they stand in their day, and what went before, is read from before that.
_AROUND = _LIMITED.format(
    of_leads=_SOME_LIMITED + " AND event.occurred_at BETWEEN %(read_from)s AND %(until)s",
    changed=_CHANGED + " AND event.occurred_at >= %(since)s",
)
_A_DAY = timedelta(days=2)  # in any zone, also where clocks are put back

# float8 throughout: numeric power() would be ten times slower
WEIGHT = "power(%(rate)s::float8, -(extract(epoch FROM event.occurred_at - %(epoch)s)::float8 / %(period)s::float8))"
_SUMS = (
    _TOLD.format(of_leads="AND event.lead_id = ANY(%(leads)s)")
    + """
    SELECT event.lead_id, sum(told.points * """
    + WEIGHT
    + """), coalesce(sum(told.points * """
    + WEIGHT
    + """) FILTER (WHERE event.occurred_at <= own.floored_at), 0)
      FROM told
      JOIN leads_behaviourevent event ON event.id = told.id
      JOIN leads_leadscore own ON own.lead_id = event.lead_id
     WHERE told.beyond = ''
     GROUP BY event.lead_id
"""
)


def hold(leads: Iterable[int] | None) -> None:
    """Lock scores in the order of their keys (None: all), before any event of theirs: who counts, counts alone."""
    everybody = "SELECT 1 FROM leads_leadscore {} ORDER BY lead_id FOR NO KEY UPDATE"
    chosen = None if leads is None else sorted(set(leads))
    with connection.cursor() as cursor:
        if chosen is None:
            cursor.execute("SELECT count(*) FROM (" + everybody.format("") + ") held")
        elif chosen:
            cursor.execute(everybody.format("WHERE lead_id = ANY(%s)"), [chosen])


def repoint(model: ScoringModel, *, has_limits: bool) -> None:
    """Give every event the points of a model, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            _counting(_ALL) if has_limits else _PLAIN, {"model": model.pk, "zone": model.time_zone}
        )


def recount(leads: Sequence[int], model: ScoringModel, *, around: Around | None = None) -> list[int]:
    """Count the events of held leads anew, or only those `around` new ones; returns the leads with an event whose
    points changed."""
    if not leads:
        return []
    params: dict[str, Any] = {"model": model.pk, "zone": model.time_zone, "leads": literal(leads)}
    with connection.cursor() as cursor:
        cursor.execute(*((_AROUND, params | around.bounds()) if around else (_SOME, params)))
        return sorted({lead for (lead,) in cursor.fetchall()})


class Around(NamedTuple):
    """The moments of the first and the last new event, and the longest interval that a rule asks for."""

    first: datetime
    last: datetime
    interval: timedelta

    def bounds(self) -> dict[str, datetime]:
        read_from, until = self.first - self.interval - _A_DAY, self.last + self.interval + _A_DAY
        return {"read_from": read_from, "since": self.first, "until": until}


def sums(leads: Sequence[int], model: ScoringModel, decay: Decay) -> dict[int, tuple[float, float]]:
    """What leads' events would sum to under a model, and what of it lies under the floor; writes nothing."""
    params = weighing(decay) | {"model": model.pk, "zone": model.time_zone, "leads": list(leads)}
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, params)
        return {lead: (total, floor) for lead, total, floor in cursor.fetchall()}


def weighing(decay: Decay) -> dict[str, Any]:
    """What `WEIGHT` needs: the rate, the period in seconds, and the epoch."""
    return {"rate": decay.rate, "period": decay.period / timedelta(seconds=1), "epoch": decay.epoch}


def _counting(statement: str) -> str:
    """Of every event the leads are of no interest: their number will do."""
    return statement.replace("RETURNING event.lead_id", "")
