"""Lines over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10

from crm.components import formats
from crm.components.charts.shapes import Picture, Table
from crm.components.faces import Words


@dataclass(frozen=True, slots=True)
class Series:
    """Values along the x axis; None where nothing was measured, which breaks the line."""

    label: Words
    values: Sequence[float | None]
    name: str = "1"


@dataclass(frozen=True, slots=True)
class DrawnSeries:
    series: Series
    runs: list[str]
    dots: list[tuple[float, float, str]]
    area: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePicture(Picture):
    lines: list[DrawnSeries]
    x_words: list[Words]
    y_words: list[str]
    grid: list[float]
    goal_at: float | None
    goal_words: Words


def line_chart(
    title: Words,
    x_words: Sequence[Words],
    series: Sequence[Series],
    *,
    words: Words = "",
    head: Words = "",
    places: int = 0,
    goal: float | None = None,
    goal_words: Words = "",
) -> LinePicture:
    """Lines over time from zero up, with an optional goal drawn across."""
    values = [value for one in series for value in one.values if value is not None]
    step, top = scale(max([*values, goal or 0], default=0))
    marks = [round(step * place, 10) for place in range(round(top / step) + 1)]
    return LinePicture(
        title=title,
        words=words,
        table=_line_table(x_words, series, head, places),
        kind="line",
        lines=[_drawn(one, top, places) for one in series],
        x_words=thinned(list(x_words)),
        y_words=[formats.number(mark, _needed(step, places)) for mark in reversed(marks)],
        grid=[round(100 - 100 * mark / top, 2) for mark in marks],
        goal_at=None if goal is None else round(100 - 100 * goal / top, 2),
        goal_words=goal_words,
    )


def scale(largest: float) -> tuple[float, float]:
    """A round step (1, 2, 5 × 10ⁿ) and the top of an axis of at most five steps that holds the largest value."""
    if largest <= 0:
        return 1.0, 1.0
    rough = largest / 4
    size = 10.0 ** floor(log10(rough))
    step = next(factor * size for factor in (1, 2, 5, 10) if factor * size >= rough * 0.999999)
    steps = -(-largest // step)
    return step, step * steps


def _needed(step: float, places: int) -> int:
    return places if step >= 1 else max(places, -floor(log10(step)))


def thinned(words: list[Words], most: int = 7) -> list[Words]:
    """At most `most` evenly spread words, first and last kept."""
    if len(words) <= most:
        return words
    return [words[round(place * (len(words) - 1) / (most - 1))] for place in range(most)]


def _drawn(series: Series, top: float, places: int) -> DrawnSeries:
    last = max(1, len(series.values) - 1)
    points = [
        None
        if value is None
        else (round(100 * place / last, 2), round(100 - 100 * value / top, 2), formats.number(value, places))
        for place, value in enumerate(series.values)
    ]
    runs = _runs(points)
    only = runs[0] if len(runs) == 1 and len(runs[0]) > 1 else []
    return DrawnSeries(
        series=series,
        runs=[_path(run) for run in runs],
        dots=[point for point in points if point is not None],
        area=f"{only[0][0]},100 {_path(only)} {only[-1][0]},100" if only else "",
    )


Point = tuple[float, float, str]


def _runs(points: Sequence[Point | None]) -> list[list[Point]]:
    runs: list[list[Point]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    return [run for run in runs if run]


def _path(run: Sequence[Point]) -> str:
    return " ".join(f"{x},{y}" for x, y, _shown in run)


def _line_table(x_words: Sequence[Words], series: Sequence[Series], head: Words, places: int) -> Table:
    rows: list[list[Words]] = [
        [
            word,
            *(
                "–" if one.values[place] is None else formats.number(one.values[place] or 0, places)
                for one in series
            ),
        ]
        for place, word in enumerate(x_words)
    ]
    return Table([head, *(one.label for one in series)], rows)
