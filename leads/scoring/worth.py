"""What stored events give under a version, as SQL: their points follow from its rules, and are written nowhere.

`leads.scoring.counting.RuleBook` says the same of one event.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leads.scoring.reading import Rules

# Of the rules of a kind: asset before phase before kind, of several phases the one that gives most.
_HOLDS = """(rule.asset_id = asset.id
             OR rule.asset_id IS NULL AND (rule.phase = '' OR rule.phase = ANY(asset.phases)))"""
_FIRST = """rule.asset_id IS NULL, rule.phase = '', rule.points DESC, rule.phase COLLATE "C" DESC"""

# Few rules are for an asset or a phase: the one that holds for each kind and asset fits into a small table.
SPECIAL = f"""
    LEFT JOIN (
        SELECT DISTINCT ON (rule.kind, asset.id) rule.id, rule.kind, asset.id AS asset_id, rule.points
          FROM leads_behaviourrule rule JOIN content_asset asset ON {_HOLDS}
         WHERE rule.model_id = %(model)s AND (rule.asset_id IS NOT NULL OR rule.phase <> '')
         ORDER BY rule.kind, asset.id, {_FIRST}
    ) special ON special.asset_id = event.asset_id AND special.kind = event.kind
"""

# The same of one row of the events' own table, under the version in force: for lists of a few.
POINTS_OF_ROW = f"""
    CASE WHEN leads_behaviourevent.beyond <> '' THEN 0 ELSE coalesce((
        SELECT rule.points
          FROM leads_behaviourrule rule
          LEFT JOIN content_asset asset ON asset.id = leads_behaviourevent.asset_id
         WHERE rule.model_id = (SELECT id FROM leads_scoringmodel WHERE status = 'active')
           AND rule.kind = leads_behaviourevent.kind
           AND {_HOLDS}
         ORDER BY {_FIRST} LIMIT 1
    ), 0) END
"""


@dataclass(frozen=True, slots=True)
class Worth:
    """The points of an `event` as an expression, and what has to stand beside the events for it."""

    points: str
    beside: str
    params: dict[str, Any]


def worth_under(rules: Rules) -> Worth:
    """Looking a kind up in an expression takes a third of what joining a table takes, and events are many.

    What gives least is done most often, and is asked first.
    """
    of_kinds = sorted((points, kind) for kind, points in rules.behaviour.of_kinds().items() if points)
    params: dict[str, Any] = {"model": rules.model.pk}
    for number, (points, kind) in enumerate(of_kinds):
        params |= {f"kind_{number}": kind, f"points_{number}": points}
    given, has_special = _of_kind(len(of_kinds)), rules.behaviour.has_special
    if has_special:
        given = f"coalesce(special.points, {given})"
    return Worth(
        f"CASE WHEN event.beyond <> '' THEN 0 ELSE {given} END", SPECIAL if has_special else "", params
    )


def _of_kind(count: int) -> str:
    whens = " ".join(f"WHEN %(kind_{number})s THEN %(points_{number})s::float8" for number in range(count))
    return f"CASE event.kind {whens} ELSE 0 END" if whens else "0::float8"
