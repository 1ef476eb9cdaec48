"""The rules of a scoring model as plain values, ready for a batch.

One statement reads a model with all its rules, as text. What that text means is worked out once and kept for as long
as it stays the same, so that whoever changes a rule, an asset's slug or the model in force is heard by the next
statement of every process, and nobody has to tell them.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol

from django.db import connection
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from content.models import Asset
from crm import statements
from crm.statements import Question
from crm.states import Refused
from leads import models, segments
from leads.models import DisqualifierKind, EventKind, ScoringModel, VersionStatus
from leads.scoring import force, parts
from leads.scoring.counting import BehaviourPoint, RuleBook
from leads.scoring.decay import Decay
from leads.scoring.phases import Read


class Did(Protocol):
    """A stored event, as far as its points go."""

    @property
    def kind(self) -> str: ...
    @property
    def beyond(self) -> str: ...
    @property
    def occurred_at(self) -> datetime: ...
    @property
    def asset(self) -> Asset | None: ...


@dataclass(frozen=True, slots=True)
class Rules:
    """A model as plain values, and the segments for which an MQL definition of their own is in force."""

    model: ScoringModel
    decay: Decay
    behaviour: RuleBook
    fit_rules: tuple[parts.FitRule, ...]
    grades: tuple[parts.FitGrade, ...]
    disqualifiers: tuple[parts.DisqualifierRule, ...]
    segments: tuple[int, ...]

    def points_for(self, kind: str, asset: str | None, phases: Collection[str] = ()) -> float:
        return self.behaviour.points_for(kind, asset, phases)

    def points_with(self, kind: str, asset: Asset | None) -> float:
        """What a kind of behaviour gives with an asset, or without one."""
        return self.points_for(kind, asset.slug if asset else None, asset.phases if asset else ())

    @property
    def asks_for_customers(self) -> bool:
        return any(rule.kind == DisqualifierKind.CUSTOMER for rule in self.disqualifiers)

    def points_of(self, event: Did) -> float:
        """What a stored event gives: nothing beyond a limit. `leads.scoring.worth` says the same in SQL."""
        return 0.0 if event.beyond else self.points_with(event.kind, event.asset)

    def read(self, events: Iterable[Did]) -> list[Read]:
        """What was done with our assets, as attention for them."""
        return [Read(self.points_of(one), one.occurred_at, one.asset.phases) for one in events if one.asset]

    def otherwise_limited(self, before: Rules) -> list[str]:
        """Kinds of which other events may be beyond a limit than under the rules before."""
        mine, theirs = self.behaviour, before.behaviour
        known = {*mine.limited_kinds, *theirs.limited_kinds}
        if self.model.time_zone != before.model.time_zone:
            return sorted(known)
        return sorted(kind for kind in known if mine.limits_of(kind) != theirs.limits_of(kind))

    def otherwise_worth(self, before: Rules) -> list[str]:
        """Kinds of which an event may give other points, or weigh otherwise, than under the rules before."""
        if self.decay != before.decay:
            return list(EventKind.values)
        return sorted({rule.kind for rule in {*self.behaviour.rules} ^ {*before.behaviour.rules}})

    def fit_is_as_in(self, other: Rules) -> bool:
        mine = (self.fit_rules, self.grades, self.disqualifiers)
        return mine == (other.fit_rules, other.grades, other.disqualifiers)

    def fit_for(self, profile: parts.Profile) -> parts.Fit:
        return parts.fit_for(profile, self.fit_rules, self.grades, self.disqualifiers)


def active() -> ScoringModel:
    """The model in force. Raises Refused where there is none."""
    model = ScoringModel.objects.filter(status=VersionStatus.ACTIVE).first()
    if model is None:
        raise Refused(_("No scoring model is active. Activate one in the admin under Scoring models."))
    return model


def in_force() -> Rules:
    """The rules of the active model, or where there is none `no_rules`."""
    return _read(_IN_FORCE, [VersionStatus.ACTIVE.value]) or no_rules()


def held(rows: int = statements.FEW) -> Rules:
    """The rules in force, which stay so until this transaction, about so many leads or events, ends.

    As `force.stay` and then `in_force`, at once.
    """
    rules, _answer = _held(Question("SELECT NULL", {}), rows)
    return rules


def held_beside(question: Question, rows: int = statements.FEW) -> tuple[Rules, list[Any]]:
    """The same, and what else a deed asks first, by the same way to the database; its rows come in no order.

    The answer may be older than the lock: it is for what can be asked before, and tells no NULL in its first column.
    Each row of it carries the rules; where there may be many it is asked by itself.
    """
    return _held(question, rows) if rows <= statements.FEW else (held(rows), question.ask())


def _held(question: Question, rows: int) -> tuple[Rules, list[Any]]:
    lock = {"rules_lock": force.LOCK, "rules_plans": statements.plans_for(rows)}
    told = Question(_HELD.format(question=question.statement), {**question.params, **lock}).ask()
    text = told[0][0]
    rules = _understood(text, get_language()) if text else no_rules()
    return rules, [row[1:] for row in told if row[1] is not None]


def no_rules() -> Rules:
    """Nothing gives points until a model is activated, which then sums all there is: nobody is turned away for it."""
    used = tuple(segments.in_use())
    return Rules(ScoringModel(version=0), Decay(), RuleBook(()), (), (), (), used)


def rules_of(model: ScoringModel) -> Rules:
    rules = _read(_BY_KEY, [model.pk])
    assert rules is not None, "the model was read from the database"
    return replace(rules, model=model)


def decay_in_force() -> Decay:
    """How fast points fade; as usual where no model is active."""
    return in_force().decay


# The text itself is put together by a function of the database (migration 0008): what a model is made of is said there.
_IN_FORCE = "SELECT leads_rules(id) FROM leads_scoringmodel WHERE status = %s"
_BY_KEY = "SELECT leads_rules(%s)"
_HELD = """
    WITH held AS MATERIALIZED (SELECT leads_rules_held(%(rules_lock)s, %(rules_plans)s) AS rules)
    SELECT held.rules, answer.* FROM held LEFT JOIN ({question}) AS answer ON true
"""


def _read(statement: str, params: list[Any]) -> Rules | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        row = cursor.fetchone()
    return _understood(row[0], get_language()) if row and row[0] else None


@lru_cache(maxsize=64)
def _understood(text: str, _language: str | None) -> Rules:
    """What the text of a model says; the labels of its rules are in the language of whoever asks."""
    told = json.loads(text)
    about = told["model"] | {"epoch": datetime.fromisoformat(told["model"]["epoch"])}
    model = ScoringModel(**about)
    return Rules(
        model=model,
        decay=Decay(rate=model.rate, period_days=model.period_days, epoch=model.epoch),
        behaviour=RuleBook(
            BehaviourPoint(kind, asset, float(points), *more)
            for kind, asset, points, *more in told["behaviour"] or ()
        ),
        fit_rules=tuple(_fit_rule(*rule) for rule in told["fit"] or ()),
        grades=tuple(
            parts.FitGrade(grade, float(least), float(factor))
            for grade, least, factor in told["grades"] or ()
        ),
        disqualifiers=tuple(
            parts.DisqualifierRule(kind, tuple(values), label=str(DisqualifierKind(kind).label))
            for kind, values in told["disqualifiers"] or ()
        ),
        segments=tuple(told["segments"] or ()),
    )


def _fit_rule(
    attribute: str, operator: str, values: list[str], points: float, unknown: float
) -> parts.FitRule:
    label = str(models.FitRule(attribute=attribute, operator=operator, values=values, points=points))
    return parts.FitRule(attribute, operator, tuple(values), float(points), label, float(unknown))
