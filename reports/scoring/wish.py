"""What an address asks the report on scoring: versions, outcome, threshold; what cannot be read is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from leads.models import ScoringModel, Segment
from leads.scoring import versions
from reports.scopes import Scope
from reports.scoring import backtest, samples
from reports.scoring.backtest import BackTest
from reports.scoring.samples import OUTCOMES, WON, Sampled

EXTRA = ("version", "outcome", "bar")
# Deals take months; a month of handoffs has hardly any outcome.
USUAL_PERIOD = "365days"
MOST_VERSIONS = 3
USUAL_BAR, HIGHEST_BAR = 80.0, 100_000


@dataclass(frozen=True, slots=True)
class ScoringWish:
    """`versions` stand in the order they were asked for; the one in force where none is."""

    versions: list[ScoringModel]
    outcome: str
    bar: float
    complaints: dict[str, str]

    @property
    def first(self) -> ScoringModel:
        return self.versions[0]

    def query(self, version: ScoringModel | None = None) -> dict[str, Any]:
        """How an address asks for it, or for one version of it."""
        wanted = [version] if version else self.versions
        return {"version": [row.version for row in wanted], "outcome": self.outcome, "bar": f"{self.bar:g}"}

    def read(self, scope: Scope, version: ScoringModel) -> Sampled:
        return samples.read(scope, self.outcome, rate=version.rate, period_days=version.period_days)

    def backtests(self, scope: Scope) -> list[BackTest]:
        return [backtest.backtest(scope, row, self.outcome, bar=self.bar) for row in self.versions]


def read_wish(query: QueryDict, scope: Scope) -> ScoringWish:
    complaints: dict[str, str] = {}
    outcome = query.get("outcome") or WON
    if outcome not in OUTCOMES:
        complaints["outcome"] = _("Choose one of: %s.") % ", ".join(OUTCOMES)
        outcome = WON
    return ScoringWish(
        versions=_versions(query.getlist("version"), complaints) or [versions.active()],
        outcome=outcome,
        bar=_bar(query.get("bar", ""), complaints) or _in_force(scope),
        complaints=complaints,
    )


def _versions(asked: Sequence[str], complaints: dict[str, str]) -> list[ScoringModel]:
    numbers = [int(text) for text in asked if text.isascii() and text.isdigit() and len(text) < 9]
    known = {row.version: row for row in ScoringModel.objects.filter(version__in=numbers)}
    wanted = [known[number] for number in dict.fromkeys(numbers) if number in known]
    if len(wanted) < len(set(asked)) or len(wanted) > MOST_VERSIONS:
        complaints["version"] = _("Give the numbers of up to %s versions that exist.") % MOST_VERSIONS
    return wanted[:MOST_VERSIONS]


def _bar(text: str, complaints: dict[str, str]) -> float | None:
    if not text:
        return None
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if isfinite(found) and 0 < found <= HIGHEST_BAR:
        return found
    complaints["bar"] = _("Give a number above 0.")
    return None


def _in_force(scope: Scope) -> float:
    segment = Segment.objects.filter(code=scope.asked.get("segment", "")).first()
    return versions.threshold_in_force(segment.pk if segment else None) or USUAL_BAR
