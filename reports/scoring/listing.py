"""The handoffs behind a figure of the report on scoring: taken from the very rows it was counted from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse

from reports import links
from reports.facets import NO, YES
from reports.scopes import Scope
from reports.scoring import discrimination
from reports.scoring.backtest import Scored
from reports.scoring.samples import Sample, Sampled
from reports.scoring.wish import ScoringWish
from reports.terms import Term, terms_of

# What a list may be narrowed by; each is one value.
NARROWING = ("tenth", "above", "came", "least", "below", "half", "kind", "field", "value")


def url(scope: Scope, wish: ScoringWish, version: Any, **asked: Any) -> str:
    """The list of the handoffs a figure counts under one version."""
    return links.address(reverse("reports:scoring-rows"), {**scope.query, **wish.query(version), **asked})


def of_term(term: Term) -> dict[str, str]:
    """How an address asks for those who have a term."""
    return {"kind": term.name} if term.is_behaviour else {"field": term.name, "value": term.value}


def narrowed(rows: Sequence[Scored], found: Sampled, asked: Mapping[str, str], bar: float) -> list[Scored]:
    """Rows come the highest score first; a value nobody has finds nothing, a name nobody knows asks nothing."""
    kept = _tenth(rows, asked.get("tenth", ""))
    if (above := asked.get("above", "")) in (YES, NO):
        kept = [row for row in kept if (row.score >= bar) == (above == YES)]
    if (came := asked.get("came", "")) in (YES, NO):
        kept = [row for row in kept if row.came == (came == YES)]
    kept = [row for row in kept if _number(asked.get("least", "")) <= row.score]
    if below := asked.get("below", ""):
        kept = [row for row in kept if row.score < _number(below)]
    if keys := _keys(found.samples, asked):
        kept = [row for row in kept if row.handoff in keys[0]]
    return kept


def _tenth(rows: Sequence[Scored], text: str) -> list[Scored]:
    if not text:
        return list(rows)
    cuts = discrimination.parts(len(rows), discrimination.TENTHS)
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:3]) <= len(cuts)):
        return []
    first, end = cuts[int(text[:3]) - 1]
    return list(rows[first:end])


def _number(text: str) -> float:
    try:
        return float(text or "-inf")
    except ValueError:
        return float("inf")


def _keys(found: Sequence[Sample], asked: Mapping[str, str]) -> list[set[int]]:
    """The handoffs that have a term or lie in the second half; empty where nothing of it is asked."""
    rows, is_asked = list(found), False
    if asked.get("half") == "second":
        rows, is_asked = rows[len(rows) // 2 :], True
    if term := _term(asked):
        rows, is_asked = [one for one in rows if term in terms_of(one)], True
    return [{one.key for one in rows}] if is_asked else []


def _term(asked: Mapping[str, str]) -> Term | None:
    if kind := asked.get("kind"):
        return Term(kind)
    return Term(asked["field"], asked.get("value", "")) if asked.get("field") else None
