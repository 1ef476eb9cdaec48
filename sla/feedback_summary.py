"""Accepted beside rejected, for the feedback somebody is looking at."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from django.db.models import Count, Q, QuerySet

from sla.models import Feedback, RejectionReason, Verdict


@dataclass(frozen=True, slots=True)
class Line:
    """One source, or the whole: how many were accepted and how many rejected."""

    label: str
    accepted: int
    rejected: int
    source: str = ""

    @property
    def total(self) -> int:
        return self.accepted + self.rejected

    @property
    def accepted_percent(self) -> float:
        return 100 * self.accepted / self.total if self.total else 0.0

    @property
    def accepted_between(self) -> tuple[float, float]:
        """Where the true rate lies with 95 % confidence: few answers say little."""
        low, high = wilson(self.accepted, self.total)
        return 100 * low, 100 * high


def wilson(hits: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """The score interval of a share (Wilson, J. Am. Stat. Assoc. 22, 1927); all of 0 to 1 where nothing was counted."""
    if not total:
        return 0.0, 1.0
    share, spread = hits / total, z * z / total
    middle = share + spread / 2
    reach = z * sqrt(share * (1 - share) / total + spread / (4 * total))
    return max(0.0, (middle - reach) / (1 + spread)), min(1.0, (middle + reach) / (1 + spread))


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason: how many were rejected for it, and their share of all answers."""

    label: str
    rejected: int
    percent: float
    reason: int


@dataclass(frozen=True, slots=True)
class Summary:
    whole: Line
    sources: list[Line]
    causes: list[Cause]


def summarise(rows: QuerySet[Feedback]) -> Summary:
    """Two counts over exactly these rows, whatever joins their filters needed."""
    these = Feedback.objects.filter(pk__in=rows.order_by().values("pk"))
    sources = _by_source(these)
    whole = Line("", sum(line.accepted for line in sources), sum(line.rejected for line in sources))
    return Summary(whole=whole, sources=sources, causes=_by_reason(these, whole.total))


def _by_source(these: QuerySet[Feedback]) -> list[Line]:
    counted = these.values_list("handoff__lead__source").annotate(
        accepted=Count("pk", filter=Q(verdict=Verdict.ACCEPTED)),
        rejected=Count("pk", filter=Q(verdict=Verdict.REJECTED)),
    )
    lines = [
        Line(source or "—", accepted, rejected, source) for source, accepted, rejected in counted.order_by()
    ]
    return sorted(lines, key=lambda line: (-line.total, line.label))


def _by_reason(these: QuerySet[Feedback], total: int) -> list[Cause]:
    counted = these.filter(verdict=Verdict.REJECTED).values_list("reason").annotate(count=Count("pk"))
    counts = dict(counted.order_by())
    names = {row.pk: str(row) for row in RejectionReason.objects.filter(pk__in=counts).order_by("pk")}
    causes = [Cause(names[pk], count, 100 * count / total, pk) for pk, count in counts.items()]
    return sorted(causes, key=lambda cause: (-cause.rejected, cause.label))
