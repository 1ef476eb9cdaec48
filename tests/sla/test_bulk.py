"""One deed for many leads: in batches, never twice, and taken back where it can be."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from crm import directory
from crm.models import LedgerEntry
from crm.states import Refused
from leads.models import Enrolment, Programme, Stage
from leads.nurture import enrolment
from sla import bulk, handoffs
from sla.models import Agreement, BulkRun, Handoff
from tests.support.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def programme(cast: Cast) -> Programme:
    return Programme.objects.order_by("pk")[0]


def test_few_leads_are_enrolled_at_once(cast: Cast, programme: Programme) -> None:
    leads = [cast.lead().pk for _ in range(3)]
    run = bulk.enrol(leads, programme, by=cast.marketer, at=cast.at)
    assert (run.done, run.place, run.is_due) == (3, 3, False)
    assert Enrolment.objects.running().filter(programme=programme).count() == 3


def test_who_opted_out_is_with_sales_or_inside_already_is_left_out(cast: Cast, programme: Programme) -> None:
    out, sold, inside, free = cast.lead(), cast.handoff().lead, cast.lead(), cast.lead()
    directory.edit_contact(out.contact, consent="withdrawn", by=cast.marketer, at=cast.at)
    enrolment.enrol([inside.pk], programme, cause="", by=None, at=cast.at - timedelta(days=1))
    chosen = [row.pk for row in (out, sold, inside, free)]
    run = bulk.enrol(chosen, programme, by=cast.marketer, at=cast.at)
    assert (run.done, run.place) == (1, 4)
    assert Enrolment.objects.get(entered_by=cast.marketer).lead == free


def test_many_leads_wait_for_the_sweep_and_go_on_batch_by_batch(
    cast: Cast, programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    monkeypatch.setattr(bulk, "BATCH", 2)
    leads = [cast.lead().pk for _ in range(5)]
    run = bulk.enrol(leads, programme, by=cast.marketer, at=cast.at)
    assert run.is_due
    places = []
    while bulk.sweep(at=cast.at):
        run.refresh_from_db()
        places.append(run.place)
    run.refresh_from_db()
    assert (places, run.done, run.is_due) == ([2, 4], 5, False)


def test_a_run_that_was_stopped_keeps_what_is_done_and_does_no_more(
    cast: Cast, programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    monkeypatch.setattr(bulk, "BATCH", 2)
    run = bulk.enrol([cast.lead().pk for _ in range(5)], programme, by=cast.marketer, at=cast.at)
    bulk.sweep(at=cast.at)
    bulk.stop(run, at=cast.at)
    assert not bulk.sweep(at=cast.at)
    assert Enrolment.objects.running().count() == 2


def test_one_that_fails_ends_with_its_reason(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 0)
    run = bulk.hand_over([cast.lead().pk], by=cast.marketer, at=cast.at)
    Agreement.objects.filter(status="in_force").update(status="superseded", effective_until=cast.at)
    assert not bulk.sweep(at=cast.at)
    run.refresh_from_db()
    assert "No agreement is in force" in run.error
    assert not run.is_due


def test_enrolments_are_taken_back_and_those_of_others_stay(cast: Cast, programme: Programme) -> None:
    before, mine = cast.lead(), cast.lead()
    enrolment.enrol([before.pk], programme, cause="", by=cast.marketer, at=cast.at - timedelta(days=1))
    run = bulk.enrol([before.pk, mine.pk], programme, by=cast.marketer, at=cast.at)
    assert bulk.undo(run, by=cast.marketer, at=cast.at) == 1
    assert bulk.undo(run, by=cast.marketer, at=cast.at) == 0
    assert [row.lead for row in Enrolment.objects.running()] == [before]


def test_leads_are_handed_over_together_each_under_its_agreement(cast: Cast) -> None:
    leads = [cast.lead() for _ in range(3)]
    run = bulk.hand_over(
        [row.pk for row in leads], assignee=cast.rep, note="Fair", by=cast.marketer, at=cast.at
    )
    rows = Handoff.objects.running().filter(lead__in=leads)
    assert run.done == 3
    assert {(row.assignee, row.note, row.lead.stage) for row in rows.select_related("lead", "assignee")} == {
        (cast.rep, "Fair", Stage.MQL)
    }
    assert LedgerEntry.objects.filter(kind="handoff.offered", at=cast.at, actor=cast.marketer).count() == 3


def test_a_manager_hands_over_what_the_team_sees(cast: Cast) -> None:
    lead = cast.lead()
    with pytest.raises(Refused, match="at least one"):
        bulk.hand_over([lead.pk], by=cast.manager, at=cast.at)
    type(lead).objects.filter(pk=lead.pk).update(owner=cast.rep)
    assert bulk.hand_over([lead.pk], by=cast.manager, at=cast.at).done == 1


def test_one_with_sales_and_one_that_cannot_become_an_mql_stay_as_they_are(cast: Cast) -> None:
    running, accepted = cast.handoff(), cast.handoff()
    handoffs.accept(accepted, by=cast.rep, at=cast.at)
    free = cast.lead()
    chosen = [running.lead_id, accepted.lead_id, free.pk]
    offered = handoffs.hand_over_all(chosen, by=cast.marketer, at=cast.at)
    assert [row.lead_id for row in offered] == [free.pk]
    assert Handoff.objects.filter(lead=running.lead_id).count() == 1


def test_where_no_agreement_is_for_a_lead_it_does_not_become_an_mql(cast: Cast) -> None:
    lead = cast.lead()
    Agreement.objects.filter(status="in_force").update(status="superseded", effective_until=cast.at)
    with pytest.raises(Refused, match="No agreement"):
        handoffs.hand_over_all([lead.pk], by=cast.marketer, at=cast.at)
    lead.refresh_from_db()
    assert lead.stage == Stage.INQUIRY


def test_a_rep_may_not(cast: Cast, programme: Programme) -> None:
    lead = cast.handoff().lead
    with pytest.raises(PermissionDenied):
        bulk.enrol([lead.pk], programme, by=cast.rep, at=cast.at)
    with pytest.raises(PermissionDenied):
        handoffs.hand_over_all([lead.pk], by=cast.rep, at=cast.at)
    assert not BulkRun.objects.exists()


def test_nothing_chosen_and_too_many_are_refused(
    cast: Cast, programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Refused, match="at least one"):
        bulk.enrol([], programme, by=cast.marketer, at=cast.at)
    monkeypatch.setattr(bulk, "MOST", 1)
    with pytest.raises(Refused, match="at most"):
        bulk.enrol([cast.lead().pk, cast.lead().pk], programme, by=cast.marketer, at=cast.at)


@pytest.mark.parametrize("columns", [{"place": 9}, {"done": 1}, {"programme": None}, {"kind": "x"}])
def test_the_database_refuses_a_run_that_cannot_be(
    cast: Cast, programme: Programme, columns: dict[str, object]
) -> None:
    run = bulk.enrol([cast.handoff().lead_id], programme, by=cast.marketer, at=cast.at)
    BulkRun.objects.filter(pk=run.pk).update(place=0)
    with pytest.raises(IntegrityError), transaction.atomic():
        BulkRun.objects.filter(pk=run.pk).update(**columns)
