"""An agreement before it is proposed: drafted from another, and revised as often as it takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from crm import access, ledger
from crm.models import Role, User
from crm.states import Refused, UnableToMove
from leads.models import MqlDefinition
from sla import terms
from sla.models import Agreement, AgreementStatus, EscalationStep, ReasonRule

COPIED = (
    "title", "segment", "calendar", "business_hours", "leave_stops_clock", "response_hours", "response_counts",
    "attempts", "channels", "accept_hours", "feedback_hours", "expire_hours", "after_expiry", "routing",
    "max_pauses", "pause_days", "sql_fields", "max_rounds", "monthly_mqls", "acceptance_rate", "completeness",
)  # fmt: skip
EDITABLE = (*COPIED, "note")
DEFINED = ("threshold", "required_fields", "minimum_grade", "hand_raises", "consent_required")
EDITORS = (Role.MARKETER, Role.MANAGER)


def next_version() -> int:
    return (Agreement.objects.aggregate(last=Max("version"))["last"] or 0) + 1


def draft_from(agreement: Agreement, *, by: User, at: datetime) -> Agreement:
    """A new draft with the same terms, to be changed before it is proposed."""
    access.require_role(by, *EDITORS)
    with transaction.atomic():
        definition = _copied(agreement.definition)
        copied = {name: getattr(agreement, name) for name in COPIED}
        draft = Agreement.objects.create(version=next_version(), definition=definition, **copied)
        for kind in (ReasonRule, EscalationStep):
            rows = kind.objects.filter(agreement=agreement).order_by("pk")
            kind.objects.bulk_create([_copy_of(row, draft) for row in rows])
        ledger.record([fact("agreement.drafted", draft, by, at)])
    return draft


def _copied(definition: MqlDefinition) -> MqlDefinition:
    return MqlDefinition.objects.create(**{name: getattr(definition, name) for name in DEFINED})


def _copy_of(row: Any, draft: Agreement) -> Any:
    row.pk, row.agreement = None, draft
    row._state.adding = True
    return row


# -- revised --------------------------------------------------------------------------------------


def revise(
    draft: Agreement,
    *,
    by: User,
    at: datetime,
    seen: datetime | None = None,
    definition: MqlDefinition | None = None,
    rules: Sequence[ReasonRule] | None = None,
    steps: Sequence[EscalationStep] | None = None,
    **changes: Any,
) -> Agreement:
    """Change the terms of a draft; once it is proposed its text stands still.

    `rules` and `steps` are unsaved rows that take the place of all there are; of `definition` the values are taken.
    `seen` is the `updated_at` the changes were made against: a draft somebody else has changed since is refused.
    """
    access.require_role(by, *EDITORS)
    with transaction.atomic():
        row = lock(draft)
        if row.status != AgreementStatus.DRAFT:
            raise UnableToMove("agreement", str(row.get_status_display()), _("changed"), state=row.status)
        if seen and row.updated_at != seen:
            raise Refused(
                _("Somebody else has changed this draft meanwhile. Load it again."), code="conflict"
            )
        before = terms.contract_body(row)
        _set(row, changes)
        _define(row, definition)
        _replace(row, ReasonRule, rules, key=lambda rule: (rule.reason_id,))
        _replace(row, EscalationStep, steps, key=lambda step: (step.clock, step.percent))
        row.save()
        changed = _differing(before, terms.contract_body(row))
        if changed:
            ledger.record([fact("agreement.revised", row, by, at, data={"changed": changed})])
    return row


def lock(agreement: Agreement) -> Agreement:
    rows = Agreement.objects.select_for_update(of=("self",), no_key=True)
    row: Agreement = rows.select_related("segment", "definition", "calendar").get(pk=agreement.pk)
    return row


def _set(row: Agreement, changes: dict[str, Any]) -> None:
    if unknown := set(changes) - set(EDITABLE):
        raise TypeError(f"an agreement has no term {min(unknown)}")
    for name, value in changes.items():
        setattr(row, name, value)
    insist_clean(row.full_clean)


def _define(row: Agreement, wanted: MqlDefinition | None) -> None:
    """The draft's own definition takes the values; one that other agreements name as well is left alone."""
    if wanted is None:
        return
    own = row.definition
    if own.in_force or own.agreements.exclude(pk=row.pk).exists():
        own = row.definition = _copied(own)
    for name in DEFINED:
        setattr(own, name, getattr(wanted, name))
    insist_clean(own.full_clean)
    own.save()


def _replace(row: Agreement, kind: Any, rows: Iterable[Any] | None, *, key: Any) -> None:
    if rows is None:
        return
    fresh = [_copy_of(each, row) for each in rows]
    if len({key(each) for each in fresh}) < len(fresh):
        raise Refused(_("The same line stands here twice. Take one away."))
    for each in fresh:
        insist_clean(each.clean_fields, exclude={"agreement", "reason", "programme"})
    kind.objects.filter(agreement=row).delete()
    kind.objects.bulk_create(fresh)


def insist_clean(check: Any, **options: Any) -> None:
    """What the model and its constraints forbid, as the first refusal of a deed."""
    try:
        check(**options)
    except ValidationError as invalid:
        errors = invalid.error_dict if hasattr(invalid, "error_dict") else {"": invalid.error_list}
        field, [first, *_more] = next(iter(errors.items()))
        if field not in EDITABLE + DEFINED:  # a constraint over several fields names one by its code
            field = first.code if first.code in EDITABLE else ""
        raise Refused(" ".join(first.messages), field=field) from invalid


def _differing(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    return [name for name in after if before[name] != after[name]]


def fact(kind: str, row: Agreement, by: User | None, at: datetime, **details: Any) -> ledger.Fact:
    data = {"version": row.version, **details.pop("data", {})}
    return ledger.Fact(kind=kind, subject=("agreement", row.pk), at=at, actor=by, data=data, **details)
