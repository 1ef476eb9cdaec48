"""The sides a handoff can be looked at from: each is one expression, by which figures are counted and lists narrowed.

A figure and the list behind it ask the same expression for the same value, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cached_property
from typing import Any

from django.db.models import Case, DateField, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, ExtractHour, ExtractIsoWeekDay, Least, TruncMonth, TruncWeek

from crm.models import LedgerEntry
from reports import completeness
from sla import judging, ladder
from sla.models import BantField, Disposition, Handoff, Pause, Status

YES, NO = "yes", "no"
MOST_ROUNDS = 3


@dataclass(frozen=True)
class Lens:
    """From when and where somebody looks: what has passed, and which day and hour it was there."""

    at: datetime
    zone: tzinfo

    @cached_property
    def postponed(self) -> judging.Dues:
        return judging.postponed(self.at)

    @cached_property
    def required(self) -> completeness.Required:
        return completeness.required()


@dataclass(frozen=True, slots=True)
class Facet:
    """`words` are what the numbers 0, 1, 2 … of the expression mean; without words the column speaks for itself."""

    expression: Callable[[Lens], Any]
    words: tuple[str, ...] = ()

    def stored(self, values: Iterable[str]) -> list[Any]:
        """What the database calls these values; ones that nobody knows are left out."""
        if self.words:
            return [self.words.index(value) for value in values if value in self.words]
        return [value for value in values if "\0" not in value]

    def told(self, stored: Any) -> Any:
        return self.words[stored] if self.words else stored


def _promise(name: str) -> Facet:
    return Facet(lambda lens: judging.standing(name, at=lens.at, postponed=lens.postponed), judging.STANDINGS)


def _whether(condition: Callable[[Lens], Q]) -> Facet:
    return Facet(lambda lens: Case(When(condition(lens), then=Value(1)), default=Value(0)), (NO, YES))


def _known(field: str) -> Facet:
    """What sales found out; blank where nothing yet."""
    return Facet(lambda lens: Coalesce(f"bant__{field}", Value("")))


def _as_is(column: str) -> Facet:
    return Facet(lambda lens: F(column))


# What sales said in the end: a lead that was accepted and then given back counts as rejected.
_SAID = Case(
    When(status=Status.REJECTED, then=Value(2)),
    When(accepted_at__isnull=False, then=Value(1)),
    default=Value(0),
)
# Nothing where sales has said nothing, else whether marketing has read it.
_REVIEWED = Case(
    When(feedback__isnull=True, then=Value(0)),
    When(feedback__reviewed_at=None, then=Value(1)),
    default=Value(2),
)
_ROUND = Least("round", Value(MOST_ROUNDS)) - 1


def _first_offer(_lens: Lens) -> Q:
    """Whether it counts as an MQL of marketing's: not withdrawn, and no second offer of one that ran out of time or
    came back to have its data mended. Second offers are few, and looked up once for all rows."""
    again = Q(lead__handoffs__status=Status.EXPIRED)
    again |= Q(lead__handoffs__feedback__disposition__in=(Disposition.FIX_DATA, Disposition.MERGE))
    second = Handoff.objects.filter(again, round__gt=1, lead__handoffs__round=F("round") - 1)
    return ~Q(status=Status.WITHDRAWN) & ~Q(pk__in=second.values("pk"))


def reassignments() -> QuerySet[LedgerEntry]:
    return LedgerEntry.objects.filter(kind="handoff.reassigned", subject_type="handoff")


FACETS: dict[str, Facet] = {
    "status": _as_is("status"),
    "response": _promise(ladder.RESPONSE),
    "answer": _promise(ladder.ACCEPTANCE),
    "feedback": _promise(ladder.FEEDBACK),
    "said": Facet(lambda lens: _SAID, ("nothing", "accepted", "rejected")),
    "reason": Facet(lambda lens: Coalesce("feedback__reason__code", Value(""))),
    "reviewed": Facet(lambda lens: _REVIEWED, ("", NO, YES)),
    "contacted": _whether(lambda lens: Q(response_hours__isnull=False)),
    "paused": _whether(lambda lens: Q(pk__in=Pause.objects.values("handoff"))),
    "reassigned": _whether(lambda lens: Q(pk__in=reassignments().values("subject_id"))),
    "mql": _whether(_first_offer),
    "complete": _whether(lambda lens: completeness.is_complete(lens.required)),
    "round": Facet(lambda lens: _ROUND, tuple(str(number + 1) for number in range(MOST_ROUNDS))),
    "weekday": Facet(lambda lens: ExtractIsoWeekDay("offered_at", tzinfo=lens.zone) - 1, tuple("1234567")),
    "hour": Facet(lambda lens: ExtractHour("offered_at", tzinfo=lens.zone), tuple(map(str, range(24)))),
    "source": _as_is("lead__source"),
    "agreement": _as_is("agreement"),
    "assignee": _as_is("assignee"),
    "team": _as_is("team"),
    "week": Facet(lambda lens: TruncWeek("offered_at", tzinfo=lens.zone, output_field=DateField())),
    "month": Facet(lambda lens: TruncMonth("offered_at", tzinfo=lens.zone, output_field=DateField())),
    **{name: _known(name) for name in BantField.values},
}


def seen_by(rows: QuerySet[Handoff], names: Iterable[str], lens: Lens) -> QuerySet[Handoff]:
    """Rows with an annotation `by_…` for each facet."""
    return rows.annotate(**{f"by_{name}": FACETS[name].expression(lens) for name in names})


def narrowed(rows: QuerySet[Handoff], asked: Mapping[str, Iterable[str]], lens: Lens) -> QuerySet[Handoff]:
    """Rows that have one of the values asked for, of every facet asked for."""
    for name, values in asked.items():
        facet = FACETS[name]
        rows = rows.alias(**{f"by_{name}": facet.expression(lens)})
        rows = rows.filter(**{f"by_{name}__in": facet.stored(values)})
    return rows
