"""What sales confirmed in contact: budget, authority, need, timing. Asked for before a lead becomes an SQL."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm import ledger
from crm.models import User
from crm.states import Refused
from sla.handoffs import door
from sla.models import Authority, Bant, BantField, Budget, Handoff, Need, Timing

CHOICES: dict[str, Any] = {
    BantField.BUDGET: Budget,
    BantField.AUTHORITY: Authority,
    BantField.NEED: Need,
    BantField.TIMING: Timing,
}
FIELDS = (*BantField.values, "problem")


def confirm(handoff: Handoff, found: Mapping[str, str], *, by: User, at: datetime) -> Bant | None:
    """Keep what was found out about a handoff's person; what is blank stays as it was."""
    with transaction.atomic():
        return note(door.lock_own(handoff.pk, by=by), found, by=by, at=at)


def note(row: Handoff, found: Mapping[str, str], *, by: User, at: datetime) -> Bant | None:
    """The same on a locked handoff. Raises `Refused` for a value that is none of the choices."""
    told = {
        name: str(value).strip()
        for name, value in found.items()
        if name in FIELDS and str(value or "").strip()
    }
    _insist_known(told)
    known = Bant.objects.filter(handoff=row).first()
    if known and all(getattr(known, name) == value for name, value in told.items()):
        return known
    if not told:
        return known
    values = {**told, "found_by": by, "found_at": at}
    bant, _created = Bant.objects.update_or_create(handoff=row, defaults=values)
    ledger.record([door.fact("handoff.bant", row, by, at, data=told)])
    return bant


def _insist_known(told: Mapping[str, str]) -> None:
    for name, choices in CHOICES.items():
        if name in told and told[name] not in choices.values:
            listed = ", ".join(choices.values)
            raise Refused(_("Choose one of: %s.") % listed, field=name, code="invalid_choice")
    if len(told.get("problem", "")) > 300:
        raise Refused(
            _("Use at most %(most)d characters.") % {"most": 300}, field="problem", code="max_length"
        )


def missing(row: Handoff) -> list[str]:
    """What the agreement asks for before converting and nobody has found out yet."""
    known = Bant.objects.filter(handoff=row).first()
    return [name for name in row.terms.body["sql_fields"] if not (known and getattr(known, name))]


def insist(row: Handoff) -> None:
    if names := missing(row):
        label = BantField(names[0]).label
        raise Refused(
            _("The agreement asks for “%(field)s” before a lead becomes an SQL. Fill it in.")
            % {"field": label},
            field=names[0],
            code="required",
        )
