"""A comparison in figures: plain JSON values, kept with the run. No names, so that nothing personal is kept. Pure."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sla.models import Agreement, Status
from sla.replay.bench import QUEUE
from sla.replay.chances import BANDS, band_of, wilson
from sla.replay.contracts import contract_for
from sla.replay.facts import AT_START, BY_HAND, EXPECTED, Handover, Mql
from sla.replay.loads import days_between, measure
from sla.replay.play import Comparison, Side
from sla.replay.reproduction import Reproduction

PROMISES = ("response", "acceptance", "feedback")
SAME = timedelta(hours=1)
MOST_LEADS = 5000
GAINED, LOST, SOONER, LATER = "gained", "lost", "sooner", "later"


def report(comparison: Comparison, agreement: Agreement, reproduction: Reproduction) -> dict[str, Any]:
    """Everything the page shows."""
    history = comparison.history
    span = _Span(history.since, history.until, ZoneInfo(agreement.calendar.time_zone))
    leads = _leads(comparison.present.played.mqls, comparison.changed.played.mqls)
    return {
        "zone": span.zone.key,
        "since": span.since.isoformat(),
        "until": span.until.isoformat(),
        "weeks": [day.isoformat() for day in span.mondays],
        "present": _side(comparison.present, agreement, span),
        "changed": _side(comparison.changed, agreement, span),
        "leads": leads[:MOST_LEADS],
        "counts": dict(Counter(kind for _lead, kind, *_rest in leads)),
        "experience": len(history.experience),
        "reproduction": {
            "mqls": reproduction.mqls,
            "mqls_found": reproduction.mqls_found,
            "handoffs": reproduction.handoffs,
            "handoffs_found": reproduction.handoffs_found,
            "causes": dict(reproduction.causes()),
        },
    }


class _Span:
    """A period in local weeks and months."""

    def __init__(self, since: datetime, until: datetime, zone: ZoneInfo) -> None:
        self.since, self.until, self.zone = since, until, zone
        self.days = days_between(since, until, zone)
        first = self.days[0] - timedelta(days=self.days[0].weekday())
        weeks = (self.days[-1] - first).days // 7 + 1
        self.mondays = [first + timedelta(weeks=number) for number in range(weeks)]

    def day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def week(self, moment: datetime) -> int:
        return (self.day(moment) - self.mondays[0]).days // 7


# -- one side -------------------------------------------------------------------------------------


def _side(side: Side, agreement: Agreement, span: _Span) -> dict[str, Any]:
    played = side.played
    weekly = Counter(span.week(one.at) for one in played.mqls if one.cause != AT_START)
    causes = Counter(one.cause for one in played.mqls)
    return {
        "mqls": len(played.mqls),
        "at_start": causes[AT_START],
        "by_hand": causes[BY_HAND],
        "weekly": [weekly[week] for week in range(len(span.mondays))],
        "handed_over": len(played.handovers),
        "basis": dict(Counter(row.basis for row in played.handovers)),
        "expired": sum(row.ended_as == Status.EXPIRED for row in played.handovers),
        "late": {name: _late(played.handovers, place) for place, name in enumerate(PROMISES)},
        "accepted": _accepted(played.handovers),
        "bands": _bands(played.handovers),
        "reps": [_rep(seller.user, seller.capacity, side, span) for seller in side.sellers],
        "queue": _rep(QUEUE, 0, side, span),
        "months": _months(side, agreement, span),
        "terms": _terms(side, agreement),
    }


def _late(rows: Iterable[Handover], place: int) -> dict[str, float]:
    """How often a promise was, or is expected to be, broken; `open` are those nobody can judge yet."""
    facts = [row.late[place] for row in rows if row.basis != EXPECTED]
    expected = [row.late[place] or 0.0 for row in rows if row.basis == EXPECTED]
    judged = [late for late in facts if late is not None]
    return {
        "judged": len(judged),
        "late": sum(judged),
        "expected": round(sum(expected), 2),
        "of_expected": len(expected),
        "open": len(facts) - len(judged),
    }


def _accepted(rows: Sequence[Handover]) -> dict[str, float]:
    facts = [row.acceptance for row in rows if row.acceptance is not None and not row.is_guess]
    expected = [row for row in rows if row.is_guess]
    decided = len(facts) + len(expected)
    likely = sum(row.acceptance or 0.0 for row in expected)
    return {
        "accepted": sum(facts),
        "rejected": len(facts) - sum(facts),
        "expected": round(likely, 2),
        "low": round(sum(row.between[0] for row in expected), 2),
        "high": round(sum(row.between[1] for row in expected), 2),
        "of_expected": len(expected),
        "open": len(rows) - decided,
        "rate": round((sum(facts) + likely) / decided, 4) if decided else 0.0,
    }


def _bands(rows: Sequence[Handover]) -> list[dict[str, float]]:
    """By score band: what sales really said with its interval, and beside it what is expected."""
    found = []
    for band in BANDS:
        inside = [row for row in rows if band_of(row.score) == band]
        if inside:
            counts = _accepted(inside)
            decided = counts["accepted"] + counts["rejected"]
            low, high = wilson(counts["accepted"] / decided if decided else 0.0, decided)
            found.append(
                {"from": band, "handed_over": len(inside), **counts, "fact_low": low, "fact_high": high}
            )
    return found


def _rep(user: int, capacity: int, side: Side, span: _Span) -> dict[str, Any]:
    steps = side.played.loads.get(user, [])
    load = measure(steps, capacity, since=span.since, until=span.until, zone=span.zone)
    return {
        "user": user,
        "capacity": capacity,
        "given": sum((row.given_to or QUEUE) == user for row in side.played.handovers),
        "mean": round(load.mean, 2),
        "peak": load.peak,
        "full_days": load.full_days,
        "full_from": load.full_from.isoformat() if load.full_from else "",
    }


# -- what marketing promised ----------------------------------------------------------------------


def _months(side: Side, agreement: Agreement, span: _Span) -> list[dict[str, Any]]:
    """Month by month: MQLs under this agreement against the promise, which is shortened with a month cut off."""
    contract = contract_for(side.contracts, agreement.segment_id)
    if contract is None:
        return []
    ours = {lead for lead in side.segments if contract_for(side.contracts, side.segments[lead]) is contract}
    mqls = Counter(
        _month(span.day(one.at)) for one in side.played.mqls if one.lead in ours and one.cause != AT_START
    )
    promised, rate = contract.agreement.monthly_mqls, contract.agreement.acceptance_rate
    found = []
    for month, days in Counter(_month(day) for day in span.days).items():
        rows = [
            row
            for row in side.played.handovers
            if row.lead in ours and _month(span.day(row.offered_at)) == month
        ]
        due, answered = promised * days / monthrange(*map(int, month.split("-")))[1], _accepted(rows)
        found.append(
            {
                "month": month, "days": days, "mqls": mqls[month], "promised": round(due, 1),
                "kept": mqls[month] >= due, "rate": answered["rate"], "promised_rate": rate,
                "decided": len(rows) - answered["open"],
            }
        )  # fmt: skip
    return found


def _month(day: date) -> str:
    return f"{day:%Y-%m}"


def _terms(side: Side, agreement: Agreement) -> dict[str, Any]:
    contract = contract_for(side.contracts, agreement.segment_id)
    if contract is None:
        return {}
    names = (
        "response_hours",
        "accept_hours",
        "feedback_hours",
        "expire_hours",
        "attempts",
        "channels",
        "max_rounds",
    )
    terms = {name: getattr(contract.agreement, name) for name in names}
    return {"agreement": contract.agreement.pk, "threshold": contract.definition.threshold, **terms}


# -- who --------------------------------------------------------------------------------------------


def _leads(present: Sequence[Mql], changed: Sequence[Mql]) -> list[list[Any]]:
    """Leads that would qualify, not any more, sooner or later: [lead, what, then, now, score], first MQL each."""
    before, after = _first(present), _first(changed)
    found = []
    for lead in sorted(before.keys() | after.keys()):
        was, would = before.get(lead), after.get(lead)
        what = _what(was, would)
        if what:
            moments = [one.at.isoformat() if one else "" for one in (was, would)]
            found.append([lead, what, *moments, round((would or was).score, 1)])  # type: ignore[union-attr]
    return sorted(found, key=lambda row: (row[3] or row[2], row[0]))


def _first(mqls: Iterable[Mql]) -> dict[int, Mql]:
    found: dict[int, Mql] = {}
    for one in mqls:
        found.setdefault(one.lead, one)
    return found


def _what(was: Mql | None, would: Mql | None) -> str:
    if was is None or would is None:
        return GAINED if was is None else LOST
    if abs(was.at - would.at) <= SAME:
        return ""
    return SOONER if would.at < was.at else LATER
