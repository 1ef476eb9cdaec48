"""What the audit of the data is about: leads by the day they were captured, as far as the reader sees them.

Unlike the other reports it looks back twelve months where no days are asked for: gaps are found in old leads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from crm import access
from crm.models import User
from leads.models import Findings, Lead, QualityTally
from leads.quality import figures, history, looking
from leads.quality.catalogue import GROUPS
from leads.quality.figures import Audit, Line
from leads.quality.marks import SOUND
from leads.quality.rule import MONTHS, SILENCES
from reports import wishes
from reports.periods import Period
from reports.scopes import NONE, Scope
from reports.statistics import Share, share

MONTHS_ASKED = tuple(map(str, SILENCES))
# A grade says nothing about fewer leads than these.
FEWEST = 10
# What may be asked of the tallies; of whose leads they are they do not tell.
TALLIED = frozenset(("source", "segment"))
GRADES = (("A", 0.9), ("B", 0.75), ("C", 0.5), ("D", 0.0))


@dataclass(frozen=True, slots=True)
class Asked:
    """The days are the company's, whoever looks: by them the leads are counted."""

    scope: Scope
    at: datetime
    months: int
    complaints: list[str]

    @property
    def query(self) -> dict[str, str]:
        """How an address asks for it."""
        months = {} if self.months == MONTHS else {"months": str(self.months)}
        return {**self.scope.query, **months}

    def leads(self) -> QuerySet[Lead]:
        """Those that were looked at, as far as the reader sees them."""
        return figures.looked_at(self.scope.leads())

    def count(self) -> Audit:
        """From the tallies where nobody's leads are left out, else from what was found in each lead."""
        if access.sees_everything(self.scope.user) and TALLIED.issuperset(self.scope.asked):
            return figures.count(self._tallies(), months=self.months)
        return figures.count(
            Findings.objects.filter(lead__in=self.leads().order_by().values("pk")), months=self.months
        )

    def _tallies(self) -> QuerySet[QualityTally]:
        days = self.scope.period
        asked = {name: "" if value == NONE else value for name, value in self.scope.asked.items()}
        rows = QualityTally.objects.visible_to(self.scope.user)
        return rows.filter(captured_on__gte=days.first, captured_on__lte=days.last, **asked)


def read(query: Mapping[str, str], *, user: User, at: datetime) -> Asked:
    """Read what every report is asked, and `months` of silence; a year where no days are asked for."""
    wish = wishes.read(query, user=user, at=at)
    zone = looking.zone()
    is_told = any(query.get(name) for name in ("period", "from", "to"))
    period = replace(wish.scope.period, zone=zone) if is_told else _last_year(at, zone)
    months = query.get("months", "")
    return Asked(
        wish.scope.during(period),
        at,
        int(months) if months in MONTHS_ASKED else MONTHS,
        list(wish.complaints.values()),
    )


def _last_year(at: datetime, zone: Any) -> Period:
    """From the first of the month eleven months ago to today."""
    today = at.astimezone(zone).date()
    months = today.year * 12 + today.month - 12
    return Period(date(months // 12, months % 12 + 1, 1), today, zone)


def earlier(asked: Asked) -> int:
    """Leads captured before the days looked at; counted no further than to a thousand."""
    rows = Lead.objects.visible_to(asked.scope.user).filter(captured_at__lt=asked.scope.period.start)
    return int(figures.looked_at(rows).order_by().values("pk")[:1001].count())


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
    on = asked.at.astimezone(scope.period.zone).date()
    told = history.weeks(scope.user, on=on, source="" if source == NONE else source)
    return [_week(monday, counts) for monday, counts in told]


def _week(monday: date, counts: dict[str, int]) -> Week:
    total = counts.get("", 0)
    return Week(
        monday,
        total,
        {name: 100 * counts.get(name, 0) / total if total else None for name in (SOUND, *GROUPS)},
    )
