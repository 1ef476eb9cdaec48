"""What the pages say of a score: its parts with words and bars, its phases, and its course."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import fsum
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from content.models import Phase
from crm.components import charts
from desk import history
from leads.models import BehaviourEvent, FitAttribute, Lead
from leads.scoring import phases
from leads.scoring.explaining import Told
from leads.scoring.fit import Fit

EXPLAINED = 100


def parts_of(parts: Sequence[Any]) -> list[dict[str, Any]]:
    """Each part with the words of its event and the width of its bar."""
    keys = [part.event.key for part in parts]
    events = BehaviourEvent.objects.filter(pk__in=keys).select_related("asset").in_bulk()
    widest = max((part.value for part in parts), default=0) or 1
    return [
        {
            "part": part,
            "text": history.event_words(events[part.event.key]),
            "width": f"{100 * part.value / widest:.1f}",
        }
        for part in parts
    ]


def beyond_of(told: Told) -> list[dict[str, Any]]:
    """Events that do not count, each with the limit it is beyond."""
    return [one | {"why": told.words_of(one["part"].event)} for one in parts_of(told.beyond)]


def rest_of(parts: Sequence[Any]) -> dict[str, Any] | None:
    """The parts too small to list, in one line, so that the column still sums to the total."""
    if not parts:
        return None
    return {
        "count": len(parts),
        "decayed": fsum(part.decayed for part in parts),
        "value": fsum(part.value for part in parts),
    }


def reasons_of(fit: Fit) -> list[dict[str, Any]]:
    """Each fit rule that counts, with the value it met in words (None: unknown)."""
    return [
        {
            "rule": one.rule.label,
            "value": None if one.value is None else FitAttribute(one.rule.attribute).words_for(one.value),
            "points": one.points,
        }
        for one in fit.reasons
    ]


def against_of(fit: Fit) -> list[dict[str, str]]:
    """What keeps a lead from sales, and what met the rule where that says more than the rule itself."""
    return [
        {"rule": one.label, "value": "" if one.value == one.kind else one.value}
        for one in fit.disqualified_by
    ]


@dataclass(frozen=True, slots=True)
class PhaseShare:
    """One buying phase and the share of attention that lies in it."""

    label: str
    share: float

    @property
    def width(self) -> str:
        return f"{100 * self.share:.1f}"


def shares_of(mix: Mapping[str, float]) -> list[PhaseShare]:
    """A mix of phases in the order of the journey; phases without attention are left out."""
    return [PhaseShare(str(phase.label), mix[phase]) for phase in Phase if mix.get(phase)]


def attention_of(lead: Lead, told: Told) -> dict[str, Any]:
    """Where a lead's attention lies as of now, and how it moved, on and back."""
    rows = BehaviourEvent.objects.counted().filter(lead=lead, asset__isnull=False).select_related("asset")
    read, at = told.rules.read(rows), told.why.at
    course = phases.course(read, told.why.decay, at, step=phases.pace(read, at))
    return {"phases": shares_of(course[-1][1]), "course": course_of(course)}


def course_of(course: Sequence[tuple[datetime, Mapping[str, float]]]) -> dict[str, Any]:
    """The mix step by step as a table of the phases that occur, the latest first."""
    occurring = [phase for phase in Phase if any(mix.get(phase) for _at, mix in course)]
    rows = [(at, [mix.get(phase, 0.0) for phase in occurring]) for at, mix in reversed(course) if mix]
    return {"phases": [str(phase.label) for phase in occurring], "rows": rows}


def course_picture(points: Sequence[tuple[datetime, float]], threshold: float | None) -> charts.Picture:
    return charts.line_chart(
        _("Score over time"),
        [date_format(at, "SHORT_DATE_FORMAT") for at, _score in points],
        [charts.Series(_("Score"), [score for _at, score in points])],
        head=_("Day"),
        places=1,
        goal=threshold,
        goal_words=_("Sales takes leads from here"),
    )
