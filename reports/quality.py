"""What the audit of the data is about: leads by the day they were captured, as far as the reader sees them.

Unlike the other reports it looks back twelve months where no days are asked for: gaps are found in old leads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from crm import access
from crm.models import User
from leads.models import Lead
from leads.quality import figures, history
from leads.quality.catalogue import GROUPS, SOUND
from leads.quality.figures import Line
from leads.quality.rule import MONTHS, Look
from reports import wishes
from reports.periods import Period
from reports.scopes import NONE, Scope
from reports.statistics import Share, share

MONTHS_ASKED = ("6", "12", "24")
# A grade says nothing about fewer leads than these.
FEWEST = 10
GRADES = (("A", 0.9), ("B", 0.75), ("C", 0.5), ("D", 0.0))


@dataclass(frozen=True, slots=True)
class Asked:
    scope: Scope
    look: Look
    complaints: list[str]

    @property
    def query(self) -> dict[str, str]:
        """How an address asks for it."""
        months = {} if self.look.months == MONTHS else {"months": str(self.look.months)}
        return {**self.scope.query, **months}

    def leads(self) -> QuerySet[Lead]:
        return figures.audited(self.scope.leads())


def read(query: Mapping[str, str], *, user: User, at: datetime) -> Asked:
    wish = wishes.read(query, user=user, at=at)
    scope = wish.scope
    if not any(query.get(name) for name in ("period", "from", "to")):
        scope = scope.during(_last_year(at, scope.period.zone))
    months = query.get("months", "")
    look = figures.look(at, months=int(months) if months in MONTHS_ASKED else MONTHS)
    return Asked(scope, look, list(wish.complaints.values()))


def _last_year(at: datetime, zone: Any) -> Period:
    """From the first of the month eleven months ago to today."""
    today = at.astimezone(zone).date()
    months = today.year * 12 + today.month - 12
    return Period(date(months // 12, months % 12 + 1, 1), today, zone)


def earlier(asked: Asked) -> int:
    """Leads captured before the days looked at; counted no further than to a thousand."""
    rows = Lead.objects.visible_to(asked.scope.user).filter(captured_at__lt=asked.scope.period.start)
    return int(figures.audited(rows).order_by().values("pk")[:1001].count())


def sound(line: Line) -> Share:
    return share(line.sound, line.total)


def grade(line: Line) -> str:
    """A to D by the share of complete and valid leads; nothing for few leads."""
    if line.total < FEWEST:
        return ""
    return next(letter for letter, least in GRADES if line.sound / line.total >= least)


@dataclass(frozen=True, slots=True)
class Week:
    """The shares of a week's last look, 0 to 100; None where there were no leads."""

    monday: date
    total: int
    shares: dict[str, float | None]


def trend(asked: Asked) -> list[Week]:
    """Week by week, of all leads or of one source; nothing for who sees only a part of them."""
    scope = asked.scope
    if not access.sees_everything(scope.user) or set(scope.asked) - {"source"}:
        return []
    source = scope.asked.get("source")
    on = asked.look.at.astimezone(scope.period.zone).date()
    told = history.weeks(scope.user, on=on, source="" if source == NONE else source)
    return [_week(monday, counts) for monday, counts in told]


def _week(monday: date, counts: dict[str, int]) -> Week:
    total = counts.get("", 0)
    return Week(
        monday,
        total,
        {name: 100 * counts.get(name, 0) / total if total else None for name in (SOUND, *GROUPS)},
    )
