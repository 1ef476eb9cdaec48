"""Terms stay frozen; only a manager puts a running handoff under new ones, and it is recorded."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from crm.models import LedgerEntry
from crm.states import Refused
from project import invariants
from sla import agreements, handoffs
from sla.models import Agreement, Handoff


def tighten(cast, hours=4):
    draft = agreements.draft_from(Agreement.objects.current(), by=cast.marketer, at=cast.at)
    Agreement.objects.filter(pk=draft.pk).update(response_hours=hours)
    return cast.agree(draft)


def test_a_new_agreement_moves_no_due_time_of_what_runs(cast):
    row = cast.handoff()
    tighten(cast)
    same = Handoff.objects.get(pk=row.pk)
    assert (same.terms_id, same.respond_by, same.schedule) == (row.terms_id, row.respond_by, row.schedule)
    assert cast.handoff().respond_by < row.respond_by


def test_a_manager_puts_one_under_the_new_terms_and_it_is_recorded(cast):
    row = cast.handoff()
    tighten(cast)
    fresh = handoffs.rebase(row, note="asked by the customer", by=cast.manager, at=cast.at)
    assert fresh.respond_by == cast.handoff().respond_by < row.respond_by
    entry = LedgerEntry.objects.get(kind="handoff.rebased")
    assert (entry.reason, entry.data["before"]["terms"]) == ("asked by the customer", row.terms_id)
    assert invariants.broken(cast.at) == []


def test_under_the_same_terms_nothing_changes(cast):
    row = cast.handoff()
    handoffs.rebase(row, note="just so", by=cast.manager, at=cast.at)
    assert not LedgerEntry.objects.filter(kind="handoff.rebased").exists()


@pytest.mark.parametrize("who", ["rep", "marketer"])
def test_nobody_else_may(cast, who):
    row = cast.handoff()
    with pytest.raises(PermissionDenied):
        handoffs.rebase(row, note="please", by=getattr(cast, who), at=cast.at)


def test_it_says_why_or_it_is_refused(cast):
    with pytest.raises(Refused) as refused:
        handoffs.rebase(cast.handoff(), note="", by=cast.manager, at=cast.at)
    assert refused.value.field == "note"


def test_pauses_so_far_still_count(cast):
    row = cast.handoff()
    handoffs.pause(row, reason="on holiday", by=cast.rep, at=cast.at)
    handoffs.resume(row, by=cast.rep, at=cast.at + timedelta(hours=2))
    tighten(cast)
    later = cast.at + timedelta(hours=3)
    fresh = handoffs.rebase(row, note="as agreed", by=cast.manager, at=later)
    assert fresh.respond_by == cast.at + timedelta(hours=4 + 2)
    assert invariants.broken(later) == []
