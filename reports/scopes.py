"""What a report is about: a period, and perhaps one team, person, segment or source.

Handoffs belong to the day they were offered, leads to the day they were captured; so a figure may still change after
its period is over, until everything offered in it is decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from crm import access
from crm.models import User
from leads.models import Lead
from reports.periods import Period
from sla.models import Handoff

ME, NONE = "me", "-"
# A wish of an address, and the columns of handoffs and leads it narrows.
NARROWED = {
    "team": ("team", "owner__team"),
    "assignee": ("assignee", "owner"),
    "segment": ("agreement__segment__code", "score__segment__code"),
    "source": ("lead__source", "source"),
}


@dataclass(frozen=True, slots=True)
class Scope:
    """`asked` holds team and assignee (ids), segment (code) and source; `-` asks for what has none of it."""

    user: User
    period: Period
    asked: Mapping[str, str] = field(default_factory=dict)

    @property
    def query(self) -> dict[str, str]:
        """How an address asks for it."""
        return {**self.period.query, **self.asked}

    def during(self, period: Period) -> Scope:
        return replace(self, period=period)

    def asking(self, **wishes: Any) -> Scope:
        """The same, narrowed further."""
        return replace(self, asked={**self.asked, **{name: str(value) for name, value in wishes.items()}})

    @property
    def is_whole(self) -> bool:
        """Whether a promise made for everybody can be held against it."""
        return access.sees_everything(self.user) and not set(self.asked) - {"segment"}

    def handoffs(self) -> QuerySet[Handoff]:
        """Handoffs offered in the period that the person answers for; the open queue only where it is asked for."""
        rows = Handoff.objects.visible_to(self.user)
        if not access.sees_everything(self.user) and self.asked.get("assignee") != NONE:
            rows = rows.exclude(assignee=None)
        return self._narrowed(rows.filter(**_within("offered_at", self.period)), 0)

    def leads(self) -> QuerySet[Lead]:
        """Leads captured in the period, as far as the person sees them."""
        rows = Lead.objects.visible_to(self.user).standing()
        return self._narrowed(rows.filter(**_within("captured_at", self.period)), 1)

    def _narrowed(self, rows: Any, place: int) -> Any:
        for name, value in self.asked.items():
            rows = rows.filter(**_condition(NARROWED[name][place], self._meant(name, value)))
        return rows

    def _meant(self, name: str, value: str) -> str | int:
        return self.user.pk if name == "assignee" and value == ME else value


def _within(column: str, period: Period) -> dict[str, datetime]:
    return {f"{column}__gte": period.start, f"{column}__lt": period.end}


def _condition(column: str, value: str | int) -> dict[str, Any]:
    if value != NONE:
        return {column: value}
    if column.endswith("source"):
        return {column: ""}
    return {f"{column}__isnull": True}


def zone_of(user: User) -> ZoneInfo:
    """The reader's own time zone: days and hours of a report are theirs, on a page and by the API."""
    return ZoneInfo(user.time_zone)
