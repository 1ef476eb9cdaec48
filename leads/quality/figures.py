"""The audit's figures: how many leads each rule finds, counted by the same conditions that narrow the lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any

from django.db import connection
from django.db.models import Case, DateField, Q, QuerySet, Value, When
from django.db.models.functions import Cast, TruncMonth

from crm.models import Account
from leads.models import Confirmation, Lead, MqlDefinition, Stage
from leads.quality import catalogue, countries
from leads.quality.catalogue import GROUPS, RULES, SOUND
from leads.quality.rule import ACCOUNT, MONTHS, Look, Rule


@dataclass(frozen=True, slots=True)
class Line:
    """A source's or a month's leads: how many, how many of each group, and how many are sound."""

    key: Any
    total: int
    groups: dict[str, int]
    sound: int
    rules: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule finds: leads, and of a rule about companies how many companies."""

    rule: Rule
    leads: int
    records: int | None = None


@dataclass(frozen=True, slots=True)
class Audit:
    """All leads as one line, what each rule finds, and the lines: most leads first, the latest month first."""

    whole: Line
    findings: list[Finding]
    by_source: list[Line]
    by_month: list[Line]


def look(at: datetime, *, months: int = MONTHS) -> Look:
    """What the rules have to know, in three small queries."""
    spelled = Account.objects.standing().exclude(country="").order_by("country")
    dialling, strange = countries.sorted_by_code(spelled.values_list("country", flat=True).distinct())
    asked = MqlDefinition.objects.in_force().values_list("segment", "required_fields")
    settled = Confirmation.objects.order_by("rule").values_list("rule", flat=True).distinct()
    return Look(at, months, dialling, strange, tuple(asked), frozenset(settled))


def audited(rows: QuerySet[Lead]) -> QuerySet[Lead]:
    """Without the leads nobody works: those merged into another, and those ruled out."""
    return rows.filter(merged_into=None).exclude(stage=Stage.DISQUALIFIED)


def count(rows: QuerySet[Lead], look: Look, zone: tzinfo) -> Audit:
    """All figures in one statement, which works out once for each lead what every rule finds."""
    month = Cast(TruncMonth("captured_at", tzinfo=zone), DateField())
    flags = {_name(code): _flag(catalogue.found(rule, look)) for code, rule in RULES.items()}
    inner = rows.order_by().annotate(month=month, **flags).values("account_id", "source", "month", *flags)
    statement, params = inner.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_COUNT.format(leads=statement, **_COLUMNS), params)
        lines = [(kind, _line(source if kind == _BY_SOURCE else month, *told), firms)
                 for kind, firms, source, month, *told in cursor.fetchall()]  # fmt: skip
    [(whole, firms)] = [(line, firms) for kind, line, firms in lines if kind == _WHOLE]
    companies = dict(zip(OF_COMPANIES, firms, strict=True))
    return Audit(
        whole,
        [Finding(rule, whole.rules[code], companies.get(code)) for code, rule in RULES.items()],
        sorted(
            (line for kind, line, _ in lines if kind == _BY_SOURCE), key=lambda one: (-one.total, one.key)
        ),
        sorted((line for kind, line, _ in lines if kind == _BY_MONTH), key=lambda one: one.key, reverse=True),
    )


def _line(key: Any, total: int, *counts: int) -> Line:
    rules = dict(zip(RULES, counts, strict=False))
    groups = dict(zip(GROUPS, counts[len(RULES) :], strict=False))
    return Line(key, total, groups, total - counts[-1], rules)


def problems(leads: Sequence[int], look: Look) -> dict[int, list[Rule]]:
    """What the rules find of these leads, in the order of the catalogue; one statement."""
    flags = {_name(code): _flag(catalogue.found(rule, look)) for code, rule in RULES.items()}
    rows = Lead.objects.filter(pk__in=leads).annotate(**flags).values("pk", *flags)
    return {row["pk"]: [rule for code, rule in RULES.items() if row[_name(code)]] for row in rows}


def narrowed(rows: QuerySet[Lead], look: Look, *, rule: str = "", group: str = "", sound: str = "") -> Any:
    """The leads behind a figure; names nobody knows ask nothing."""
    if rule in RULES:
        rows = rows.filter(catalogue.found(RULES[rule], look))
    if group in GROUPS:
        rows = rows.filter(catalogue.in_group(group, look))
    if sound in ("yes", "no"):
        rows = rows.alias(unsound=_flag(catalogue.unsound(look))).filter(unsound=sound == "no")
    return rows


def per_source(rows: QuerySet[Lead], look: Look) -> Iterable[tuple[str, str, int]]:
    """(source, rule, leads) of every rule, of each group, of the sound ones, and of all (a rule named '')."""
    for line in count(rows, look, UTC).by_source:
        told = {"": line.total, SOUND: line.sound, **line.rules, **line.groups}
        yield from ((line.key, name, number) for name, number in told.items())


def _flag(condition: Q) -> Case:
    """True or false, never unknown: what a lead has no company for is not found wrong in its company."""
    return Case(When(condition, then=Value(True)), default=Value(False))


def _name(code: str) -> str:
    return f"n_{code.replace('-', '_')}"


def _counts(names: Iterable[Iterable[str]]) -> str:
    """How many rows one of the named rules found something in, for each of these."""
    return ", ".join(f"count(*) FILTER (WHERE {' OR '.join(map(_name, codes))})" for codes in names)


OF_COMPANIES = [code for code, rule in RULES.items() if rule.subject == ACCOUNT]
_WHOLE, _BY_SOURCE, _BY_MONTH = 3, 1, 2
_COLUMNS = {
    "counts": _counts(
        [
            *([code] for code in RULES),
            *([rule.code for rule in catalogue.of_group(group)] for group in GROUPS),
            [rule.code for rule in catalogue.UNSOUND],
        ]
    ),
    "flags": ", ".join(map(_name, OF_COMPANIES)),
    "companies": _counts([code] for code in OF_COMPANIES),
}
_COUNT = """
WITH lead AS MATERIALIZED ({leads}),
     company AS (SELECT DISTINCT account_id, {flags} FROM lead WHERE account_id IS NOT NULL)
SELECT GROUPING(source, month), (SELECT ARRAY[{companies}] FROM company), source, month, count(*), {counts}
  FROM lead GROUP BY GROUPING SETS ((), (source), (month))
"""
