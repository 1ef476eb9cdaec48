"""Everything sales needs to know, collected for a batch of leads when they are handed over.

A brief is kept on the handoff as it was at that moment: why now (the behaviour that weighs most),
what they read, and what sales said at earlier rounds. It holds codes and titles, never sentences,
so that a page can say it in the reader's language.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Count

from content.models import Asset
from crm.arrays import literal
from leads.models import Lead
from leads.scoring.phases import Read, mix
from leads.scoring.reading import Rules
from leads.scoring.recounting import weight_as_of
from sla.models import Feedback

LOOK_BACK = timedelta(days=365)
TOP_REASONS = 5
MOST_READ = 12


def briefs_for(leads: Sequence[Lead], rules: Rules, *, at: datetime) -> dict[int, dict[str, Any]]:
    """Briefs by lead id; four queries however many leads."""
    done, earlier, others = _done(leads, rules, at), _earlier_rounds(leads), _active_colleagues(leads)
    return {
        lead.pk: {
            "why": _why(done[lead.pk]),
            "read": _read(done[lead.pk]),
            "phases": mix(_attention(done[lead.pk], at), rules.decay, at),
            "earlier": earlier[lead.pk],
            "colleagues": max(0, others.get(lead.account_id or 0, 0) - 1),
        }
        for lead in leads
    }


class _Done(NamedTuple):
    """What a lead did, with one asset or none: how often, when last, and the points that are left of it."""

    kind: str
    asset: Asset | None
    times: int
    last_at: datetime
    value: float


# Summed by kind and asset: some leads did thousands of things. What was done last comes first.
_DONE = f"""
    SELECT lead_id, kind, asset_id, count(*), max(occurred_at),
           sum({weight_as_of("%(at)s::timestamptz")}) FILTER (WHERE beyond = '')
      FROM leads_behaviourevent event
     WHERE lead_id = ANY(%(leads)s) AND withdrawn_at IS NULL AND occurred_at > %(since)s AND occurred_at <= %(at)s
     GROUP BY lead_id, kind, asset_id
     ORDER BY max(occurred_at) DESC, max(id) DESC
"""


def _done(leads: Sequence[Lead], rules: Rules, at: datetime) -> dict[int, list[_Done]]:
    keys = literal([lead.pk for lead in leads])
    with connection.cursor() as cursor:
        cursor.execute(
            _DONE, {"leads": keys, "growth": rules.decay.growth, "at": at, "since": at - LOOK_BACK}
        )
        told = cursor.fetchall()
    assets = Asset.objects.in_bulk({row[2] for row in told} - {None})
    found: dict[int, list[_Done]] = defaultdict(list)
    for lead, kind, key, times, last_at, left in told:
        asset = assets.get(key)
        found[lead].append(_Done(kind, asset, times, last_at, rules.points_with(kind, asset) * (left or 0.0)))
    return found


def _attention(done: Iterable[_Done], at: datetime) -> list[Read]:
    return [Read(one.value, at, one.asset.phases) for one in done if one.asset]


def _earlier_rounds(leads: Sequence[Lead]) -> dict[int, list[dict[str, Any]]]:
    rounds: dict[int, list[dict[str, Any]]] = defaultdict(list)
    among = [lead.pk for lead in leads]
    said = Feedback.objects.filter(handoff__lead__among=among, verdict="rejected").select_related(
        "reason", "given_by", "handoff"
    )
    for feedback in said.order_by("given_at"):
        rounds[feedback.handoff.lead_id].append(
            {
                "reason": feedback.reason.code if feedback.reason else "",
                "comment": feedback.comment,
                "at": feedback.given_at.isoformat(),
                "by": str(feedback.given_by or ""),
                "not_before": feedback.not_before.isoformat() if feedback.not_before else "",
            }
        )
    return rounds


def _active_colleagues(leads: Sequence[Lead]) -> dict[int, int]:
    """How many open leads each company has."""
    accounts = {lead.account_id for lead in leads if lead.account_id}
    open_leads = Lead.objects.open().filter(account__among=accounts).order_by()
    return dict(open_leads.values_list("account").annotate(n=Count("pk")))


def _why(done: Iterable[_Done]) -> list[dict[str, Any]]:
    """The heaviest behaviour first; the same thing done often is told once, with how often."""
    return sorted(map(_reason, done), key=lambda reason: -reason["value"])[:TOP_REASONS]


def _reason(done: _Done) -> dict[str, Any]:
    asset = done.asset
    return {
        "kind": done.kind,
        "asset": asset.slug if asset else "",
        "title": asset.title if asset else "",
        "title_ja": asset.title_ja if asset else "",
        "times": done.times,
        "at": done.last_at.isoformat(),
        "value": round(done.value, 2),
    }


def _read(done: Iterable[_Done]) -> list[dict[str, Any]]:
    """Assets, the latest first."""
    seen: dict[str, dict[str, Any]] = {}
    for one in done:
        asset = one.asset
        if asset and asset.slug not in seen and len(seen) < MOST_READ:
            seen[asset.slug] = {
                "asset": asset.slug,
                "title": asset.title,
                "title_ja": asset.title_ja,
                "kind": asset.kind,
                "phases": asset.phases,
                "at": one.last_at.isoformat(),
            }
    return list(seen.values())
