"""The audit's figures: how many leads each rule finds, counted by the same conditions that narrow the lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from django.db.models import Case, Count, DateField, F, Q, QuerySet, Value, When
from django.db.models.functions import TruncMonth

from crm.models import Account
from leads.models import Confirmation, Lead, MqlDefinition, Stage
from leads.quality import catalogue, countries
from leads.quality.catalogue import GROUPS, RULES, SOUND
from leads.quality.rule import ACCOUNT, MONTHS, Look, Rule

TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Line:
    """A source's or a month's leads: how many, how many of each group, and how many are sound."""

    key: Any
    total: int
    groups: dict[str, int]
    sound: int


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule finds: leads, and of a rule about companies how many companies."""

    rule: Rule
    leads: int
    records: int | None = None


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


def by_rule(rows: QuerySet[Lead], look: Look) -> tuple[int, list[Finding]]:
    """How many leads there are, and what each rule finds of them; one statement."""
    conditions = {code: catalogue.found(rule, look) for code, rule in RULES.items()}
    counts = {_name(code): Count("pk", filter=q) for code, q in conditions.items()}
    records = {
        f"{_name(code)}_records": Count("account", filter=conditions[code], distinct=True)
        for code, rule in RULES.items()
        if rule.subject == ACCOUNT
    }
    told = rows.order_by().aggregate(**{TOTAL: Count("pk")}, **counts, **records)
    return told[TOTAL], [
        Finding(rule, told[_name(code)], told.get(f"{_name(code)}_records")) for code, rule in RULES.items()
    ]


def by_source(rows: QuerySet[Lead], look: Look) -> list[Line]:
    """Most leads first."""
    lines = _lines(rows.annotate(key=F("source")), look)
    return sorted(lines, key=lambda line: (-line.total, line.key))


def by_month(rows: QuerySet[Lead], look: Look, zone: tzinfo) -> list[Line]:
    """By the month a lead was captured in, the latest first; months without leads are left out."""
    month = TruncMonth("captured_at", tzinfo=zone, output_field=DateField())
    return sorted(_lines(rows.annotate(key=month), look), key=lambda line: line.key, reverse=True)


def _lines(rows: QuerySet[Any], look: Look) -> list[Line]:
    counts = {group: Count("pk", filter=catalogue.in_group(group, look)) for group in GROUPS}
    unsound = Count("pk", filter=catalogue.unsound(look))
    told = rows.order_by().values("key").annotate(total=Count("pk"), **counts, unsound=unsound)
    return [
        Line(row["key"], row["total"], {group: row[group] for group in GROUPS}, row["total"] - row["unsound"])
        for row in told
    ]


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
    flags = {code: catalogue.found(rule, look) for code, rule in RULES.items()}
    flags |= {group: catalogue.in_group(group, look) for group in GROUPS}
    counts = {_name(code): Count("pk", filter=q) for code, q in flags.items()}
    unsound = Count("pk", filter=catalogue.unsound(look))
    told: Any = rows.order_by().values("source").annotate(**{TOTAL: Count("pk")}, unsound=unsound, **counts)
    for row in told:
        yield row["source"], "", row[TOTAL]
        yield row["source"], SOUND, row[TOTAL] - row["unsound"]
        yield from ((row["source"], code, row[_name(code)]) for code in flags)


def _flag(condition: Q) -> Case:
    """True or false, never unknown: what a lead has no company for is not found wrong in its company."""
    return Case(When(condition, then=Value(True)), default=Value(False))


def _name(code: str) -> str:
    return f"n_{code.replace('-', '_')}"
