"""Handoffs as a scoring version would have seen them: what was known when each was offered, and what came of it.

The leak rule: nothing recorded after the handoff may be used. Events count when they were received by then; what was
edited since is put back to what it was where the ledger kept it, and is unknown otherwise. `guarded` refuses the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy

from crm.components.faces import Words
from crm.models import Consent
from leads.scoring.profile import Profile, folded
from reports import edits
from reports.scopes import Scope
from reports.scoring.counts import Counts, counted
from sla.models import Handoff, Status

ACCEPTED, CONVERTED, WON = "accepted", "converted", "won"
OUTCOMES: dict[str, Words] = {
    ACCEPTED: gettext_lazy("Accepted by sales"),
    CONVERTED: gettext_lazy("Became a deal"),
    WON: gettext_lazy("Won"),
}
# What came, and what did not; everything else is not decided yet.
_CAME = {
    ACCEPTED: Q(accepted_at__isnull=False) & ~Q(status=Status.REJECTED),
    CONVERTED: Q(status=Status.CONVERTED),
    WON: Q(deal__stage__outcome="won"),
}
_FAILED = {
    ACCEPTED: Q(status=Status.REJECTED),
    CONVERTED: Q(status=Status.REJECTED),
    WON: Q(status=Status.REJECTED) | Q(deal__stage__outcome="lost"),
}
# Employees from so many on; a band is named by its first and last.
SIZES = (1, 20, 100, 500, 1000, 5000)
_OF_ACCOUNT = ("industry", "employee_count", "country", "name")
_OF_CONTACT = ("job_title", "department", "stakeholder_role", "email_key", "consent")


class Leak(ValueError):
    """Something recorded after the handoff was about to be used."""


@dataclass(frozen=True)
class Sample:
    """One handoff: `counts` are decayed counts by kind and asset, `latest` when the last thing used was recorded."""

    key: int
    came: bool
    counts: Counts
    fields: Mapping[str, str]
    profile: Profile = field(default_factory=Profile)
    at: datetime | None = None
    latest: datetime | None = None
    segment: str = ""
    month: date | None = None


@dataclass(frozen=True, slots=True)
class Sampled:
    """The decided handoffs of a scope, in the order they were offered; `undecided` are left out."""

    outcome: str
    samples: list[Sample]
    undecided: int


def read(scope: Scope, outcome: str, *, rate: float, period_days: float) -> Sampled:
    """Four statements, however many handoffs."""
    offered = scope.handoffs().exclude(status=Status.WITHDRAWN).exclude(routed__rule="history")
    decided = offered.filter(_CAME[outcome] | _FAILED[outcome])
    rows = list(_known(decided, outcome))
    behaviour = counted([row["pk"] for row in rows], rate=rate, period_days=period_days)
    since = edits.since(rows)
    zone = scope.period.zone
    samples = [_sample(edits.undone(row, since), *behaviour.get(row["pk"], ({}, None)), zone) for row in rows]
    return Sampled(outcome, guarded(samples), offered.count() - len(rows))


def _known(rows: QuerySet[Handoff], outcome: str) -> QuerySet[Handoff, dict[str, Any]]:
    named = {f"account_{name}": F(f"lead__account__{name}") for name in _OF_ACCOUNT}
    named |= {f"contact_{name}": F(f"lead__contact__{name}") for name in _OF_CONTACT}
    came = Case(When(_CAME[outcome], then=Value(True)), default=Value(False))
    found = rows.order_by("offered_at", "pk").annotate(
        came=came,
        of_account=F("lead__account"),
        of_contact=F("lead__contact"),
        lead_source=F("lead__source"),
        segment=F("agreement__segment__code"),
        **named,
    )
    kept = ("pk", "offered_at", "lead_id", "came", "of_account", "of_contact", "lead_source", "segment")
    return found.values(*kept, *named)


def _sample(row: Mapping[str, Any], counts: Counts, latest: datetime | None, zone: Any) -> Sample:
    profile = _profile(row)
    at: datetime = row["offered_at"]
    return Sample(
        key=row["pk"],
        came=row["came"],
        counts=counts,
        fields=_fields(profile, row),
        profile=profile,
        at=at,
        latest=latest,
        segment=row["segment"] or "",
        month=at.astimezone(zone).date().replace(day=1),
    )


def _profile(row: Mapping[str, Any]) -> Profile:
    consent = row["contact_consent"] or ""
    return Profile(
        industry=row["account_industry"] or "",
        employee_count=row["account_employee_count"],
        country=row["account_country"] or "",
        job_title=row["contact_job_title"] or "",
        department=row["contact_department"] or "",
        stakeholder_role=row["contact_stakeholder_role"] or "",
        email_domain=(row["contact_email_key"] or "").rpartition("@")[2],
        company=row["account_name"] or "",
        consent=consent,
        unsubscribed=consent == Consent.WITHDRAWN,
    )


def _fields(profile: Profile, row: Mapping[str, Any]) -> dict[str, str]:
    known = {
        "industry": folded(profile.industry),
        "employee_count": band(profile.employee_count),
        "country": folded(profile.country),
        "job_title": folded(profile.job_title),
        "stakeholder_role": profile.stakeholder_role,
        "source": folded(row["lead_source"]),
        "segment": row["segment"] or "",
    }
    return {name: value for name, value in known.items() if value}


def band(employees: int | None) -> str:
    """Such as 20-99; the last one is open, 5000-."""
    if not employees or employees < 1:
        return ""
    place = max(index for index, first in enumerate(SIZES) if employees >= first)
    last = SIZES[place + 1] - 1 if place + 1 < len(SIZES) else ""
    return f"{SIZES[place]}-{last}"


def guarded(samples: Sequence[Sample]) -> list[Sample]:
    """The samples, or `Leak` when one uses something recorded after it was offered."""
    late = [one.key for one in samples if one.at and one.latest and one.latest > one.at]
    if late:
        raise Leak(f"Recorded after the handoff, so it may not be used: handoffs {late[:5]}.")
    return list(samples)


def outcomes(samples: Iterable[Sample]) -> list[bool]:
    return [one.came for one in samples]
