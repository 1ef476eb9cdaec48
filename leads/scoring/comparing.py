"""A draft beside the model in force: who would rise above the bar, who would fall below, who would become an MQL.

Reads only. Behaviour is summed under the draft by one statement; fit by the pure rules, for each lead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F

from crm.models import Consent, User
from leads.models import Lead, MqlDefinition, ScoringModel
from leads.qualification import Known, meets
from leads.scoring import recounting, versions
from leads.scoring.versions import Rules

# Of more open leads than this, those with the latest behaviour are compared, and the page says so.
MOST, MOVERS = 5_000, 10
EDGES = (0, 10, 20, 40, 60, 80, 100, 150)


@dataclass(frozen=True, slots=True)
class Moved:
    """One lead under both versions."""

    lead: Lead
    before: float
    after: float

    @property
    def change(self) -> float:
        return self.after - self.before


@dataclass(slots=True)
class Comparison:
    """What activating a draft would do, as of a moment."""

    model: ScoringModel
    compared: int = 0
    open_leads: int = 0
    rising: list[Moved] = field(default_factory=list)
    falling: list[Moved] = field(default_factory=list)
    new_mqls: list[Moved] = field(default_factory=list)
    movers: list[Moved] = field(default_factory=list)
    before: Counter[int] = field(default_factory=Counter)
    after: Counter[int] = field(default_factory=Counter)

    @property
    def is_sample(self) -> bool:
        return self.compared < self.open_leads

    @property
    def bands(self) -> list[tuple[int, int | None, int, int]]:
        """From which score, up to which, and how many leads before and after."""
        ends: Sequence[int | None] = (*EDGES[1:], None)
        return [(low, high, self.before[low], self.after[low]) for low, high in zip(EDGES, ends, strict=True)]


def compare(model: ScoringModel, *, seen_by: User, at: datetime) -> Comparison:
    """What would change if this version were activated now."""
    rules, bars = versions.rules_of(model), _definitions()
    asked = Lead.objects.visible_to(seen_by).open().filter(score__isnull=False)
    found = Comparison(model, open_leads=asked.count())
    latest = asked.with_people().order_by(F("score__active_at").desc(nulls_last=True), "-pk")
    leads = list(latest.with_customers()[:MOST])
    sums = recounting.sums([lead.pk for lead in leads], rules)
    weight, old = rules.decay.weight(at), versions.in_force().decay
    moved = []
    for lead in leads:
        engagement, floor = sums.get(lead.pk, (0.0, 0.0))
        fit = rules.fit_for(versions.profile_of(lead, rules))
        one = Moved(lead, old.score_at(lead.score.rank, at), fit.factor * engagement / weight)
        _sort(found, one, bars)
        if _becomes_mql(
            lead, fit.factor, fit.grade or "C", fit.factor * (engagement - floor), rules, bars, at
        ):
            found.new_mqls.append(one)
        moved.append(one)
    found.compared = len(moved)
    changed = (one for one in moved if abs(one.change) >= 0.05)
    found.movers = sorted(changed, key=lambda one: (-abs(one.change), one.lead.pk))[:MOVERS]
    return found


def _definitions() -> dict[int | None, MqlDefinition]:
    return {row.segment_id: row for row in MqlDefinition.objects.in_force()}


def _bar(lead: Lead, bars: Mapping[int | None, MqlDefinition]) -> MqlDefinition | None:
    return bars.get(lead.score.segment_id, bars.get(None))


def _sort(found: Comparison, one: Moved, bars: Mapping[int | None, MqlDefinition]) -> None:
    found.before[_band(one.before)] += 1
    found.after[_band(one.after)] += 1
    definition = _bar(one.lead, bars)
    if definition is None:
        return
    if one.before < definition.threshold <= one.after:
        found.rising.append(one)
    elif one.after < definition.threshold <= one.before:
        found.falling.append(one)


def _band(score: float) -> int:
    return max(edge for edge in EDGES if edge <= max(score, 0))


def _becomes_mql(
    lead: Lead,
    fit: float,
    grade: str,
    standing: float,
    rules: Rules,
    bars: Mapping[int | None, MqlDefinition],
    at: datetime,
) -> bool:
    definition = _bar(lead, bars)
    if definition is None:
        return False
    known = Known(fit, grade, _filled(lead), lead.contact.consent == Consent.GRANTED)
    return meets(definition, known, stage=lead.stage, standing=standing, decay=rules.decay, at=at)


def _filled(lead: Lead) -> frozenset[str]:
    contact = lead.contact
    told: dict[str, Any] = {
        "account": lead.account_id,
        "email": contact.email_key,
        "phone": contact.phone_key,
        "last_name": contact.last_name,
        "job_title": contact.job_title,
    }
    return frozenset(name for name, value in told.items() if value)
