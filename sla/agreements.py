"""Agreements: draft, put in force, and the frozen terms a handoff is offered under."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, time
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from crm import ledger
from crm.models import WEEKDAYS, Calendar, User
from crm.states import Refused, UnableToMove
from leads import lifecycle
from leads.models import MqlDefinition
from sla.models import AGREEMENT_MOVES, Agreement, AgreementStatus, ReasonRule, Terms
from sla.work_calendar import WorkCalendar

# Holidays are written down for this long, counted from the start of the year of the offer.
HORIZON_DAYS = 800

_COPIED = (
    "title", "calendar", "business_hours", "response_hours", "response_counts", "feedback_hours", "expire_hours",
    "warn_percent", "max_rounds", "monthly_mqls", "acceptance_rate",
)  # fmt: skip


def next_version() -> int:
    return (Agreement.objects.aggregate(last=Max("version"))["last"] or 0) + 1


def draft_from(agreement: Agreement, *, by: User, at: datetime) -> Agreement:
    """A new draft with the same terms, to be changed before it takes force."""
    with transaction.atomic():
        old = agreement.definition
        definition = MqlDefinition.objects.create(
            threshold=old.threshold,
            required_fields=old.required_fields,
            minimum_grade=old.minimum_grade,
            hand_raises=old.hand_raises,
        )
        copied = {name: getattr(agreement, name) for name in _COPIED}
        draft = Agreement.objects.create(version=next_version(), definition=definition, **copied)
        ReasonRule.objects.bulk_create([_copy_of(rule, draft) for rule in agreement.rules.order_by("pk")])
        ledger.record([_fact("agreement.drafted", draft, by, at)])
    return draft


def _copy_of(rule: ReasonRule, draft: Agreement) -> ReasonRule:
    rule.pk, rule.agreement = None, draft
    rule._state.adding = True
    return rule


def put_in_force(agreement: Agreement, *, by: User | None, at: datetime) -> Agreement:
    """Supersede the agreement in force. Running handoffs keep the terms they were offered under.

    Leads that meet the new definition become MQLs in the same transaction.
    """
    with transaction.atomic():
        rows = Agreement.objects.select_for_update().order_by("pk")
        both = {
            row.pk: row for row in rows.filter(status=AgreementStatus.IN_FORCE) | rows.filter(pk=agreement.pk)
        }
        fresh = both.pop(agreement.pk)
        if fresh.status == AgreementStatus.IN_FORCE:
            return fresh
        if AgreementStatus.IN_FORCE not in AGREEMENT_MOVES[fresh.status]:
            raise UnableToMove(
                "agreement", str(fresh.get_status_display()), str(AgreementStatus.IN_FORCE.label)
            )
        if not fresh.rules.exists():
            raise Refused(
                _("This agreement has no rejection reasons yet. Add at least one before it takes force.")
            )
        _supersede(list(both.values()), by, at)
        fresh.status, fresh.effective_from, fresh.activated_by = AgreementStatus.IN_FORCE, at, by
        fresh.save(update_fields=["status", "effective_from", "activated_by", "updated_at"])
        ledger.record([_fact("agreement.in_force", fresh, by, at, from_state="draft", to_state="in_force")])
        lifecycle.adopt(fresh.definition, by=by, at=at)
    return fresh


def _supersede(old: list[Agreement], by: User | None, at: datetime) -> None:
    for agreement in old:
        agreement.status, agreement.effective_until = AgreementStatus.SUPERSEDED, at
        agreement.save(update_fields=["status", "effective_until", "updated_at"])
        ledger.record(
            [_fact("agreement.superseded", agreement, by, at, from_state="in_force", to_state="superseded")]
        )


def _fact(kind: str, agreement: Agreement, by: User | None, at: datetime, **details: Any) -> ledger.Fact:
    return ledger.Fact(
        kind=kind,
        subject=("agreement", agreement.pk),
        at=at,
        actor=by,
        data={"version": agreement.version},
        **details,
    )


# -- frozen terms ---------------------------------------------------------------------------------


def work_calendar(calendar: Calendar, *, business_hours: bool = True) -> WorkCalendar:
    """The clock's calendar of a stored one; `business_hours` off counts every hour."""
    if calendar.always_open or not business_hours:
        return WorkCalendar(zone=calendar.time_zone, always_open=True)
    windows = {
        WEEKDAYS.index(day): tuple((_wall_time(start), _wall_time(end)) for start, end in spans)
        for day, spans in calendar.windows.items()
    }
    return WorkCalendar(
        zone=calendar.time_zone,
        windows=windows,
        holiday_country=calendar.holiday_country,
        closures=frozenset(calendar.closures.values_list("day", flat=True)),
    )


def _wall_time(text: str) -> time:
    hours, minutes = (int(part) for part in text.split(":"))
    return time(hours % 24, minutes)


def terms_for(agreement: Agreement, calendar: Calendar, *, at: datetime) -> Terms:
    """The frozen terms of an agreement with a calendar; the same terms are stored once."""
    body = terms_body(agreement, calendar, at=at)
    digest = digest_of(body)
    terms, _created = Terms.objects.get_or_create(
        digest=digest, defaults={"agreement": agreement, "body": body}
    )
    return terms


def terms_body(agreement: Agreement, calendar: Calendar, *, at: datetime) -> dict[str, Any]:
    new_year = datetime(at.year, 1, 1, tzinfo=UTC)
    work = work_calendar(calendar, business_hours=agreement.business_hours)
    return {
        "version": agreement.version,
        "calendar": work.to_snapshot(new_year, days=HORIZON_DAYS),
        "calendar_name": calendar.name,
        "threshold": agreement.definition.threshold,
        "business_hours": agreement.business_hours,
        "response_hours": agreement.response_hours,
        "response_counts": agreement.response_counts,
        "feedback_hours": agreement.feedback_hours,
        "expire_hours": agreement.expire_hours,
        "warn_percent": agreement.warn_percent,
        "max_rounds": agreement.max_rounds,
        "reasons": {rule.reason.code: _rule_terms(rule) for rule in _rules(agreement)},
    }


def _rules(agreement: Agreement) -> list[ReasonRule]:
    return list(
        agreement.rules.select_related("reason", "programme").order_by("reason__position", "reason__code")
    )


def _rule_terms(rule: ReasonRule) -> dict[str, Any]:
    return {
        "disposition": rule.disposition,
        "wait_days": rule.wait_days,
        "programme": rule.programme.code if rule.programme else "",
        "comment_required": rule.comment_required,
        "asks_date": rule.asks_date,
        "fresh_behaviour_only": rule.fresh_behaviour_only,
    }


def digest_of(body: dict[str, Any]) -> str:
    """SHA-256 of the canonical JSON: proves that frozen terms have not been touched (I10)."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
