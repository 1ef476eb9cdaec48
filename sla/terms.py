"""The terms of an agreement as plain values, and the frozen copy a handoff is offered under."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from crm.models import WEEKDAYS, Calendar, Leave, User
from leads.models import MqlDefinition, Segment
from sla.models import Agreement, EscalationStep, ReasonRule, Terms
from sla.work_calendar import WorkCalendar

# Holidays are written down for this long, counted from the start of the year of the offer.
HORIZON_DAYS = 800
# What a due time, a verdict or a rejection depends on.
_FROZEN = (
    "business_hours", "leave_stops_clock", "response_hours", "response_counts", "attempts", "channels",
    "accept_hours", "feedback_hours", "expire_hours", "after_expiry", "max_pauses", "pause_days", "sql_fields",
    "max_rounds",
)  # fmt: skip
# What was agreed besides.
_PROMISED = ("routing", "monthly_mqls", "acceptance_rate", "completeness")
_MATCHED = ("industries", "countries", "sources", "min_employees", "max_employees")
_OPEN = ("time_zone", "windows", "holiday_country", "always_open")
_DEFINED = ("threshold", "required_fields", "minimum_grade", "hand_raises", "consent_required")


def contract_body(
    agreement: Agreement,
    *,
    rules: Iterable[ReasonRule] | None = None,
    steps: Iterable[EscalationStep] | None = None,
) -> dict[str, Any]:
    """Everything both sides agree on, as JSON values in a fixed order: what is signed, shown and compared.

    `rules` and `steps` stand for the stored ones where somebody is still editing them.
    """
    return {
        "title": agreement.title,
        "segment": agreement.segment.code if agreement.segment else "",
        "audience": audience(agreement.segment),
        "definition": definition_body(agreement.definition),
        "calendar": agreement.calendar.name,
        "hours": hours(agreement.calendar),
        **{name: getattr(agreement, name) for name in (*_FROZEN, *_PROMISED)},
        "steps": _steps(agreement.steps.all() if steps is None else steps),
        "reasons": _reasons(
            agreement.rules.select_related("reason", "programme") if rules is None else rules
        ),
        "note": agreement.note,
    }


def audience(segment: Segment | None) -> dict[str, Any]:
    """What a segment asks of a lead; nothing for everybody."""
    return {name: getattr(segment, name) for name in _MATCHED} if segment else {}


def hours(calendar: Calendar) -> dict[str, Any]:
    """When a calendar is open. Its closed days are the company's own business, not a term."""
    return {name: getattr(calendar, name) for name in _OPEN}


def definition_body(definition: MqlDefinition) -> dict[str, Any]:
    return {name: getattr(definition, name) for name in _DEFINED}


def freeze(agreement: Agreement, calendar: Calendar, *, at: datetime, days_off: Iterable[date] = ()) -> Terms:
    """The frozen terms of an agreement with a calendar; the same terms are stored once."""
    body = frozen_body(agreement, calendar, at=at, days_off=days_off)
    terms, _created = Terms.objects.get_or_create(
        digest=digest_of(body), defaults={"agreement": agreement, "body": body}
    )
    return terms


def frozen_body(
    agreement: Agreement, calendar: Calendar, *, at: datetime, days_off: Iterable[date] = ()
) -> dict[str, Any]:
    new_year = datetime(at.year, 1, 1, tzinfo=UTC)
    work = work_calendar(calendar, business_hours=agreement.business_hours)
    if not work.always_open:
        work = replace(work, closures=work.closures | frozenset(days_off))
    return {
        "version": agreement.version,
        "calendar": work.to_snapshot(new_year, days=HORIZON_DAYS),
        "calendar_name": calendar.name,
        "threshold": agreement.definition.threshold,
        **{name: getattr(agreement, name) for name in _FROZEN},
        "steps": _steps(agreement.steps.all()),
        "reasons": _reasons(agreement.rules.select_related("reason", "programme")),
    }


def _steps(steps: Iterable[EscalationStep]) -> list[dict[str, Any]]:
    ordered = sorted(steps, key=lambda step: (step.clock, step.percent))
    return [{"clock": step.clock, "percent": step.percent, "tells": sorted(step.tells)} for step in ordered]


def _reasons(rules: Iterable[ReasonRule]) -> dict[str, dict[str, Any]]:
    ordered = sorted(rules, key=lambda rule: (rule.reason.position, rule.reason.code))
    return {rule.reason.code: _rule(rule) for rule in ordered}


def _rule(rule: ReasonRule) -> dict[str, Any]:
    return {
        "disposition": rule.disposition,
        "wait_days": rule.wait_days,
        "programme": rule.programme.code if rule.programme else "",
        "comment_required": rule.comment_required,
        "asks_date": rule.asks_date,
        "fresh_behaviour_only": rule.fresh_behaviour_only,
        "max_times": rule.max_times,
    }


def digest_of(body: dict[str, Any]) -> str:
    """SHA-256 of the canonical JSON: proves that terms have not been touched since (I10)."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


# -- calendars ------------------------------------------------------------------------------------


def work_calendar(calendar: Calendar, *, business_hours: bool = True) -> WorkCalendar:
    """The clock's calendar of a stored one; `business_hours` off counts every hour."""
    if calendar.always_open or not business_hours:
        return WorkCalendar(zone=calendar.time_zone, always_open=True)
    windows = {
        WEEKDAYS.index(day): tuple((_wall_time(start), _wall_time(end)) for start, end in spans)
        for day, spans in calendar.windows.items()
    }
    return WorkCalendar(
        zone=calendar.time_zone,
        windows=windows,
        holiday_country=calendar.holiday_country,
        closures=frozenset(calendar.closures.values_list("day", flat=True)),
    )


def _wall_time(text: str) -> time:
    hours, minutes = (int(part) for part in text.split(":"))
    return time(hours % 24, minutes)


def calendar_for(agreement: Agreement, seller: User | None) -> Calendar:
    """The seller's team calendar where there is one: deadlines follow the hours they work."""
    team = seller.team if seller else None
    return team.calendar if team and team.calendar else agreement.calendar


def days_off(people: Iterable[int], *, at: datetime) -> dict[int, frozenset[date]]:
    """The days off of people, from the day before `at` for as long as terms look ahead."""
    found: dict[int, list[tuple[date, date]]] = {person: [] for person in people}
    since, until = _ahead(at)
    for leave in Leave.objects.filter(user__in=list(found), ends_on__gte=since, starts_on__lte=until):
        found[leave.user_id].append((leave.starts_on, leave.ends_on))
    return {person: days_of(leaves, at=at) for person, leaves in found.items()}


def days_of(leaves: Iterable[tuple[date, date]], *, at: datetime) -> frozenset[date]:
    """The single days of leaves (first and last day), as far as terms made at a moment look."""
    since, until = _ahead(at)
    days: set[date] = set()
    for starts_on, ends_on in leaves:
        first, last = max(starts_on, since), min(ends_on, until)
        days |= {first + timedelta(days=n) for n in range((last - first).days + 1)}
    return frozenset(days)


def _ahead(at: datetime) -> tuple[date, date]:
    return at.date() - timedelta(days=1), at.date() + timedelta(days=HORIZON_DAYS)
