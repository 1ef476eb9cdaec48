"""Back-test: the score a version would have given each handoff when it was offered, held against what came of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from leads.models import ScoringModel
from leads.scoring import versions
from leads.scoring.versions import Rules
from reports.scopes import NONE, Scope
from reports.scoring import discrimination, samples
from reports.scoring.counts import exact, has_more_than_points, points, score
from reports.scoring.discrimination import AtBar, Auc, Bin, Tenth
from reports.scoring.samples import Sampled
from reports.statistics import Share, share

# Fewer of either kind tell more of chance than of a version.
NEEDED = 10
# Both halves of a calibration need something to learn from, and something to hold it against.
NEEDED_TO_CALIBRATE = 40


@dataclass(frozen=True, slots=True)
class Scored:
    """One handoff under a version."""

    handoff: int
    score: float
    came: bool
    segment: str
    month: date | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Part:
    """A segment or month: how much came of it, and how well the version told it apart (None: too few)."""

    key: Any
    came: Share
    at_bar: AtBar
    auc: Auc | None


@dataclass(frozen=True, slots=True)
class Calibration:
    """The first half in time says what a score means; the second half what it was worth."""

    bins: list[Bin]
    error: float | None
    brier: float | None


@dataclass(frozen=True, slots=True)
class BackTest:
    """`auc` and the rest are None or empty where not `is_enough`: then `missing` says how many outcomes lack."""

    model: ScoringModel
    outcome: str
    rows: list[Scored]
    undecided: int
    came: Share
    auc: Auc | None
    tenths: list[Tenth]
    at_bar: AtBar
    calibration: Calibration | None
    segments: list[Part]
    months: list[Part]

    @property
    def rarer(self) -> int:
        return min(self.came.part, self.came.whole - self.came.part)

    @property
    def is_enough(self) -> bool:
        return self.rarer >= NEEDED


def backtest(scope: Scope, model: ScoringModel, outcome: str, *, bar: float) -> BackTest:
    """A version over a scope's handoffs; a handful of statements, however many there are."""
    found = samples.read(scope, outcome, rate=model.rate, period_days=model.period_days)
    return judged(model, found, scored(model, found), bar=bar)


def scored(model: ScoringModel, found: Sampled) -> list[Scored]:
    """The highest score first."""
    rules = versions.rules_of(model)
    behaviour = _behaviour(found, rules)
    rows = [
        Scored(
            one.key, score(behaviour[one.key], one.profile, rules), one.came, one.segment, one.month, one.at
        )
        for one in found.samples
    ]
    return sorted(rows, key=lambda row: (-row.score, row.handoff))


def _behaviour(found: Sampled, rules: Rules) -> dict[int, float]:
    keys = [one.key for one in found.samples]
    if has_more_than_points(rules):
        return dict.fromkeys(keys, 0.0) | exact(keys, rules)
    return {one.key: points(one.counts, rules) for one in found.samples}


def judged(model: ScoringModel, found: Sampled, rows: list[Scored], *, bar: float) -> BackTest:
    scores, came = [row.score for row in rows], [row.came for row in rows]
    whole = share(sum(came), len(came))
    enough = min(whole.part, whole.whole - whole.part) >= NEEDED
    return BackTest(
        model=model,
        outcome=found.outcome,
        rows=rows,
        undecided=found.undecided,
        came=whole,
        auc=discrimination.auc(scores, came) if enough else None,
        tenths=discrimination.tenths(scores, came) if enough else [],
        at_bar=discrimination.at_bar(scores, came, bar),
        calibration=_calibration(found, rows) if enough else None,
        segments=_parts(rows, lambda row: row.segment or NONE, bar),
        months=sorted(_parts(rows, lambda row: row.month, bar), key=lambda part: part.key),
    )


def _parts(rows: Iterable[Scored], key: Callable[[Scored], Hashable], bar: float) -> list[Part]:
    """Most handoffs first."""
    split: dict[Any, list[Scored]] = defaultdict(list)
    for row in rows:
        split[key(row)].append(row)
    found = [_part(name, part, bar) for name, part in split.items()]
    return sorted(found, key=lambda part: (-part.came.whole, str(part.key)))


def _part(key: Any, rows: Sequence[Scored], bar: float) -> Part:
    scores, came = [row.score for row in rows], [row.came for row in rows]
    enough = min(sum(came), len(came) - sum(came)) >= NEEDED
    return Part(
        key,
        share(sum(came), len(came)),
        discrimination.at_bar(scores, came, bar),
        discrimination.auc(scores, came) if enough else None,
    )


def _calibration(found: Sampled, rows: Iterable[Scored]) -> Calibration | None:
    """In the order of the offers: what is held against an expectation came after it."""
    if len(found.samples) < NEEDED_TO_CALIBRATE:
        return None
    score_of = {row.handoff: row.score for row in rows}
    pairs = [(score_of[one.key], one.came) for one in found.samples]
    before, after = pairs[: len(pairs) // 2], pairs[len(pairs) // 2 :]
    bins = discrimination.learnt_bins(before, after)
    expected = [_expected(bins, each) for each, _came in after]
    return Calibration(
        bins,
        discrimination.calibration_error((one.expected, one.came) for one in bins),
        discrimination.brier(expected, [came for _score, came in after]),
    )


def _expected(bins: Sequence[Bin], found: float) -> float:
    return next((one.expected for one in reversed(bins) if found >= one.least), bins[0].expected)
