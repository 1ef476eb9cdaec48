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

from django.db.models import Count

from content.models import Asset
from leads.models import BehaviourEvent, Lead
from leads.scoring.phases import mix
from leads.scoring.reading import Rules
from sla.models import Feedback

LOOK_BACK = timedelta(days=365)
TOP_REASONS = 5
MOST_READ = 12


def briefs_for(leads: Sequence[Lead], rules: Rules, *, at: datetime) -> dict[int, dict[str, Any]]:
    """Briefs by lead id; four queries however many leads."""
    events, earlier, others = _events(leads, at), _earlier_rounds(leads), _active_colleagues(leads)
    return {
        lead.pk: {
            "why": _why(events[lead.pk], rules, at),
            "read": _read(events[lead.pk]),
            "phases": mix(rules.read(events[lead.pk]), rules.decay, at),
            "earlier": earlier[lead.pk],
            "colleagues": max(0, others.get(lead.account_id or 0, 0) - 1),
        }
        for lead in leads
    }


class _Seen(NamedTuple):
    """A behaviour event, as far as a brief tells of it."""

    kind: str
    beyond: str
    occurred_at: datetime
    asset_id: int | None
    asset: Asset | None


def _events(leads: Sequence[Lead], at: datetime) -> dict[int, list[_Seen]]:
    found: dict[int, list[_Seen]] = defaultdict(list)
    recent = BehaviourEvent.objects.counted().filter(
        lead__among=[lead.pk for lead in leads], occurred_at__gt=at - LOOK_BACK, occurred_at__lte=at
    )
    columns = ("lead", "kind", "beyond", "occurred_at", "asset")
    told = list(recent.order_by("-occurred_at", "-pk").values_list(*columns))
    assets = Asset.objects.in_bulk({row[-1] for row in told} - {None})
    for lead, kind, beyond, occurred_at, asset in told:
        found[lead].append(_Seen(kind, beyond, occurred_at, asset, assets.get(asset)))
    return found


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


def _why(events: Iterable[_Seen], rules: Rules, at: datetime) -> list[dict[str, Any]]:
    """The heaviest behaviour first; the same thing done often is told once, with how often."""
    grouped: dict[tuple[str, int | None], list[_Seen]] = defaultdict(list)
    for event in events:
        grouped[event.kind, event.asset_id].append(event)
    told = [_reason(group, rules, at) for group in grouped.values()]
    return sorted(told, key=lambda reason: -reason["value"])[:TOP_REASONS]


def _reason(group: Sequence[_Seen], rules: Rules, at: datetime) -> dict[str, Any]:
    latest = group[0]
    value = sum(rules.decay.decayed(rules.points_of(event), event.occurred_at, at) for event in group)
    return {
        "kind": latest.kind,
        "asset": latest.asset.slug if latest.asset else "",
        "title": latest.asset.title if latest.asset else "",
        "title_ja": latest.asset.title_ja if latest.asset else "",
        "times": len(group),
        "at": latest.occurred_at.isoformat(),
        "value": round(value, 2),
    }


def _read(events: Iterable[_Seen]) -> list[dict[str, Any]]:
    """Assets, the latest first."""
    seen: dict[str, dict[str, Any]] = {}
    for event in events:
        asset = event.asset
        if asset and asset.slug not in seen and len(seen) < MOST_READ:
            seen[asset.slug] = {
                "asset": asset.slug,
                "title": asset.title,
                "title_ja": asset.title_ja,
                "kind": asset.kind,
                "phases": asset.phases,
                "at": event.occurred_at.isoformat(),
            }
    return list(seen.values())
