"""What marketing promised, and what became of it: volume, acceptance, completeness."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from reports import counting, figures, promises
from reports.counting import Cube
from reports.facets import YES, Lens
from reports.figures import OF_MARKETING, Tally
from reports.promises import Binding
from reports.scopes import NONE, Scope
from reports.statistics import Share, share
from sla.models import BINDING, Agreement


@dataclass(frozen=True, slots=True)
class Against:
    """A share beside the one promised; with several agreements the promise is weighted by what fell under each."""

    share: Share
    promised: float | None

    @property
    def is_kept(self) -> bool | None:
        """None where nothing was counted or promised."""
        if self.share.rate is None or self.promised is None:
            return None
        return self.share.rate >= self.promised

    @property
    def is_uncertain(self) -> bool:
        return self.share.could_be(self.promised)


@dataclass(frozen=True, slots=True)
class Month:
    """One month's MQLs beside the promise for its days that count."""

    promise: promises.Month
    mqls: int


@dataclass(frozen=True, slots=True)
class Source:
    key: str
    name: str
    tally: Tally
    accepted: Share


@dataclass(frozen=True, slots=True)
class Marketing:
    """`due` and `planned` are None where the promise cannot be held against what is looked at, such as one team."""

    mqls: int
    due: float | None
    planned: float | None
    months: list[Month]
    acceptance: Against
    completeness: Against
    sources: list[Source]

    @property
    def is_kept(self) -> bool | None:
        return None if not self.due else self.mqls >= self.due


def marketing(scope: Scope, lens: Lens) -> Marketing:
    """A promise of MQLs a month is made for everybody, so it is held against the whole or a segment only."""
    facets = (*OF_MARKETING, "agreement", "source", "month")
    counted = counting.cube(scope.handoffs(), facets, lens)
    rates = {
        row.pk: row for row in Agreement.objects.filter(pk__in=list(counted.by("agreement"))).order_by("pk")
    }
    bound = promises.months(_bindings(scope), scope.period, lens.at) if scope.is_whole else []
    by_month = counted.by("month")
    nothing = Cube(counted.names, {})
    return Marketing(
        mqls=counted.count(mql=YES),
        due=sum(month.due for month in bound) if bound else None,
        planned=sum(month.planned for month in bound) if bound else None,
        months=[Month(m, by_month.get(m.days.first.replace(day=1), nothing).count(mql=YES)) for m in bound],
        acceptance=_acceptance(counted, rates),
        completeness=_completeness(counted, rates),
        sources=_sources(counted),
    )


def _bindings(scope: Scope) -> list[Binding]:
    """The agreements that held in the period: of everybody, or of the segment asked for."""
    period = scope.period
    held = Agreement.objects.filter(
        Q(effective_until=None) | Q(effective_until__gt=period.start), status__in=BINDING
    )
    held = held.filter(effective_from__lt=period.end)
    if segment := scope.asked.get("segment"):
        held = held.filter(segment=None) if segment == NONE else held.filter(segment__code=segment)
    periods = held.order_by("pk").values_list("monthly_mqls", "effective_from", "effective_until")
    return [Binding(monthly, since, until) for monthly, since, until in periods if since]


def _acceptance(counted: Cube, rates: dict[int, Agreement]) -> Against:
    accepted, rejected = counted.count(said="accepted"), counted.count(said="rejected")
    judged = {
        pk: part.count(said="accepted") + part.count(said="rejected")
        for pk, part in counted.by("agreement").items()
    }
    promised = _weighted((rates[pk].acceptance_rate, weight) for pk, weight in judged.items())
    return Against(share(accepted, accepted + rejected), promised)


def _completeness(counted: Cube, rates: dict[int, Agreement]) -> Against:
    complete, whole = counted.count(mql=YES, complete=YES), counted.count(mql=YES)
    weights = {pk: part.count(mql=YES) for pk, part in counted.by("agreement").items()}
    promised = _weighted((rates[pk].completeness, weight) for pk, weight in weights.items())
    return Against(share(complete, whole), promised)


def _weighted(pairs: Iterable[tuple[float, int]]) -> float | None:
    found = list(pairs)
    whole = sum(weight for _value, weight in found)
    return sum(value * weight for value, weight in found) / whole if whole else None


def _sources(counted: Cube) -> list[Source]:
    """Most handoffs first. A blank one is a source nobody told."""
    sources = []
    for name, part in counted.by("source").items():
        told = figures.tally(part)
        said = told["said_accepted"] + told["said_rejected"]
        sources.append(Source(name or NONE, name, told, share(told["said_accepted"], said)))
    return sorted(sources, key=lambda source: (-source.tally.offered, source.key))
