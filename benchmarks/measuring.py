"""Ratios, never times: what is compared is measured in turn, several times, and the medians are divided."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

REPEATS = 3
Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal of docs/performance.md. `more_is_better` says on which side of floor and aim a figure is good."""

    name: str
    what: str
    floor: float
    aim: float
    more_is_better: bool = True

    def verdict(self, figure: float) -> str:
        if self._reaches(figure, self.aim):
            return "aim"
        return "floor" if self._reaches(figure, self.floor) else "missed"

    def _reaches(self, figure: float, bound: float) -> bool:
        return figure >= bound if self.more_is_better else figure <= bound


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured for a goal, at which size, with what it is made of."""

    goal: Goal
    size: str
    value: float
    details: dict[str, str] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        return self.goal.verdict(self.value)

    def line(self) -> str:
        told = " · ".join(f"{name} {value}" for name, value in self.details.items())
        bounds = f"floor {self.goal.floor:g}, aim {self.goal.aim:g}"
        return (
            f"{self.goal.name:<5}{self.verdict:<7}{self.value:>9.3g}  {self.size:<12}{self.goal.what} ({bounds})"
            + (f"\n{'':<12}{told}" if told else "")
        )


def seconds(work: Work) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def interleaved(*works: Work, repeats: int = REPEATS) -> list[float]:
    """Median seconds of each, taken in turn so that a busy moment of the machine meets all of them."""
    taken = [[seconds(work) for work in works] for _ in range(repeats)]
    return [statistics.median(column) for column in zip(*taken, strict=True)]


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def told(value: float) -> str:
    """Seconds as people read them."""
    return f"{value * 1000:.2f} ms" if value < 1 else f"{value:.2f} s"
