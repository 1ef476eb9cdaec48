"""Points proposed from what became of the handoffs, kept as a draft that nobody has activated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from math import inf

from django.utils.translation import gettext as _

from crm import access
from crm.components import formats
from crm.models import Role, User
from crm.states import Refused
from leads.models import EventKind, ScoringModel
from leads.scoring import drafts, versions
from reports import terms
from reports.scopes import Scope
from reports.scoring import backtest, discrimination, proposal, samples
from reports.scoring.proposal import Proposal
from reports.scoring.samples import OUTCOMES, Sample, Sampled, outcomes

# At the threshold as few or as many as under the active version, but never nobody or everybody.
FEWEST_ABOVE, MOST_ABOVE = 0.05, 0.95


def draft(scope: Scope, outcome: str, *, bar: float, by: User, at: datetime) -> ScoringModel:
    """A new draft from the handoffs of a scope; refused where too few of them are decided."""
    access.require_role(by, Role.MARKETER)
    active = versions.active()
    found = samples.read(scope, outcome, rate=active.rate, period_days=active.period_days)
    proposed = proposal.judged(found.samples, usable=drafts.ATTRIBUTES)
    if proposed is None:
        raise Refused(_too_few(found))
    fitting = _scaled(proposed, found.samples, active, bar)
    return drafts.propose(
        active,
        points=fitting.points,
        fit_rules=fitting.fit_rules,
        grades=fitting.grades or versions.rules_of(active).grades,
        note=_note(scope, found, proposed, active),
        by=by,
        at=at,
    )


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
    kept = replace(proposed, points=rest).scores(rows)
    needs = sorted(
        (bar - other) / score if score else inf
        for score, other in zip(proposed.scores(rows), kept, strict=True)
    )
    needed = needs[max(0, place - 1)]
    fitting = proposed.scaled(needed) if 0 < needed < inf else proposed
    known = {kind: points for kind, points in fitting.points.items() if kind in EventKind.values}
    return replace(fitting, points={**rest, **known})


def _rest(proposed: Proposal, active: ScoringModel) -> dict[str, float]:
    """Behaviour too rare to be judged keeps the points it has."""
    present = versions.rules_of(active).behaviour.rules
    plain = (rule for rule in present if rule.asset is None and not rule.phase)
    return {rule.kind: rule.points for rule in plain if rule.kind not in proposed.points}


def _note(scope: Scope, found: Sampled, proposed: Proposal, active: ScoringModel) -> str:
    came = outcomes(found.samples)
    said = _(
        "Proposed from %(count)s handoffs (%(period)s), outcome “%(outcome)s” (%(came)s): logistic regression, "
        "rounded. "
        "Cross-validated AUC of the points: %(auc)s; of %(active)s on the same handoffs: %(present)s. "
        "Kinds of behaviour too rare to be judged keep their points; points of single assets are left out."
    )
    quality = proposed.quality
    rows = backtest.scored(active, replace(found))
    present = discrimination.auc([row.score for row in rows], [row.came for row in rows])
    return said % {
        "count": formats.number(len(came)),
        "came": formats.number(sum(came)),
        "period": scope.period.label,
        "outcome": OUTCOMES[found.outcome],
        "auc": _figure(quality.auc.value if quality and quality.auc else None),
        "active": active,
        "present": _figure(present.value if present else None),
    }


def _figure(value: float | None) -> str:
    return "–" if value is None else formats.number(value, 2)
