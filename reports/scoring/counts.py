"""Behaviour as a scoring version counts it: the one place where events' points are computed for a version in reports.

An event counts from when it was received; its weight is what is left of it when the handoff was offered. Points are
`leads`' own business: kinds and assets are summed here, and `Rules` says what each is worth.

There are two ways to the same figure. `points` weighs sums the database made by kind and asset: a regression needs
these sums anyhow, and any number of versions is worked out from them without reading an event. `exact` reads each
event, because a limit or a phase cannot be told from a sum. Where there is neither, both agree (a test draws events).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connection

from leads.scoring import counting
from leads.scoring.counting import Happened
from leads.scoring.decay import Decay
from leads.scoring.profile import Profile
from leads.scoring.recounting import weight_as_of
from leads.scoring.versions import Rules

# How much is left of what was done, by kind and asset (None: without one).
Counts = Mapping[tuple[str, str | None], float]

# What had been heard of a lead, and not taken back, when it was offered.
_HEARD = """
      FROM sla_handoff handoff
      JOIN leads_behaviourevent event ON event.lead_id = handoff.lead_id
       AND event.received_at <= handoff.offered_at AND event.occurred_at <= handoff.offered_at
       AND (event.withdrawn_at IS NULL OR event.withdrawn_at > handoff.offered_at)
      LEFT JOIN content_asset asset ON asset.id = event.asset_id
     WHERE handoff.id = ANY(%(handoffs)s)
"""
_COUNTED = f"""
    SELECT handoff.id, event.kind, asset.slug, max(event.received_at), sum({weight_as_of("handoff.offered_at")})
    {_HEARD} GROUP BY handoff.id, event.kind, asset.slug
"""
_LISTED = (
    "SELECT handoff.id, handoff.offered_at, event.id, event.kind, event.occurred_at, asset.slug, asset.phases"
    + _HEARD
)


def counted(
    handoffs: Sequence[int], *, rate: float, period_days: float
) -> dict[int, tuple[dict[tuple[str, str | None], float], datetime | None]]:
    """Decayed counts of each handoff's lead when it was offered, and when the last event used was received."""
    sums: dict[int, dict[tuple[str, str | None], float]] = defaultdict(dict)
    latest: dict[int, datetime] = {}
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, {"handoffs": list(handoffs), "growth": Decay(rate, period_days).growth})
        for handoff, kind, asset, received_at, amount in cursor.fetchall():
            sums[handoff][kind, asset] = amount
            latest[handoff] = max(received_at, latest.get(handoff, received_at))
    return {handoff: (kinds, latest[handoff]) for handoff, kinds in sums.items()}


def has_more_than_points(rules: Rules) -> bool:
    """Whether sums by kind and asset are not enough: a limit or a phase asks for each event."""
    return rules.behaviour.has_limits or rules.behaviour.has_phases


def exact(handoffs: Sequence[int], rules: Rules) -> dict[int, float]:
    """The behaviour points of each handoff's lead when it was offered, the version's limits applied to each event."""
    heard: dict[int, list[Happened]] = defaultdict(list)
    offered: dict[int, datetime] = {}
    with connection.cursor() as cursor:
        cursor.execute(_LISTED, {"handoffs": list(handoffs)})
        for handoff, at, key, kind, occurred_at, asset, phases in cursor.fetchall():
            heard[handoff].append(Happened(key, kind, occurred_at, asset, tuple(phases or ())))
            offered[handoff] = at
    return {handoff: _left(events, rules, offered[handoff]) for handoff, events in heard.items()}


def _left(events: Sequence[Happened], rules: Rules, at: datetime) -> float:
    counted = counting.count(events, rules.behaviour, ZoneInfo(rules.model.time_zone))
    return sum(rules.decay.decayed(counted[event.key].points, event.occurred_at, at) for event in events)


def points(counts: Counts, rules: Rules) -> float:
    """The behaviour points these counts are worth under a version."""
    return sum(rules.points_for(kind, asset) * amount for (kind, asset), amount in counts.items())


def score(behaviour: float, profile: Profile, rules: Rules) -> float:
    """What a version would have said: fit times behaviour."""
    return rules.fit_for(profile).factor * behaviour
