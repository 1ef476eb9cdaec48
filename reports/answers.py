"""What sales said: why leads were rejected, what marketing concluded, and what was found out in contact (BANT)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from reports import counting
from reports.facets import YES, Lens
from reports.scopes import NONE, Scope
from reports.statistics import Share, share
from sla.handoffs.bant import CHOICES
from sla.models import BantField, Feedback, RejectionReason, Verdict


@dataclass(frozen=True, slots=True)
class Reason:
    """`share` is of all answers; `unreviewed` are those marketing has not read yet."""

    code: str
    name: str
    rejected: int
    unreviewed: int
    share: Share
    sources: dict[str, int]


@dataclass(frozen=True, slots=True)
class Conclusion:
    text: str
    count: int


@dataclass(frozen=True, slots=True)
class Answers:
    accepted: int
    rejected: int
    reasons: list[Reason]
    sources: list[str]
    conclusions: list[Conclusion]

    @property
    def unreviewed(self) -> int:
        return sum(reason.unreviewed for reason in self.reasons)


@dataclass(frozen=True, slots=True)
class Found:
    """How often one of the four was found out, of all contacted, and how often each value."""

    field: str
    label: Any
    share: Share
    values: list[tuple[str, Any, int]]

    @property
    def told(self) -> list[dict[str, Any]]:
        """The values by their codes."""
        return [{"value": value, "count": count} for value, _label, count in self.values]


def answers(scope: Scope, lens: Lens) -> Answers:
    """Of the handoffs offered in the period, whenever the answer came."""
    told = Feedback.objects.filter(handoff__in=scope.handoffs().order_by().values("pk"))
    accepted = counting.cube(scope.handoffs(), ["said"], lens).count(said="accepted")
    cells = told.filter(verdict=Verdict.REJECTED).order_by().values_list("reason", "handoff__lead__source")
    counted = cells.annotate(n=Count("pk"), unread=Count("pk", filter=Q(reviewed_at=None)))
    return _answers(accepted, list(counted), _conclusions(told))


def _answers(accepted: int, cells: list[tuple[Any, ...]], conclusions: list[Conclusion]) -> Answers:
    rejected = sum(n for *_cell, n, _unread in cells)
    known = RejectionReason.objects.in_bulk({reason for reason, *_rest in cells})
    per_source: dict[str, int] = {}
    for _pk, source, n, _unread in cells:
        per_source[source or NONE] = per_source.get(source or NONE, 0) + n
    reasons = [
        _reason(known[pk], [cell[1:] for cell in cells if cell[0] == pk], accepted + rejected) for pk in known
    ]
    return Answers(
        accepted=accepted,
        rejected=rejected,
        reasons=sorted(reasons, key=lambda reason: (-reason.rejected, reason.code)),
        sources=sorted(per_source, key=lambda source: (-per_source[source], source)),
        conclusions=conclusions,
    )


def _reason(row: RejectionReason, cells: list[tuple[Any, ...]], said: int) -> Reason:
    rejected = sum(n for _source, n, _unread in cells)
    return Reason(
        code=row.code,
        name=str(row),
        rejected=rejected,
        unreviewed=sum(unread for _source, _n, unread in cells),
        share=share(rejected, said),
        sources={source or NONE: n for source, n, _unread in cells},
    )


def _conclusions(told: Any) -> list[Conclusion]:
    drawn = told.exclude(conclusion="").order_by().values_list("conclusion").annotate(n=Count("pk"))
    return [Conclusion(text, n) for text, n in sorted(drawn, key=lambda pair: (-pair[1], pair[0]))]


def found_out(scope: Scope, lens: Lens) -> list[Found]:
    """Budget, decision power, need and timing: fill rates over the handoffs with a first contact (E10)."""
    counted = counting.cube(scope.handoffs(), ["contacted", *BantField.values], lens)
    contacted = counted.count(contacted=YES)
    return [_found(field, counted, contacted) for field in BantField]


def _found(field: BantField, counted: counting.Cube, contacted: int) -> Found:
    values = [
        (str(value), label, counted.count(contacted=YES, **{field: value}))
        for value, label in CHOICES[field].choices
    ]
    return Found(str(field), field.label, share(sum(n for _v, _l, n in values), contacted), values)
