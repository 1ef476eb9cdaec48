"""Scoring models: how leads fit them, drafts, and activation as one set-based re-score."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, QuerySet, Value

from crm import access, ledger
from crm.bulk import update_all
from crm.domains import is_free_mail, within_domain
from crm.models import Account, Consent, User
from crm.states import UnableToMove
from leads import lifecycle, segments
from leads.models import (
    BehaviourEvent,
    BehaviourRule,
    Disqualifier,
    EventKind,
    FitGrade,
    FitRule,
    Lead,
    LeadScore,
    MqlDefinition,
    ScoringModel,
    VersionStatus,
)
from leads.querysets import LeadQuerySet
from leads.scoring import force, parts, recounting
from leads.scoring.profile import one_of
from leads.scoring.reading import Rules, active, held, held_beside, in_force, rules_of

__all__ = [
    "FITTED", "Fitting", "Rules", "activate", "active", "draft_from", "held", "held_beside", "in_force",
    "next_version", "profile_of", "recount", "refit", "rescore", "resum", "rules_of", "threshold_in_force",
]  # fmt: skip

AT_ONCE = 5_000


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
    """Compute the fit of leads anew, after an attribute or the model changed; `rules` are those in force, held."""
    with transaction.atomic(savepoint=False):
        rules = rules or held()
        fitting = Fitting(rules)
        rows = Lead.objects.filter(pk__among=leads, score__isnull=False).order_by("pk")
        told = list(_asked(rows, rules).values_list("pk", *_SCORED, *_PROFILED, "is_of_customer"))
        changed = []
        for pk, fit, grade, against, *known in told:
            fitted = fitting.of(*known)
            if fitted != (fit, grade, against):
                changed.append(_score(pk, *fitted))
        update_all(changed, fields=FITTED)
        segments.place([row[0] for row in told], rules.segments)


def _asked(rows: LeadQuerySet, rules: Rules) -> LeadQuerySet:
    """Whether others of the company are customers is looked up only where a rule asks for it."""
    return rows.with_customers() if rules.asks_for_customers else rows.annotate(is_of_customer=Value(False))


# What a score keeps of its fit, and what the fit is worked out from.
FITTED = ("fit", "grade", "disqualified_by")
_SCORED = tuple(f"score__{name}" for name in FITTED)
_PROFILED = (
    "account__industry", "account__employee_count", "account__country", "account__name", "contact__job_title",
    "contact__department", "contact__stakeholder_role", "contact__consent", "contact__email_key",
)  # fmt: skip
Fitted = tuple[float, str, str]


class Fitting:
    """What a score keeps of the fit under some rules; leads that are alike are worked out once.

    Of a company's name and of a domain matters only whether they are in a list; most are in none, and alike.
    """

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self._lists = {value for rule in rules.disqualifiers for value in rule.values}
        self._listed: dict[str | None, str] = {}
        self._found: dict[tuple[Any, ...], Fitted] = {}

    def of(self, *known: Any) -> Fitted:
        """Of what `refit` reads: the company, the person, their address, and whether colleagues are customers."""
        industry, employees, country, company, *person, address, is_customer = known
        company, domain = self._if_listed(company), self._if_listed(address.rpartition("@")[2])
        alike = (industry, employees, country, company, *person, domain, is_customer)
        if alike not in self._found:
            self._found[alike] = self._worked_out(alike)
        return self._found[alike]

    def _if_listed(self, name: str | None) -> str:
        if name not in self._listed:
            self._listed[name] = name if name and self._is_listed(name) else ""
        return self._listed[name]

    def _is_listed(self, name: str) -> bool:
        return is_free_mail(name) or within_domain(name, self._lists) or one_of(name, self._lists)

    def _worked_out(self, known: tuple[Any, ...]) -> Fitted:
        fit = self.rules.fit_for(_profile(*known))
        against = fit.disqualified_by[0].kind if fit.disqualified_by else ""
        return fit.factor, fit.grade or "C", against


def _score(lead: int, fit: float, grade: str, against: str) -> LeadScore:
    return LeadScore(lead_id=lead, fit=fit, grade=grade, disqualified_by=against)


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
        force.change()
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
        active_one = ScoringModel.objects.filter(status=VersionStatus.ACTIVE).first()
        before = rules_of(active_one) if active_one else None
        ScoringModel.objects.filter(status=VersionStatus.ACTIVE).update(status=VersionStatus.RETIRED)
        ScoringModel.objects.filter(pk=fresh.pk).update(
            status=VersionStatus.ACTIVE,
            activated_at=at,
            note="\n\n".join(filter(None, [note, fresh.note])),
            author=fresh.author or by,
        )
        fresh.refresh_from_db()
        rescore(fresh, before=before)
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


def rescore(model: ScoringModel, *, before: Rules | None = None) -> None:
    """Give every lead its sum and fit under a model; within the transaction that has the rules to itself.

    `before` are the rules everything stored was counted by, where that is certain: what the two agree in, their
    limits, their points or the fit, need not be worked out again.
    """
    rules = rules_of(model)
    limited = rules.otherwise_limited(before) if before else EventKind.values
    worth = {*limited, *rules.otherwise_worth(before)} if before else EventKind.values
    if limited:
        for leads in _in_order(LeadScore.objects.all()):
            recounting.recount_kinds(leads, limited, rules)
    if worth:
        recounting.resum_who_did(worth, rules)
        for leads in _in_order(LeadScore.objects.filter(floored_at__isnull=False)):
            resum(leads, rules)
    if before is None or not before.fit_is_as_in(rules):
        for leads in _in_order(LeadScore.objects.all()):
            refit(leads, rules)


def _in_order(scores: QuerySet[LeadScore]) -> Iterator[list[int]]:
    """The keys of scores, some at a time: however many there are, few are in memory."""
    after = 0
    rows = scores.order_by("pk").values_list("pk", flat=True)
    while leads := list(rows.filter(pk__gt=after)[:AT_ONCE]):
        yield leads
        after = leads[-1]


def recount(
    leads: Sequence[int], rules: Rules, *, resum_all: bool = False, new: Sequence[datetime] = ()
) -> list[int]:
    """Apply the limits to held leads anew, and sum those whose events changed (or all of them); returns those.

    Where all that happened is that events of these moments are `new`, only what is around them is looked at.
    """
    around = _around(new, rules) if new else None
    changed = recounting.recount(leads, rules, around=around) if leads and rules.behaviour.has_limits else []
    summed = list(leads) if resum_all else changed
    resum(summed, rules)
    return summed


def _around(new: Sequence[datetime], rules: Rules) -> recounting.Around | None:
    """None where a rule limits how often an asset counts: that is of all time."""
    if rules.behaviour.limits_assets:
        return None
    return recounting.Around(min(new), max(new), rules.behaviour.longest_interval)


def resum(leads: Sequence[int], rules: Rules) -> None:
    """Sum the events of these leads anew."""
    if leads:
        recounting.resum(leads, rules)


def concerned_by(assets: Sequence[int]) -> Iterator[list[int]]:
    """Leads that did something with these assets, some at a time, where the phases of an asset have a say at all."""
    if in_force().behaviour.has_phases:
        did = BehaviourEvent.objects.filter(lead=OuterRef("pk"), asset__in=assets)
        yield from _in_order(LeadScore.objects.filter(Exists(did)))


def threshold_in_force(segment: int | None = None) -> float | None:
    """The bar of the definition in force for a segment, else of everybody's."""
    bars = dict(MqlDefinition.objects.in_force().values_list("segment", "threshold"))
    return bars.get(segment, bars.get(None))
