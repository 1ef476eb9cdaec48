"""Scoring models: the active rules as values, drafts, and activation as one set-based re-score."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Value
from django.utils.translation import gettext as _

from crm import access, ledger
from crm.bulk import update_all
from crm.models import Account, Consent, User
from crm.states import Refused, UnableToMove
from leads import lifecycle, segments
from leads.models import (
    BehaviourRule,
    Disqualifier,
    DisqualifierKind,
    FitGrade,
    FitRule,
    Lead,
    LeadScore,
    MqlDefinition,
    ScoringModel,
    VersionStatus,
)
from leads.querysets import LeadQuerySet
from leads.scoring import parts, recounting
from leads.scoring.counting import BehaviourPoint, RuleBook
from leads.scoring.decay import Decay
from leads.scoring.recounting import WEIGHT, weighing

REFIT_BATCH = 2000


@dataclass(frozen=True, slots=True)
class Rules:
    """An active model as plain values, ready for a batch."""

    model: ScoringModel
    decay: Decay
    behaviour: RuleBook
    fit_rules: tuple[parts.FitRule, ...]
    grades: tuple[parts.FitGrade, ...]
    disqualifiers: tuple[parts.DisqualifierRule, ...]

    def points_for(self, kind: str, asset: str | None, phases: Collection[str] = ()) -> float:
        return self.behaviour.points_for(kind, asset, phases)

    @property
    def asks_for_customers(self) -> bool:
        return any(rule.kind == DisqualifierKind.CUSTOMER for rule in self.disqualifiers)

    def limits(self, kind: str, asset: str | None, phases: Collection[str] = ()) -> bool:
        """Whether the rule for such an event has a limit, so that not every one counts."""
        rule = self.behaviour.rule_for(kind, asset, phases) if self.behaviour.has_limits else None
        return rule is not None and rule.is_limited

    def fit_for(self, profile: parts.Profile) -> parts.Fit:
        return parts.fit_for(profile, self.fit_rules, self.grades, self.disqualifiers)


def active() -> ScoringModel:
    model = ScoringModel.objects.filter(status=VersionStatus.ACTIVE).first()
    if model is None:
        raise Refused(_("No scoring model is active. Activate one in the admin under Scoring models."))
    return model


def rules_of(model: ScoringModel) -> Rules:
    behaviour = model.behaviour_rules.select_related("asset")
    points = [
        BehaviourPoint(
            rule.kind,
            rule.asset.slug if rule.asset else None,
            rule.points,
            rule.phase,
            rule.most_per_day,
            rule.most_per_asset,
            rule.minimum_interval,
        )
        for rule in behaviour
    ]
    return Rules(
        model=model,
        decay=Decay(rate=model.rate, period_days=model.period_days, epoch=model.epoch),
        behaviour=RuleBook(points),
        fit_rules=tuple(
            parts.FitRule(
                rule.attribute, rule.operator, tuple(rule.values), rule.points, str(rule), rule.unknown_points
            )
            for rule in model.fit_rules.order_by("pk")
        ),
        grades=tuple(
            parts.FitGrade(row.grade, row.min_points, row.factor) for row in model.grades.order_by("pk")
        ),
        disqualifiers=tuple(
            parts.DisqualifierRule(row.kind, tuple(row.values), label=row.kind)
            for row in model.disqualifiers.order_by("pk")
        ),
    )


def profile_of(lead: Lead, rules: Rules) -> parts.Profile:
    """What the rules look at. `contact` and `account` should be loaded."""
    contact, account = lead.contact, lead.account or Account()
    is_customer = rules.asks_for_customers and _is_of_customer(lead)
    return _profile(
        account.industry, account.employee_count, account.country, account.name, contact.job_title,
        contact.department, contact.stakeholder_role, contact.consent, contact.email_key.rpartition("@")[2],
        is_customer,
    )  # fmt: skip


def _profile(
    industry: str | None,
    employees: int | None,
    country: str | None,
    company: str | None,
    job_title: str,
    department: str,
    role: str,
    consent: str,
    domain: str,
    is_customer: bool,
) -> parts.Profile:
    return parts.Profile(
        industry=industry or "",
        employee_count=employees,
        country=country or "",
        job_title=job_title,
        department=department,
        stakeholder_role=role,
        email_domain=domain,
        company=company or "",
        consent=consent,
        unsubscribed=consent == Consent.WITHDRAWN,
        is_customer=is_customer,
    )


def _is_of_customer(lead: Lead) -> bool:
    """Whether somebody else of the company is a customer; `refit` asks it of a batch at once."""
    told = getattr(lead, "is_of_customer", None)
    if told is None:
        told = Lead.objects.filter(pk=lead.pk).with_customers().filter(is_of_customer=True).exists()
    return bool(told)


def refit(leads: Iterable[int], rules: Rules | None = None) -> None:
    """Compute the fit of leads anew, after an attribute or the model changed."""
    rules = rules or rules_of(active())
    with transaction.atomic():
        rows = Lead.objects.filter(pk__among=leads, score__isnull=False).order_by("pk")
        told = list(_asked(rows, rules).values_list("pk", *_SCORED, *_PROFILED, "is_of_customer"))
        fits: dict[tuple[Any, ...], tuple[Any, ...]] = {}
        changed = []
        for pk, model, fit, grade, against, *attributes, address, is_customer in told:
            known = (*attributes, address.rpartition("@")[2], is_customer)
            if known not in fits:
                fits[known] = _fitted(rules, known)
            if fits[known] != (model, fit, grade, against):
                changed.append(_score(pk, *fits[known]))
        update_all(changed, fields=["model", "fit", "grade", "disqualified_by"])
        segments.place([row[0] for row in told])


def _asked(rows: LeadQuerySet, rules: Rules) -> LeadQuerySet:
    """Whether others of the company are customers is looked up only where a rule asks for it."""
    return rows.with_customers() if rules.asks_for_customers else rows.annotate(is_of_customer=Value(False))


# What a score keeps of its fit, and what the fit is worked out from: leads that are alike are worked out once.
_SCORED = ("score__model", "score__fit", "score__grade", "score__disqualified_by")
_PROFILED = (
    "account__industry", "account__employee_count", "account__country", "account__name", "contact__job_title",
    "contact__department", "contact__stakeholder_role", "contact__consent", "contact__email_key",
)  # fmt: skip


def _fitted(rules: Rules, known: tuple[Any, ...]) -> tuple[Any, ...]:
    """What a score keeps: model, fit, grade, and what keeps it from sales."""
    fit = rules.fit_for(_profile(*known))
    return (
        rules.model.pk,
        fit.factor,
        fit.grade or "C",
        fit.disqualified_by[0].kind if fit.disqualified_by else "",
    )


def _score(lead: int, model: int, fit: float, grade: str, against: str) -> LeadScore:
    return LeadScore(lead_id=lead, model_id=model, fit=fit, grade=grade, disqualified_by=against)


# -- versions -------------------------------------------------------------------------------------


def next_version() -> int:
    return (ScoringModel.objects.aggregate(last=Max("version"))["last"] or 0) + 1


def draft_from(model: ScoringModel, *, by: User, at: datetime) -> ScoringModel:
    """A new draft with the same rules."""
    access.require_role(by, access.MARKETER)
    with transaction.atomic():
        draft = ScoringModel.objects.create(
            version=next_version(),
            rate=model.rate,
            period_days=model.period_days,
            epoch=model.epoch,
            time_zone=model.time_zone,
            author=by,
        )
        for kind in (BehaviourRule, FitRule, FitGrade, Disqualifier):
            kind._default_manager.bulk_create(
                [_copy(row, draft) for row in kind._default_manager.filter(model=model).order_by("pk")]
            )
        ledger.record([_fact("scoring.drafted", draft, by, at)])
    return draft


def _copy(row: Any, draft: ScoringModel) -> Any:
    row.pk, row.model = None, draft
    row._state.adding = True
    return row


def activate(model: ScoringModel, *, by: User | None, at: datetime, note: str = "") -> list[int]:
    """Make a draft the model in force: re-score every lead, then promote who qualifies. Returns new MQLs.

    A `note` says why, above what the draft says of itself; who activates is in the ledger, and the author of a version
    nobody wrote yet.
    """
    if by is not None:
        access.require_role(by, access.MARKETER)
    with transaction.atomic():
        fresh = ScoringModel.objects.select_for_update().get(pk=model.pk)
        if fresh.status == VersionStatus.ACTIVE:
            return []
        if fresh.status == VersionStatus.RETIRED:
            raise UnableToMove(
                "scoring model",
                str(fresh.get_status_display()),
                str(VersionStatus.ACTIVE.label),
                state=fresh.status,
            )
        ScoringModel.objects.filter(status=VersionStatus.ACTIVE).update(status=VersionStatus.RETIRED)
        ScoringModel.objects.filter(pk=fresh.pk).update(
            status=VersionStatus.ACTIVE,
            activated_at=at,
            note="\n\n".join(filter(None, [note, fresh.note])),
            author=fresh.author or by,
        )
        fresh.refresh_from_db()
        rescore(fresh)
        ledger.record(
            [_fact("scoring.activated", fresh, by, at, reason=note, from_state="draft", to_state="active")]
        )
        return lifecycle.qualify(None, at=at, by=by)


def _fact(kind: str, model: ScoringModel, by: User | None, at: datetime, **states: Any) -> ledger.Fact:
    return ledger.Fact(
        kind=kind,
        subject=("scoring_model", model.pk),
        at=at,
        actor=by,
        data={"version": model.version},
        **states,
    )


_RESUM = f"""
    UPDATE leads_leadscore score
       SET engagement = coalesce(fresh.engagement, 0), floor = coalesce(fresh.floor, 0), model_id = %(model)s
      FROM leads_leadscore same
      LEFT JOIN (
           SELECT event.lead_id,
                  sum(event.points * {WEIGHT}) AS engagement,
                  sum(event.points * {WEIGHT}) FILTER (WHERE event.occurred_at <= own.floored_at) AS floor
             FROM leads_behaviourevent event
             JOIN leads_leadscore own ON own.lead_id = event.lead_id
            WHERE event.withdrawn_at IS NULL AND (%(leads)s::bigint[] IS NULL OR event.lead_id = ANY(%(leads)s))
            GROUP BY event.lead_id
      ) fresh ON fresh.lead_id = same.lead_id
     WHERE same.lead_id = score.lead_id AND (%(leads)s::bigint[] IS NULL OR same.lead_id = ANY(%(leads)s))
"""


def rescore(model: ScoringModel) -> None:
    """Give every event the model's points and every lead its sum and fit."""
    rules = rules_of(model)
    recounting.hold(None)
    recounting.repoint(model, has_limits=rules.behaviour.has_limits)
    resum(None, rules)
    for batch in _in_batches(
        Lead.objects.order_by("pk").values_list("pk", flat=True).iterator(), REFIT_BATCH
    ):
        refit(batch, rules)


def recount(
    leads: Sequence[int], rules: Rules, *, resum_all: bool = False, new: Sequence[datetime] = ()
) -> None:
    """Apply the limits to held leads anew, and sum those whose events changed (or all of them).

    Where all that happened is that events of these moments are `new`, only what is around them is looked at.
    """
    around = _around(new, rules) if new else None
    changed = recounting.recount(leads, rules.model, around=around) if rules.behaviour.has_limits else []
    if resum_all or changed:
        resum(leads if resum_all else changed, rules)


def _around(new: Sequence[datetime], rules: Rules) -> recounting.Around | None:
    """None where a rule limits how often an asset counts: that is of all time."""
    if any(rule.most_per_asset for rule in rules.behaviour.rules):
        return None
    longest = max((rule.minimum_interval or 0 for rule in rules.behaviour.rules), default=0)
    return recounting.Around(min(new), max(new), timedelta(minutes=longest))


def resum(leads: Sequence[int] | None, rules: Rules) -> None:
    """Sum events anew for these leads (None: all). Never subtract: that loses digits."""
    params = weighing(rules.decay) | {
        "model": rules.model.pk,
        "leads": list(leads) if leads is not None else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(_RESUM, params)


def _in_batches(ids: Iterable[int], size: int) -> Iterable[list[int]]:
    batch: list[int] = []
    for pk in ids:
        batch.append(pk)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def threshold_in_force(segment: int | None = None) -> float | None:
    """The bar of the definition in force for a segment, else of everybody's."""
    bars = dict(MqlDefinition.objects.in_force().values_list("segment", "threshold"))
    return bars.get(segment, bars.get(None))
