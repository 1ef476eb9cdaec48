"""A draft of scoring made from points worked out elsewhere. It is edited and activated as any other draft."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from content.models import Asset
from crm import access, ledger
from crm.models import Role, User
from crm.states import Refused
from leads.models import (
    BehaviourRule,
    Disqualifier,
    EventKind,
    FitAttribute,
    FitGrade,
    FitRule,
    ScoringModel,
)
from leads.scoring import parts, versions
from leads.scoring.counting import BehaviourPoint

# What a fit rule can look at.
ATTRIBUTES = frozenset(FitAttribute.values)


def attributes_in_words(names: Iterable[str]) -> str:
    return ", ".join(str(FitAttribute(name).label) for name in names)


def propose(
    base: ScoringModel,
    *,
    behaviour: Sequence[BehaviourPoint],
    fit_rules: Iterable[parts.FitRule],
    grades: Iterable[parts.FitGrade],
    note: str,
    by: User,
    at: datetime,
) -> ScoringModel:
    """A new draft with these points and limits, and the decay and disqualifiers of `base`."""
    access.require_role(by, Role.MARKETER)
    if unknown := sorted({rule.kind for rule in behaviour} - set(EventKind.values)):
        raise Refused(_("There is no such behaviour: %s.") % ", ".join(unknown))
    with transaction.atomic():
        draft = ScoringModel.objects.create(
            version=versions.next_version(),
            rate=base.rate,
            period_days=base.period_days,
            epoch=base.epoch,
            time_zone=base.time_zone,
            note=note,
            author=by,
        )
        _fill(draft, base, behaviour, fit_rules, grades)
        fact = ledger.Fact(
            kind="scoring.drafted",
            subject=("scoring_model", draft.pk),
            at=at,
            actor=by,
            data={"version": draft.version, "proposed": True},
        )
        ledger.record([fact])
    return draft


def _fill(
    draft: ScoringModel,
    base: ScoringModel,
    behaviour: Sequence[BehaviourPoint],
    fit_rules: Iterable[parts.FitRule],
    grades: Iterable[parts.FitGrade],
) -> None:
    assets = Asset.objects.keys_of(rule.asset for rule in behaviour if rule.asset)
    BehaviourRule.objects.bulk_create(
        BehaviourRule(
            model=draft,
            kind=rule.kind,
            asset_id=assets[rule.asset] if rule.asset else None,
            phase=rule.phase,
            points=rule.points,
            most_per_day=rule.most_per_day,
            most_per_asset=rule.most_per_asset,
            minimum_interval=rule.minimum_interval,
        )
        for rule in behaviour
    )
    FitRule.objects.bulk_create(
        FitRule(
            model=draft,
            attribute=rule.attribute,
            operator=rule.operator,
            values=list(rule.values),
            points=rule.points,
            unknown_points=rule.unknown_points,
        )
        for rule in fit_rules
    )
    FitGrade.objects.bulk_create(
        FitGrade(model=draft, grade=row.grade, min_points=row.min_points, factor=row.factor) for row in grades
    )
    kept = Disqualifier.objects.filter(model=base).order_by("pk")
    Disqualifier.objects.bulk_create(
        Disqualifier(model=draft, kind=row.kind, values=row.values) for row in kept
    )
