"""What every picture has: a title, a sentence, its figures as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crm.components.faces import Words


@dataclass(frozen=True, slots=True)
class Table:
    columns: list[Words]
    rows: list[list[Words]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """`words` says in a sentence what the picture shows; `kind` names the template that draws it."""

    title: Words
    words: Words
    table: Table
    kind: str = ""


def share(value: float, largest: float) -> float:
    """0 to 100; something that is there stays visible however small."""
    if value <= 0 or largest <= 0:
        return 0.0
    return max(0.8, round(100 * min(1.0, value / largest), 2))


def spark(values: Sequence[float]) -> str:
    """The points of a line without axes, 48 by 16, for beside a number."""
    if len(values) < 2:
        return ""
    low, high = min(values), max(values)
    reach = (high - low) or 1
    last = len(values) - 1
    return " ".join(
        f"{48 * place / last:.1f},{15 - 14 * (value - low) / reach:.1f}" for place, value in enumerate(values)
    )
