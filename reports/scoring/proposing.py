"""Points proposed from what became of the handoffs, kept as a draft that nobody has activated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from math import inf
from typing import Any

from django.utils.translation import gettext as _

from crm.components import formats
from crm.models import User
from crm.states import Refused
from leads.models import EventKind, ScoringModel
from leads.scoring import drafts, versions
from leads.scoring.counting import BehaviourPoint
from leads.scoring.parts import FitGrade, FitRule
from reports import terms
from reports.scopes import Scope
from reports.scoring import backtest, discrimination, keeping, proposal, samples, singles
from reports.scoring.discrimination import Auc
from reports.scoring.keeping import Kept
from reports.scoring.proposal import Proposal
from reports.scoring.regression import Tell
from reports.scoring.samples import OUTCOMES, Sample, Sampled, outcomes
from reports.scoring.singles import JUDGED, KEPT, Key, Single
from reports.terms import terms_of

# At the threshold as few or as many as under the active version, but never nobody or everybody.
FEWEST_ABOVE, MOST_ABOVE = 0.05, 0.95


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a draft will hold, and how it came about (`told`: figures by kind and asset, never names)."""

    base: ScoringModel
    behaviour: list[BehaviourPoint]
    fit_rules: Sequence[FitRule]
    grades: Sequence[FitGrade]
    note: str
    told: dict[str, Any]


def prepare(scope: Scope, outcome: str, *, bar: float, tell: Tell = lambda done, total: None) -> Prepared:
    """Points from the handoffs of a scope; refused where too few of them are decided. Writes nothing.

    `tell` hears how many of the proposals, of which all but one only judge the first, are made.
    """
    active = versions.active()
    found = samples.read(scope, outcome, rate=active.rate, period_days=active.period_days)
    proposed = proposal.judged(found.samples, usable=drafts.ATTRIBUTES, present=_present(active), tell=tell)
    if proposed is None:
        raise Refused(_too_few(found))
    fitting = _scaled(proposed, found.samples, active, bar)
    now, rules = _auc(active, found), versions.rules_of(active)
    kept = keeping.kept(fitting, rules.fit_rules)
    return Prepared(
        active,
        _behaviour(fitting, active),
        keeping.fit_rules([_written(rule) for rule in fitting.fit_rules], kept),
        keeping.grades(fitting.grades, kept, found.samples) or rules.grades,
        _note(scope, found, proposed, active, now) + _kept(kept),
        _told(fitting, proposed, found, active, now) | {"kept": kept.attributes},
    )


def _kept(kept: Kept) -> str:
    if not kept.rules:
        return ""
    said = _("Fit rules on what could not be judged stay: %s.") % drafts.attributes_in_words(kept.attributes)
    return f" {said}"


def _written(rule: FitRule) -> FitRule:
    """As people write it: rules are met in any case, but a country is JP."""
    if rule.attribute != "country":
        return rule
    return replace(rule, values=tuple(value.upper() if len(value) == 2 else value for value in rule.values))


def draft(prepared: Prepared, *, by: User, at: datetime) -> ScoringModel:
    """A draft that nobody has activated."""
    return drafts.propose(
        prepared.base,
        behaviour=prepared.behaviour,
        fit_rules=prepared.fit_rules,
        grades=prepared.grades,
        note=prepared.note,
        by=by,
        at=at,
    )


def _present(active: ScoringModel) -> dict[Key, float]:
    rules = versions.rules_of(active).behaviour.rules
    return {(rule.kind, rule.asset): rule.points for rule in rules if not rule.phase}


def _too_few(found: Sampled) -> str:
    came = outcomes(found.samples)
    said = _(
        "Not enough outcomes yet: %(count)s of %(needed)s needed, both of what came and of what did not."
    )
    return said % {"count": min(sum(came), len(came) - sum(came)), "needed": terms.FEWEST_OUTCOMES}


def _scaled(proposed: Proposal, rows: Sequence[Sample], active: ScoringModel, bar: float) -> Proposal:
    """With the behaviour that was not judged, and so that the threshold keeps its meaning.

    As many of these handoffs reach it as under the active version: `(bar - the rest) / what is proposed` is how
    many times as much a handoff needs to be there.
    """
    rest = _rest(proposed, active)
    present = backtest.scored(active, Sampled("", list(rows), 0))
    above = sum(row.score >= bar for row in present) / len(present)
    place = round(min(MOST_ABOVE, max(FEWEST_ABOVE, above)) * len(rows))
    kept = replace(proposed, points=rest.points, singles=rest.singles).scores(rows)
    needs = sorted(
        (bar - other) / score if score else inf
        for score, other in zip(proposed.scores(rows), kept, strict=True)
    )
    needed = needs[max(0, place - 1)]
    fitting = proposed.scaled(needed) if 0 < needed < inf else proposed
    known = {kind: points for kind, points in fitting.points.items() if kind in EventKind.values}
    judged = tuple(one for one in fitting.singles if one.kind in known)
    return replace(fitting, points={**rest.points, **known}, singles=rest.singles + judged)


def _rest(proposed: Proposal, active: ScoringModel) -> Proposal:
    """Behaviour too rare to be judged keeps the points it has, and so do its assets."""
    kept = {key: points for key, points in _present(active).items() if key[0] not in proposed.points}
    return Proposal(
        {kind: points for (kind, asset), points in kept.items() if asset is None}, (), (),
        tuple(Single(kind, asset, points, KEPT) for (kind, asset), points in kept.items() if asset),
    )  # fmt: skip


def _behaviour(fitting: Proposal, active: ScoringModel) -> list[BehaviourPoint]:
    """Rules with the new points and the limits of the active ones; those for a phase stay as far from their kind."""
    rules, present = versions.rules_of(active).behaviour.rules, _present(active)
    known = {(rule.kind, rule.asset): rule for rule in rules if not rule.phase}
    of_kind = {
        kind: replace(known.get((kind, None), BehaviourPoint(kind, None, 0.0)), points=points)
        for kind, points in sorted(fitting.points.items())
    }
    of_asset = [
        replace(
            known.get((one.kind, one.asset)) or of_kind.get(one.kind) or BehaviourPoint(one.kind, None, 0.0),
            asset=one.asset,
            points=one.points,
        )
        for one in fitting.singles
    ]
    of_phase = [
        replace(rule, points=singles.ratio(rule.kind, rule.points, fitting.points, present))
        for rule in rules
        if rule.phase
    ]
    return [*of_kind.values(), *of_asset, *of_phase]


def _told(
    fitting: Proposal, proposed: Proposal, found: Sampled, active: ScoringModel, now: Auc | None
) -> dict[str, Any]:
    """What the page of the proposal says: the figures, and each kind and asset with its points before and why."""
    came, present, quality = outcomes(found.samples), _present(active), proposed.quality
    having = Counter(term.name for one in found.samples for term in terms_of(one) if term.is_behaviour)
    kinds = [
        {
            **asdict(Single(kind, "", points, JUDGED if kind in proposed.points else KEPT, having[kind])),
            "before": present.get((kind, None)),
        }
        for kind, points in sorted(fitting.points.items())
    ]
    assets = [{**asdict(one), "before": present.get((one.kind, one.asset))} for one in fitting.singles]
    return {
        "count": len(came),
        "came": sum(came),
        "auc": asdict(quality.auc) if quality and quality.auc else None,
        "brier": quality.brier if quality else None,
        "present": asdict(now) if now else None,
        "points": [*kinds, *assets],
    }


def _auc(model: ScoringModel, found: Sampled) -> Auc | None:
    rows = backtest.scored(model, found)
    return discrimination.auc([row.score for row in rows], [row.came for row in rows])


def _note(scope: Scope, found: Sampled, proposed: Proposal, active: ScoringModel, now: Auc | None) -> str:
    came, quality = outcomes(found.samples), proposed.quality
    said = _(
        "Proposed from %(count)s handoffs (%(period)s), outcome “%(outcome)s” (%(came)s): logistic regression, "
        "rounded. "
        "Cross-validated AUC of the points: %(auc)s; of %(active)s on the same handoffs: %(present)s. "
        "What is too rare to be judged keeps its points, single assets are held towards their kind; limits stay, "
        "fit rules on what was judged are new."
    )
    return said % {
        "count": formats.number(len(came)),
        "came": formats.number(sum(came)),
        "period": scope.period.label,
        "outcome": OUTCOMES[found.outcome],
        "auc": _figure(quality.auc.value if quality and quality.auc else None),
        "active": active,
        "present": _figure(now.value if now else None),
    }


def _figure(value: float | None) -> str:
    return "–" if value is None else formats.number(value, 2)
