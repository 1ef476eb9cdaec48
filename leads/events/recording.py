"""Behaviour events: recorded in batches, counted once, and scored in the same transaction."""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils.translation import gettext as _

from content.models import Asset
from crm import statements
from crm.arrays import literal
from crm.models import User
from leads import lifecycle
from leads.events.matching import Search
from leads.models import EventKind
from leads.scoring import recounting, versions
from leads.scoring.recounting import WEIGHT
from leads.scoring.versions import Rules

# Clocks of other tools drift; an event further ahead than this is refused.
TOLERATED_DRIFT = timedelta(minutes=5)
KINDS = frozenset(EventKind.values)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One event as a tool tells it. The person is named by any one of the last four."""

    source: str
    external_id: str
    kind: str
    occurred_at: datetime
    asset: str = ""
    properties: dict[str, Any] = field(default_factory=dict)
    email: str = ""
    lead_external_id: str = ""
    contact: int | None = None
    lead: int | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an event was not taken: the field and what to do about it."""

    index: int
    field: str
    detail: str
    code: str = "invalid"


@dataclass(slots=True)
class Receipt:
    """What became of a batch: how many were new, known already, kept for later, and which were refused."""

    accepted: int = 0
    duplicates: int = 0
    waiting: int = 0
    refused: list[Refusal] = field(default_factory=list)
    qualified: list[int] = field(default_factory=list)


Keeper = Callable[[Sequence[Behaviour], Receipt, datetime], None]


def record(
    batch: Sequence[Behaviour], *, by: User | None, at: datetime, keep: Keeper | None = None
) -> Receipt:
    """Count each event once, add its points, and promote who reaches the bar.

    Bad events are refused and named; the good ones are kept. `by` may only name leads they can see. What is
    refused because its person is not known is offered to `keep`; see `leads.events.waiting`.
    """
    with transaction.atomic(), statements.planned_once(len(batch)):
        search = Search(batch)
        rules, by_email = versions.held_beside(search.by_email, len(batch))
        rows, receipt = _checked(batch, search.found(by_email, by), at)
        if keep is not None and receipt.refused:
            keep(batch, receipt, at)  # before any score is locked, as whoever takes them out does it too
        if not rows:
            return receipt
        written = _write(rows, rules, at)
        # The scores are locked by now, and what other batches did before is seen: a limit is of all batches.
        changed = versions.recount(written.limited, rules, new=written.moments)
        receipt.accepted, receipt.duplicates = written.new, receipt.duplicates + len(rows) - written.new
        ready = {*written.ready, *written.raised, *changed}
        receipt.qualified = lifecycle.qualify(sorted(ready), at=at, raised=written.raised, decay=rules.decay)
    return receipt


class _Row(NamedTuple):
    event: Behaviour
    lead: int
    asset: int | None
    phases: tuple[str, ...] = ()


def _checked(
    batch: Sequence[Behaviour], leads: Sequence[int | None], at: datetime
) -> tuple[list[_Row], Receipt]:
    assets = _assets(batch)
    receipt, rows, latest = Receipt(), [], at + TOLERATED_DRIFT
    for index, (event, lead) in enumerate(zip(batch, leads, strict=True)):
        complaint = _complaint(event, lead, assets, latest)
        if complaint or lead is None:
            receipt.refused.append(Refusal(index, *(complaint or ("lead", "", "invalid"))))
        else:
            rows.append(_Row(event, lead, *assets.get(event.asset, (None, ()))))
    return rows, receipt


def _assets(batch: Sequence[Behaviour]) -> dict[str, tuple[int, tuple[str, ...]]]:
    """Key and phases of the assets that are named, by slug."""
    slugs = {event.asset for event in batch if event.asset}
    if not slugs:
        return {}
    found = Asset.objects.filter(slug__among=slugs).values_list("slug", "pk", "phases")
    return {slug: (pk, tuple(phases)) for slug, pk, phases in found}


def unknown_kind(kind: str) -> str:
    said = _("Unknown kind of event: “%(kind)s”. Choose one of: %(known)s.")
    return said % {"kind": kind[:40], "known": ", ".join(sorted(KINDS))}


def _complaint(
    event: Behaviour, lead: int | None, assets: Container[str], latest: datetime
) -> tuple[str, str, str] | None:
    if not event.source or not event.external_id:
        return (
            "external_id",
            _("Give the source and the event's id there, so that it counts once."),
            "required",
        )
    if event.kind not in KINDS:
        return "kind", unknown_kind(event.kind), "invalid_choice"
    if event.occurred_at > latest:
        return "occurred_at", _("This event lies in the future. Send it when it has happened."), "future"
    if event.asset and event.asset not in assets:
        return (
            "asset",
            _("There is no asset “%(slug)s”. Add it first, or leave the field out.")
            % {"slug": event.asset[:80]},
            "not_found",
        )
    if lead is None:
        return _of_nobody(event)
    return None


def _of_nobody(event: Behaviour) -> tuple[str, str, str]:
    if not (event.email or event.lead_external_id or event.contact or event.lead):
        return "lead", _("Say who did it: give email, lead_external_id, contact or lead."), "required"
    return "lead", _("No open lead for this person. Send the lead first, then its events."), "not_found"


# One statement: insert what is new, sum it per lead, lock those scores in order, add, and see who is at the lowest
# bar in force. Sorting by the unique key is what keeps writers with overlapping batches from dead-locking. Scores are
# looked up by an array of keys: of a join the planner would rather read all scores, once there are many.
# A limited event counts if no other of its kind is near. Who counts writes the score, so that one that is as this
# statement saw it has no event that it did not see; of any other, and where another is near, the limits are asked.
# Of many events most have another near, and nobody looks.
_RECORD = f"""
WITH event AS (
    INSERT INTO leads_behaviourevent
        (source, external_id, lead_id, kind, asset_id, occurred_at, properties, received_at)
    SELECT incoming.*, %(received_at)s
      FROM unnest(%(source)s::varchar[], %(external_id)s::varchar[], %(lead)s::bigint[], %(kind)s::varchar[],
                  %(asset)s::bigint[], %(occurred_at)s::timestamptz[], %(properties)s::jsonb[]) AS incoming
    ON CONFLICT (source, external_id) DO NOTHING
    RETURNING lead_id, kind, coalesce(asset_id, 0) AS asset, occurred_at
), worth AS (
    SELECT * FROM unnest(%(worth_kind)s::varchar[], %(worth_asset)s::bigint[], %(worth_points)s::float8[])
        AS worth(kind, asset, points)
), locked AS (
    SELECT score.lead_id, score.floored_at, score.xmin <> seen.xmin AS has_changed
      FROM leads_leadscore score JOIN leads_leadscore seen ON seen.lead_id = score.lead_id
     WHERE score.lead_id = ANY(ARRAY(SELECT lead_id FROM event))
     ORDER BY score.lead_id FOR NO KEY UPDATE OF score
), gain AS (
    SELECT event.lead_id,
           sum(worth.points * {WEIGHT}) AS engagement,
           coalesce(sum(worth.points * {WEIGHT}) FILTER (WHERE event.occurred_at <= locked.floored_at), 0) AS floor,
           max(event.occurred_at) AS latest
      FROM event
      JOIN worth ON worth.kind = event.kind AND worth.asset = event.asset
      JOIN locked ON locked.lead_id = event.lead_id GROUP BY event.lead_id
), updated AS (
    UPDATE leads_leadscore score
       SET engagement = score.engagement + gain.engagement,
           floor = score.floor + gain.floor,
           active_at = greatest(score.active_at, gain.latest)
      FROM gain WHERE gain.lead_id = score.lead_id
    RETURNING score.lead_id, score.standing
), bars AS (
    SELECT threshold, hand_raises FROM leads_mqldefinition WHERE in_force
), ruled AS (
    SELECT lead_id, kind, occurred_at, count(*) OVER (PARTITION BY lead_id, kind) AS together
      FROM event WHERE kind = ANY(%(limited)s::varchar[])
), limited AS (
    SELECT ruled.lead_id, ruled.occurred_at FROM ruled JOIN locked ON locked.lead_id = ruled.lead_id
     WHERE %(many)s OR ruled.together > 1 OR locked.has_changed OR EXISTS (
           SELECT FROM leads_behaviourevent other
            WHERE other.lead_id = ruled.lead_id AND other.kind = ruled.kind AND other.withdrawn_at IS NULL
              AND other.occurred_at BETWEEN ruled.occurred_at - %(reach)s::interval
                                        AND ruled.occurred_at + %(reach)s::interval)
)
SELECT (SELECT count(*) FROM event),
       (SELECT array_agg(lead_id) FROM updated WHERE standing >= (SELECT min(threshold) FROM bars) * %(now)s),
       (SELECT json_object_agg(lead_id, kinds) FROM (
           SELECT lead_id, array_agg(DISTINCT kind) AS kinds FROM event
            WHERE kind IN (SELECT unnest(hand_raises) FROM bars) GROUP BY lead_id) did),
       (SELECT array_agg(DISTINCT lead_id) FROM limited),
       (SELECT array_remove(ARRAY[min(occurred_at), max(occurred_at)], NULL) FROM limited)
"""


class _Written(NamedTuple):
    """How many were new; whose score is at a bar, and who did what that may raise a hand; who did something new that
    may be beyond a limit or put another beyond it, and the moments of the first and the last of that."""

    new: int
    ready: list[int]
    raised: dict[int, set[str]]
    limited: list[int]
    moments: list[datetime]


def _write(rows: Sequence[_Row], rules: Rules, at: datetime) -> _Written:
    ordered = sorted(rows, key=lambda row: (row.event.source, row.event.external_id))
    asked = {
        "limited": rules.behaviour.limited_kinds,
        "reach": recounting.reach(rules),
        "many": len(rows) > statements.FEW,
        "received_at": at,
        "now": rules.decay.weight(at),
    }
    with connection.cursor() as cursor:
        cursor.execute(
            _RECORD, _columns(ordered) | _worth(ordered, rules) | recounting.weighing(rules.decay) | asked
        )
        new, ready, raised, limited, moments = cursor.fetchone()
    did = {int(lead): set(kinds) for lead, kinds in (raised or {}).items()}
    return _Written(new, ready or [], did, limited or [], moments)


def _columns(rows: Sequence[_Row]) -> dict[str, Any]:
    events = [row.event for row in rows]
    return {
        "source": literal([event.source for event in events]),
        "external_id": literal([event.external_id for event in events]),
        "lead": literal([row.lead for row in rows]),
        "kind": literal([event.kind for event in events]),
        "asset": literal([row.asset for row in rows]),
        "occurred_at": literal([event.occurred_at for event in events]),
        "properties": literal(
            [json.dumps(event.properties) if event.properties else "{}" for event in events]
        ),
    }


def _worth(rows: Sequence[_Row], rules: Rules) -> dict[str, Any]:
    """What each kind gives with each asset: a batch is of few, and each is weighed once."""
    told = {(row.event.kind, row.asset or 0): row for row in rows}
    points = [rules.points_for(kind, row.event.asset or None, row.phases) for (kind, _), row in told.items()]
    return {
        "worth_kind": literal([kind for kind, _asset in told]),
        "worth_asset": literal([asset for _kind, asset in told]),
        "worth_points": literal(points),
    }
