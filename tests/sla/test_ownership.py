"""Whose a handoff is: many at once are given to one person, and what was decided on is left alone."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from crm.models import LedgerEntry, Notification
from crm.states import Refused
from sla import handoffs
from sla.models import Handoff


def test_many_are_given_at_once_and_each_is_recorded_and_told(cast):
    rows = [cast.handoff() for _ in range(3)]
    done = handoffs.reassign_all(rows, to=cast.colleague, by=cast.manager, at=cast.at, note="On leave")
    assert {row.pk for row in done.given} == {row.pk for row in rows}
    assert Handoff.objects.filter(assignee=cast.colleague).count() == 3
    entries = LedgerEntry.objects.filter(kind="handoff.reassigned")
    assert {(entry.reason, entry.data["from"]) for entry in entries} == {("On leave", cast.rep.pk)}
    assert Notification.objects.filter(kind="handoff.reassigned", user=cast.colleague).count() == 3


def test_what_was_decided_meanwhile_is_named_and_what_is_theirs_is_left(cast):
    open_one, decided, theirs = cast.handoff(), cast.handoff(), cast.handoff(to=cast.colleague)
    handoffs.reject(decided, reason="no-need", by=cast.rep, at=cast.at)
    done = handoffs.reassign_all([theirs, decided, open_one], to=cast.colleague, by=cast.manager, at=cast.at)
    assert ([row.pk for row in done.given], [row.pk for row in done.late]) == ([open_one.pk], [decided.pk])
    assert [row.pk for row in done.theirs] == [theirs.pk]
    assert Handoff.objects.get(pk=decided.pk).assignee == cast.rep


def test_one_from_the_open_queue_gets_an_owner(cast):
    row = cast.handoff()
    Handoff.objects.filter(pk=row.pk).update(assignee=None)
    handoffs.reassign_all([row], to=cast.colleague, by=cast.manager, at=cast.at)
    assert Handoff.objects.get(pk=row.pk).assignee == cast.colleague


def test_due_times_stay_as_promised(cast):
    row = cast.handoff()
    handoffs.reassign(row, to=cast.colleague, by=cast.manager, at=row.respond_by)
    assert Handoff.objects.get(pk=row.pk).respond_by == row.respond_by


@pytest.mark.parametrize("who", ["rep", "marketer"])
def test_only_who_leads_people_may(cast, who):
    row = cast.handoff()
    with pytest.raises(PermissionDenied):
        handoffs.reassign_all([row], to=cast.colleague, by=getattr(cast, who), at=cast.at)
    assert Handoff.objects.get(pk=row.pk).assignee == cast.rep


def test_nobody_gets_them_who_does_not_sell(cast):
    row = cast.handoff()
    with pytest.raises(Refused) as refused:
        handoffs.reassign_all([row], to=cast.marketer, by=cast.manager, at=cast.at)
    assert refused.value.field == "assignee"
    assert Handoff.objects.get(pk=row.pk).assignee == cast.rep


def test_each_time_it_is_passed_on_the_new_owner_hears_of_it(cast):
    row = cast.handoff()
    for hours, person in enumerate((cast.colleague, cast.rep, cast.colleague)):
        handoffs.reassign(row, to=person, by=cast.manager, at=cast.at + timedelta(hours=hours))
    told = Notification.objects.filter(kind="handoff.reassigned").order_by("pk")
    assert [line.user for line in told] == [cast.colleague, cast.rep, cast.colleague]
