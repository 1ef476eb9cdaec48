"""The audit's figures: in how many leads each rule finds something, from what is kept of every lead."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from crm.querysets import FEW
from leads.models import Findings, Lead
from leads.quality.catalogue import GROUPS, RULES
from leads.quality.marks import ANY, SOUND, UNSOUND, named
from leads.quality.rule import MONTHS, Rule


@dataclass(frozen=True, slots=True)
class Line:
    """A source's or a month's leads: how many, how many of each group, and how many are sound."""

    key: Any
    total: int
    groups: dict[str, int]
    sound: int
    rules: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Audit:
    """All leads as one line, and the lines: most leads first, the latest month first."""

    whole: Line
    by_source: list[Line]
    by_month: list[Line]


def count(rows: Any, *, months: int = MONTHS) -> Audit:
    """Of tallies, or of findings for who sees a part of the leads; stale is what was silent for so many months."""
    sources, by_month = _told(rows.counted_by("source")), _told(rows.counted_by("month"))
    whole: dict[str, int] = defaultdict(int)
    for marks in sources.values():
        for mark, n in marks.items():
            whole[mark] += n
    by_source = [_line(key, marks, months) for key, marks in sources.items()]
    return Audit(
        _line(None, whole, months),
        sorted(by_source, key=lambda one: (-one.total, one.key)),
        [_line(key, by_month[key], months) for key in sorted(by_month, reverse=True)],
    )


def _told(counted: Iterable[tuple[Any, str, int]]) -> dict[Any, dict[str, int]]:
    """How many leads have a mark, by source or month; a tally that has come down to nothing tells nothing."""
    told: dict[Any, dict[str, int]] = defaultdict(dict)
    for key, mark, n in counted:
        if n:
            told[key][mark] = n
    return told


def _line(key: Any, marks: Mapping[str, int], months: int) -> Line:
    groups = {group: marks.get(named(group, months), 0) for group in GROUPS}
    rules = {code: marks.get(named(code, months), 0) for code in RULES}
    return Line(key, marks.get("", 0), groups, marks.get(SOUND, 0), rules)


def problems(leads: Sequence[int], *, months: int = MONTHS) -> dict[int, list[Rule]]:
    """What the rules found in these leads, in the order of the catalogue; one statement."""
    rows = Findings.objects.filter(pk__in=leads).values_list("pk", "marks")
    return {pk: [rule for code, rule in RULES.items() if named(code, months) in marks] for pk, marks in rows}


def narrowed(
    rows: QuerySet[Lead], *, months: int = MONTHS, rule: str = "", group: str = "", sound: str = ""
) -> QuerySet[Lead]:
    """The leads behind a figure; names nobody knows ask nothing, and who asks nothing gets those with any finding."""
    asked = [named(name, months) for name, known in ((rule, RULES), (group, GROUPS)) if name in known]
    asked += {"yes": [SOUND], "no": [UNSOUND]}.get(sound, [])
    marked = Findings.objects.filter(marks__contains=asked or [named(ANY, months)]).order_by()
    few = list(marked.values_list("pk", flat=True)[: FEW + 1])
    # Of a mark that is rare the database knows no more than that, and would look for it lead by lead.
    return rows.filter(pk__among=few) if len(few) <= FEW else rows.filter(findings__in=marked)


def looked_at(rows: QuerySet[Lead]) -> QuerySet[Lead]:
    """Those that the figures count, whatever was found in them."""
    return rows.filter(findings__isnull=False)
