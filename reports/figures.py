"""The counted figures by name, each as what its list is asked for: the name is the same on pages, lists and the API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reports.counting import NO_SPEED, Cube, Speed
from reports.facets import YES
from sla.judging import IN_TIME, LATE, NOT_NEEDED, RUNNING
from sla.models import Status

CLOCKS = ("response", "answer", "feedback")
STANDINGS = (IN_TIME, LATE, RUNNING, NOT_NEEDED)
# What a cube needs to hold for the figures of sales, and for those of marketing.
OF_SALES = ("status", *CLOCKS, "said", "paused", "reassigned", "contacted")
OF_TREND = (*CLOCKS, "said")
OF_MARKETING = ("said", "mql", "complete")

FIGURES: dict[str, dict[str, str]] = {
    "offered": {},
    **{f"{clock}_{standing}": {clock: standing} for clock in CLOCKS for standing in STANDINGS},
    **{str(status): {"status": str(status)} for status in Status},
    "said_accepted": {"said": "accepted"},
    "said_rejected": {"said": "rejected"},
    "measured": {"contacted": YES},
    "paused": {"paused": YES},
    "reassigned": {"reassigned": YES},
    "mqls": {"mql": YES},
    "complete": {"mql": YES, "complete": YES},
    "incomplete": {"mql": YES, "complete": "no"},
}


@dataclass(frozen=True, slots=True)
class Kept:
    """How a promise was kept: `rate` is in time out of all that were judged."""

    in_time: int
    late: int
    running: int
    not_needed: int

    @property
    def judged(self) -> int:
        return self.in_time + self.late

    @property
    def rate(self) -> float | None:
        return self.in_time / self.judged if self.judged else None


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts by figure, and how fast sales was."""

    counts: Mapping[str, int]
    speed: Speed = NO_SPEED

    def __getitem__(self, name: str) -> int:
        return self.counts[name]

    def kept(self, clock: str) -> Kept:
        return Kept(*(self.counts[f"{clock}_{standing}"] for standing in STANDINGS))

    @property
    def offered(self) -> int:
        return self.counts["offered"]

    @property
    def response(self) -> Kept:
        return self.kept("response")

    @property
    def answer(self) -> Kept:
        return self.kept("answer")

    @property
    def feedback(self) -> Kept:
        return self.kept("feedback")

    @property
    def acceptance_rate(self) -> float | None:
        said = self.counts["said_accepted"] + self.counts["said_rejected"]
        return self.counts["said_accepted"] / said if said else None


def tally(cube: Cube, speed: Speed = NO_SPEED) -> Tally:
    """Every figure a cube holds the facets of."""
    known = set(cube.names)
    counts = {name: cube.count(**asked) for name, asked in FIGURES.items() if set(asked) <= known}
    return Tally(counts, speed)
