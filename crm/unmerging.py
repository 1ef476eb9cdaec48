"""A merge taken back: everything that was there before stands where it stood; what came since stays with the winner."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from crm import duplicates, journal, ledger, merging
from crm.models import MergeRecord, RecordKind, User
from crm.querysets_duplicates import UNDO_WITHIN
from crm.states import Refused


def undo(record: MergeRecord, *, by: User, at: datetime) -> MergeRecord:
    """Take a merge back within 30 days. Raises Refused where a later merge or a new record stands in the way.

    Who undoes says that the two are not the same: they are not suggested again.
    """
    with transaction.atomic():
        model = merging.MODELS[record.kind]
        pks = [record.loser, record.winner]
        rows = model.objects.select_for_update(no_key=True).order_by("pk").in_bulk(pks)
        record = MergeRecord.objects.select_for_update(no_key=True).get(pk=record.pk)
        for row in rows.values():
            merging.insist_may_merge(row, by)
        _insist_undoable(record, at)
        _put_back(record)
        record.undone_at, record.undone_by = at, by
        record.save(update_fields=["undone_at", "undone_by"])
        duplicates.keep_apart(record.kind, record.loser, record.winner, by=by, at=at)
        ledger.record([_fact(record, by, at)])
    return record


def _put_back(record: MergeRecord) -> None:
    label = merging.MODELS[record.kind]._meta.label
    try:
        with transaction.atomic():
            journal.restore(record.journal, first=(label, record.winner))
    except IntegrityError as error:
        message = _(
            "A newer record uses the address, domain, external id or open lead of the old one."
            " Merge or change that first."
        )
        raise Refused(message, code="conflict") from error


def _insist_undoable(record: MergeRecord, at: datetime) -> None:
    if record.undone_at:
        raise Refused(_("This merge was undone already."), code="conflict")
    if record.merged_at <= at - UNDO_WITHIN:
        raise Refused(_("A merge can be undone for 30 days; this one is older."), code="conflict")
    later = MergeRecord.objects.standing().touching(record.kind, record.loser, record.winner)
    if later.filter(pk__gt=record.pk).exists():
        raise Refused(_("One of them was merged again since. Undo the later merge first."), code="conflict")


def _fact(record: MergeRecord, by: User, at: datetime) -> ledger.Fact:
    is_person = record.kind == RecordKind.CONTACT
    return ledger.Fact(
        kind=f"{record.kind}.unmerged",
        subject=(record.kind, record.loser),
        at=at,
        actor=by,
        contact_id=record.winner if is_person else None,
        account_id=None if is_person else record.winner,
        data={"from": record.winner, "merge": record.pk},
    )
