"""Deeds with days off: who is away gets no handoffs, and where it was agreed their clocks stand still."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from crm import access, ledger
from crm.models import Leave, LedgerEntry, User
from crm.states import Refused

REMOVED = "leave.removed"
LONGEST = timedelta(days=730)


def add(person: User, *, starts_on: date, ends_on: date, by: User, at: datetime) -> Leave:
    """Note that a person is away, both days included. The same days again are the same leave."""
    _insist_on_right(person, by)
    if ends_on < starts_on:
        raise Refused(_("The last day comes before the first."), field="ends_on", code="invalid")
    if ends_on - starts_on > LONGEST:
        raise Refused(_("Enter at most two years at once."), field="ends_on", code="invalid")
    with transaction.atomic():
        leave, is_new = Leave.objects.get_or_create(user=person, starts_on=starts_on, ends_on=ends_on)
        if is_new:
            ledger.record([_fact("leave.added", leave, by, at)])
    return leave


def remove(leave: Leave, *, by: User, at: datetime) -> int | None:
    """The person is there after all. Returns the ledger entry `restore` takes; None where it was gone already."""
    _insist_on_right(leave.user, by)
    with transaction.atomic():
        fact = _fact(REMOVED, leave, by, at)
        gone, _rows = Leave.objects.filter(pk=leave.pk).delete()
        return ledger.record([fact])[0] if gone else None


def removed(*, seen_by: User) -> QuerySet[LedgerEntry]:
    """The entries of days off that were taken back, of the people somebody sees."""
    entries: QuerySet[LedgerEntry] = LedgerEntry.objects.filter(kind=REMOVED, subject_type="user")
    everyone = access.sees_everything(seen_by)
    return entries if everyone else entries.filter(subject_id__in=access.peers(seen_by).values("pk"))


def restore(entry: LedgerEntry, *, by: User, at: datetime) -> Leave:
    """The days off that were taken back hold again."""
    days = {name: date.fromisoformat(entry.data[name]) for name in ("starts_on", "ends_on")}
    return add(User.objects.get(pk=entry.subject_id), **days, by=by, at=at)


def _insist_on_right(person: User, by: User) -> None:
    if not access.may_work(by, person.pk):
        raise PermissionDenied(_("Only the person, their manager or an administrator may do this."))


def _fact(kind: str, leave: Leave, by: User, at: datetime) -> ledger.Fact:
    days = {"starts_on": leave.starts_on.isoformat(), "ends_on": leave.ends_on.isoformat()}
    return ledger.Fact(
        kind=kind, subject=("user", leave.user_id), at=at, actor=by, data={"leave": leave.pk, **days}
    )
