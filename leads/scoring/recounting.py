"""Count stored events, set-based: what `leads.scoring.counting` says of one lead, said of many at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from crm.arrays import literal
from leads.scoring.decay import Decay
from leads.scoring.reading import Rules
from leads.scoring.worth import SPECIAL, worth_under

# An event that a limit asks of goes through three steps; each numbers those the step before let through, and is
# partitioned by whether it did. Any other is beyond none; so is one that was withdrawn, should it come back.
_TOLD = f"""
    WITH ruled AS (
        SELECT event.id, event.lead_id, event.asset_id, event.occurred_at, event.beyond AS was,
               event.withdrawn_at IS NULL AS counts, coalesce(rule.points, 0) AS points, rule.id AS rule_id,
               rule.most_per_day, rule.most_per_asset, rule.minimum_interval,
               event.withdrawn_at IS NULL
               AND coalesce(rule.most_per_day, rule.most_per_asset, rule.minimum_interval) IS NOT NULL AS is_limited
          FROM leads_behaviourevent event {SPECIAL}
          LEFT JOIN leads_behaviourrule of_kind ON of_kind.model_id = %(model)s AND of_kind.kind = event.kind
                AND of_kind.asset_id IS NULL AND of_kind.phase = ''
          LEFT JOIN leads_behaviourrule rule ON rule.id = coalesce(special.id, of_kind.id)
         WHERE event.lead_id = ANY(%(leads)s) AND {{of_events}}
    ), spaced AS (
        SELECT ruled.*, (occurred_at AT TIME ZONE %(zone)s)::date AS day,
               coalesce(occurred_at - lag(occurred_at) OVER (
                   PARTITION BY lead_id, rule_id ORDER BY occurred_at, id
               ) < make_interval(mins => minimum_interval), false) AS is_early
          FROM ruled {{limited}}
    ), daily AS (
        SELECT spaced.*, NOT is_early AND coalesce(row_number() OVER (
                   PARTITION BY lead_id, rule_id, is_early, day ORDER BY occurred_at, id
               ) > most_per_day, false) AS is_over_day
          FROM spaced
    ), judged AS (
        SELECT daily.*,
               CASE WHEN is_early THEN 'interval'
                    WHEN is_over_day THEN 'day'
                    WHEN {{is_over_asset}} THEN 'asset'
                    ELSE '' END AS beyond
          FROM daily
    ), told AS (
        SELECT id, lead_id, occurred_at, counts, was, beyond, points FROM judged {{others}}
    )
"""
# Where any are read: withdrawn ones, and those of kinds without a limit, stand apart.
_APART = {
    "limited": "WHERE is_limited",
    "others": """UNION ALL
        SELECT id, lead_id, occurred_at, counts, was, '', points FROM ruled WHERE NOT is_limited""",
}
# Where none is withdrawn and nearly all have limits, all go the same way, which leaves one without limits beyond none.
_ALL = {"limited": "", "others": ""}
_OVER_ASSET = """asset_id IS NOT NULL AND row_number() OVER (
                        PARTITION BY lead_id, rule_id, is_early, is_over_day, asset_id ORDER BY occurred_at, id
                    ) > most_per_asset"""
# The few that change are looked up by their keys, however many events there are.
_JUDGED = (
    _TOLD
    + """, changed AS (
        SELECT id, beyond FROM told WHERE beyond <> was AND {since}
    )
    UPDATE leads_behaviourevent event SET beyond = changed.beyond
      FROM changed
     WHERE event.id = changed.id AND event.id = ANY(ARRAY(SELECT id FROM changed))
    RETURNING event.lead_id
"""
)
_OF_KINDS = _JUDGED.format(
    of_events="event.kind = ANY(%(kinds)s::varchar[])", is_over_asset=_OVER_ASSET, since="true", **_APART
)
# Only what may be under a limit, or was: an asset may have come under another rule since.
_OF_LIMITED = (
    "event.withdrawn_at IS NULL AND (event.kind = ANY(%(limited)s::varchar[]) OR event.beyond <> '')"
)
_SOME = _JUDGED.format(of_events=_OF_LIMITED, is_over_asset=_OVER_ASSET, since="true", **_ALL)
# Those around what is new: it moves no event before it, and none later than the day on which an interval ends that
# begins with it. Where they stand in their day, and what went before, is read from before that. How often an asset
# counted is of all time: see `versions.recount`, which does not come here then.
_AROUND = _JUDGED.format(
    of_events=_OF_LIMITED + " AND event.occurred_at BETWEEN %(read_from)s AND %(until)s",
    is_over_asset="false",
    since="occurred_at >= %(since)s",
    **_ALL,
)
_A_DAY = timedelta(days=2)  # in any zone, also where clocks are put back
_EVER = timedelta(days=365_000)


def weight_as_of(moment: str) -> str:
    """What a point of an `event` weighs at a moment, as SQL; `growth` is that of `Decay`.

    The seconds between two moments as float8, exact to the microsecond: an interval would first be taken apart, and
    numeric arithmetic takes several times as long.
    """
    return f"exp(%(growth)s::float8 * tstzrange_subdiff(event.occurred_at, {moment}))"


WEIGHT = weight_as_of("%(epoch)s::timestamptz")
# What the events of a lead sum to, and what of it lies under the floor.
_SUM = f"""
    SELECT own.lead_id, coalesce(sum({{points}} * {WEIGHT}), 0) AS engagement,
           coalesce(sum({{points}} * {WEIGHT}) FILTER (WHERE event.occurred_at <= own.floored_at), 0) AS floor
      FROM leads_leadscore own
      LEFT JOIN {{events}} event ON event.lead_id = own.lead_id AND {{counts}} {{beside}}
     WHERE own.lead_id = ANY(%(leads)s)
     GROUP BY own.lead_id
"""
_SUMS = _TOLD.format(of_events="true", is_over_asset=_OVER_ASSET, **_APART) + _SUM.format(
    points="CASE WHEN event.beyond = '' THEN event.points ELSE 0 END",
    events="told",
    counts="event.counts",
    beside="",
)
_SUM_STORED = _SUM.format(
    points="{points}", events="leads_behaviourevent", counts="event.withdrawn_at IS NULL", beside="{beside}"
)
_RESUM = """
    UPDATE leads_leadscore score SET engagement = fresh.engagement, floor = fresh.floor
      FROM ({fresh}) fresh
     WHERE fresh.lead_id = score.lead_id AND score.lead_id = ANY(%(leads)s)
"""
# The sums from one look at all events, put aside first: of a statement that writes, PostgreSQL divides no part among
# several processes. A lead of which nothing counts has no sum, and had none: no limit keeps the first event out.
_SUM_ALL = f"""
    CREATE TEMPORARY TABLE fresh_sum AS
    SELECT event.lead_id, sum({{points}} * {WEIGHT}) AS engagement
      FROM leads_behaviourevent event {{beside}}
     WHERE event.withdrawn_at IS NULL {{who}}
     GROUP BY event.lead_id
     ORDER BY event.lead_id
"""
_WHO_DID = """AND event.lead_id = ANY(ARRAY(
         SELECT DISTINCT lead_id FROM leads_behaviourevent WHERE kind = ANY(%(kinds)s::varchar[])))"""
# Where nearly everybody did it, it is quicker not to look for who did: seen by the latest events.
_IS_RARE = """
    SELECT count(*) FILTER (WHERE kind = ANY(%(kinds)s::varchar[])) * 20 < count(*)
      FROM (SELECT kind FROM leads_behaviourevent ORDER BY id DESC LIMIT 5000) latest
"""
# A sum taken in another order differs in its last digits; that is no reason to write it. Those that have a floor are
# summed by themselves.
_WRITE_ALL = """
    UPDATE leads_leadscore score SET engagement = fresh.engagement
      FROM fresh_sum fresh
     WHERE fresh.lead_id = score.lead_id AND score.floored_at IS NULL
       AND abs(score.engagement - fresh.engagement) > 1e-13 * fresh.engagement
"""


def hold(leads: Iterable[int]) -> None:
    """Lock scores in the order of their keys: who counts the events of a lead, counts alone."""
    chosen = sorted(set(leads))
    if chosen:
        _run(
            "SELECT 1 FROM leads_leadscore WHERE lead_id = ANY(%(leads)s) ORDER BY lead_id FOR NO KEY UPDATE",
            {"leads": literal(chosen)},
        )


def resum_who_did(kinds: Collection[str], rules: Rules) -> None:
    """Sum the events of every lead that did something of these kinds and has no floor, and write what changes.

    Nobody else may count meanwhile.
    """
    worth, did = worth_under(rules), {"kinds": literal(list(kinds))}
    who = _WHO_DID if _are_rare(did) else ""
    statement = _SUM_ALL.format(points=worth.points, beside=worth.beside, who=who)
    _run(statement, worth.params | weighing(rules.decay) | did)
    _run(_WRITE_ALL, {})
    _run("DROP TABLE fresh_sum", {})


def _are_rare(did: dict[str, Any]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_IS_RARE, did)
        return bool(cursor.fetchone()[0])


def resum(leads: Sequence[int], rules: Rules) -> None:
    """Sum the points of events anew. Never subtract: that loses digits."""
    worth = worth_under(rules)
    fresh = _SUM_STORED.format(points=worth.points, beside=worth.beside)
    _run(_RESUM.format(fresh=fresh), _params(leads, rules) | worth.params | weighing(rules.decay))


def recount(leads: Sequence[int], rules: Rules, *, around: Around | None = None) -> list[int]:
    """See anew which events of held leads are beyond a limit, of all or only of those `around` new ones; returns the
    leads of which another event counts now."""
    if around:
        return _judge(_AROUND, _params(leads, rules) | around.bounds())
    return _judge(_SOME, _params(leads, rules))


def recount_kinds(leads: Sequence[int], kinds: Sequence[str], rules: Rules) -> list[int]:
    """The same of every event of some kinds, whose limits are others now."""
    return _judge(_OF_KINDS, _params(leads, rules) | {"kinds": literal(kinds)})


def _judge(statement: str, params: dict[str, Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return sorted({lead for (lead,) in cursor.fetchall()})


def reach(rules: Rules) -> timedelta:
    """How far from an event another may lie so that a limit counts the two together."""
    return _EVER if rules.behaviour.limits_assets else rules.behaviour.longest_interval + _A_DAY


class Around(NamedTuple):
    """The moments of the first and the last new event, and the longest interval that a rule asks for."""

    first: datetime
    last: datetime
    interval: timedelta

    def bounds(self) -> dict[str, datetime]:
        read_from, until = self.first - self.interval - _A_DAY, self.last + self.interval + _A_DAY
        return {"read_from": read_from, "since": self.first, "until": until}


def sums(leads: Sequence[int], rules: Rules) -> dict[int, tuple[float, float]]:
    """What leads' events would sum to under a model, and what of it lies under the floor; writes nothing."""
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, _params(leads, rules) | weighing(rules.decay))
        return {lead: (total, floor) for lead, total, floor in cursor.fetchall()}


def _params(leads: Sequence[int], rules: Rules) -> dict[str, Any]:
    limited = literal(rules.behaviour.limited_kinds)
    return {
        "model": rules.model.pk,
        "zone": rules.model.time_zone,
        "leads": literal(leads),
        "limited": limited,
    }


def weighing(decay: Decay) -> dict[str, Any]:
    """What `WEIGHT` needs: by how much a weight grows in a second, as a logarithm, and the epoch."""
    return {"growth": decay.growth, "epoch": decay.epoch}


def _run(statement: str, params: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
