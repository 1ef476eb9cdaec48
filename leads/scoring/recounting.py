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

_CHANGED = ", changed AS (SELECT * FROM told WHERE (had, was) IS DISTINCT FROM (points, beyond))"
# An event that a limit asks of goes through three steps; each numbers those the step before let through, and is
# partitioned by whether it did. Any other has its points at once; so has one that was withdrawn, should it come back.
_TOLD = (
    "WITH "
    + _MATCHED
    + """, ruled AS (
        SELECT event.id, event.lead_id, event.asset_id, event.occurred_at, event.points AS had, event.beyond AS was,
               event.withdrawn_at IS NULL AS counts, coalesce(matched.points, 0) AS points, rule_id, most_per_day,
               most_per_asset, minimum_interval,
               event.withdrawn_at IS NULL
               AND coalesce(most_per_day, most_per_asset, minimum_interval) IS NOT NULL AS is_limited
          FROM leads_behaviourevent event
          LEFT JOIN matched ON matched.kind = event.kind AND matched.asset = coalesce(event.asset_id, 0)
         WHERE {of_events}
    ), spaced AS (
        SELECT ruled.*, (occurred_at AT TIME ZONE %(zone)s)::date AS day,
               coalesce(occurred_at - lag(occurred_at) OVER (
                   PARTITION BY lead_id, rule_id ORDER BY occurred_at, id
               ) < make_interval(mins => minimum_interval), false) AS is_early
          FROM ruled WHERE is_limited
    ), daily AS (
        SELECT spaced.*, NOT is_early AND coalesce(row_number() OVER (
                   PARTITION BY lead_id, rule_id, is_early, day ORDER BY occurred_at, id
               ) > most_per_day, false) AS is_over_day
          FROM spaced
    ), judged AS (
        SELECT daily.*,
               CASE WHEN is_early THEN 'interval'
                    WHEN is_over_day THEN 'day'
                    WHEN {is_over_asset} THEN 'asset'
                    ELSE '' END AS beyond
          FROM daily
    ), told AS (
        SELECT id, lead_id, occurred_at, counts, had, was, beyond,
               CASE WHEN beyond = '' THEN points ELSE 0 END AS points
          FROM judged
        UNION ALL
        SELECT id, lead_id, occurred_at, counts, had, was, '', points FROM ruled WHERE NOT is_limited
    )
"""
    + _CHANGED
)
# Where the limits are what they were, so is what lies beyond them; only points may be others.
_REVALUED = (
    "WITH "
    + _MATCHED
    + """, told AS (
        SELECT event.id, event.lead_id, event.occurred_at, event.withdrawn_at IS NULL AS counts, event.points AS had,
               event.beyond AS was, event.beyond, CASE WHEN event.beyond = '' THEN coalesce(matched.points, 0) ELSE 0
               END AS points
          FROM leads_behaviourevent event
          LEFT JOIN matched ON matched.kind = event.kind AND matched.asset = coalesce(event.asset_id, 0)
         WHERE event.lead_id = ANY(%(leads)s)
    )
"""
    + _CHANGED
)
_OVER_ASSET = """asset_id IS NOT NULL AND row_number() OVER (
                        PARTITION BY lead_id, rule_id, is_early, is_over_day, asset_id ORDER BY occurred_at, id
                    ) > most_per_asset"""
# Only what is under a limit; the few that change are looked up by their keys, however many events there are.
_OF_LIMITED = """event.lead_id = ANY(%(leads)s) AND event.withdrawn_at IS NULL
           AND coalesce(most_per_day, most_per_asset, minimum_interval) IS NOT NULL"""
_LIMITED = (
    _TOLD
    + """
    UPDATE leads_behaviourevent event SET points = changed.points, beyond = changed.beyond
      FROM changed
     WHERE event.id = changed.id AND event.id = ANY(ARRAY(SELECT id FROM changed WHERE {since}))
    RETURNING event.lead_id
"""
)
_SOME = _LIMITED.format(of_events=_OF_LIMITED, is_over_asset=_OVER_ASSET, since="true")
# Those around what is new: it moves no event before it, and none later than the day on which an interval ends that
# begins with it. Where they stand in their day, and what went before, is read from before that. How often an asset
# counted is of all time: see `versions.recount`, which does not come here then.
_AROUND = _LIMITED.format(
    of_events=_OF_LIMITED + " AND event.occurred_at BETWEEN %(read_from)s AND %(until)s",
    is_over_asset="false",
    since="occurred_at >= %(since)s",
)
_A_DAY = timedelta(days=2)  # in any zone, also where clocks are put back

# float8 throughout: numeric power() would be ten times slower
WEIGHT = "power(%(rate)s::float8, -(extract(epoch FROM event.occurred_at - %(epoch)s)::float8 / %(period)s::float8))"
# What the events of a lead sum to, and what of it lies under the floor.
_SUM = f"""
    SELECT own.lead_id, coalesce(sum(event.points * {WEIGHT}), 0) AS engagement,
           coalesce(sum(event.points * {WEIGHT}) FILTER (WHERE event.occurred_at <= own.floored_at), 0) AS floor
      FROM leads_leadscore own
      LEFT JOIN {{events}} event ON event.lead_id = own.lead_id AND {{counts}}
     WHERE {{of_leads}}
     GROUP BY own.lead_id
"""
_WRITE_SUM = """
    UPDATE leads_leadscore score
       SET engagement = fresh.engagement, floor = fresh.floor, model_id = %(model)s
      FROM ({fresh}) fresh
     WHERE fresh.lead_id = score.lead_id AND score.lead_id = ANY(%(leads)s)
"""
_SOME_LEADS = "own.lead_id = ANY(%(leads)s)"
_SUM_TOLD = _SUM.format(events="told", counts="event.counts", of_leads=_SOME_LEADS)
_SUM_STORED = _SUM.format(
    events="leads_behaviourevent", counts="event.withdrawn_at IS NULL", of_leads=_SOME_LEADS
)
_ALL_TOLD = _TOLD.format(of_events="event.lead_id = ANY(%(leads)s)", is_over_asset=_OVER_ASSET)
_SUMS = _ALL_TOLD + _SUM_TOLD
_RESUM = _WRITE_SUM.format(fresh=_SUM_STORED)
# Both at once: events that give something else now are written, and every sum follows from what was told.
_WRITE_BOTH = """, written AS (
        UPDATE leads_behaviourevent event SET points = changed.points, beyond = changed.beyond
          FROM changed WHERE event.id = changed.id AND event.id = ANY(ARRAY(SELECT id FROM changed))
    )
""" + _WRITE_SUM.format(fresh=_SUM_TOLD)
_RESCORE = _ALL_TOLD + _WRITE_BOTH
_REVALUE = _REVALUED + _WRITE_BOTH


def hold(leads: Iterable[int]) -> None:
    """Lock scores in the order of their keys: who counts the events of a lead, counts alone."""
    chosen = sorted(set(leads))
    if chosen:
        _run(
            "SELECT 1 FROM leads_leadscore WHERE lead_id = ANY(%(leads)s) ORDER BY lead_id FOR NO KEY UPDATE",
            {"leads": literal(chosen)},
        )


def rescore(leads: Sequence[int], model: ScoringModel, decay: Decay, *, keeps_limits: bool) -> None:
    """Give every event of held leads the points of a model, and the leads their sums, in one statement."""
    _run(_REVALUE if keeps_limits else _RESCORE, _params(leads, model) | weighing(decay))


def resum(leads: Sequence[int], model: ScoringModel, decay: Decay) -> None:
    """Sum the points of events anew. Never subtract: that loses digits."""
    _run(_RESUM, _params(leads, model) | weighing(decay))


def recount(leads: Sequence[int], model: ScoringModel, *, around: Around | None = None) -> list[int]:
    """Count the events of held leads anew, or only those `around` new ones; returns the leads with an event whose
    points changed."""
    if not leads:
        return []
    params = _params(leads, model)
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
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, _params(leads, model) | weighing(decay))
        return {lead: (total, floor) for lead, total, floor in cursor.fetchall()}


def _params(leads: Sequence[int], model: ScoringModel) -> dict[str, Any]:
    return {"model": model.pk, "zone": model.time_zone, "leads": literal(leads)}


def weighing(decay: Decay) -> dict[str, Any]:
    """What `WEIGHT` needs: the rate, the period in seconds, and the epoch."""
    return {"rate": decay.rate, "period": decay.period / timedelta(seconds=1), "epoch": decay.epoch}


def _run(statement: str, params: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
