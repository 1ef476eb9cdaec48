"""What a handoff promises, in words: the ladder, the pause, what the customer said, earlier rounds."""

from datetime import timedelta

import pytest

from desk import promises
from sla import escalation, handoffs
from sla.handoffs import bant
from sla.models import Agreement, Bant, Handoff

HOUR = timedelta(hours=1)


def ladder(row, at):
    fresh = Handoff.objects.select_related("terms").get(pk=row.pk)
    return {rung.words: (rung.state, rung.told) for rung in promises.rungs_of(fresh, at)}


def test_at_first_every_rung_lies_ahead(cast):
    row = cast.handoff()
    rungs = ladder(row, cast.at)
    assert {state for state, _told in rungs.values()} == {"ahead"}
    assert rungs["First contact is due"] == ("ahead", "Owner, Manager")
    assert rungs["First contact: still none after 150% of the time"][1] == "Manager, Marketing"


def test_what_was_told_is_marked(cast):
    row = cast.handoff()
    escalation.sweep(at=row.respond_by)
    rungs = ladder(row, row.respond_by)
    assert rungs["First contact: 80% of the time"][0] == rungs["First contact is due"][0] == "told"
    assert rungs["Accept or reject is due"][0] == "ahead"


def test_a_promise_kept_spares_its_rungs_and_leaves_the_next(cast):
    row = cast.handoff()
    handoffs.contact(row, channel="call", outcome="reached", by=cast.rep, at=cast.at)
    rungs = ladder(row, cast.at)
    assert rungs["First contact is due"][0] == "spared"
    assert rungs["The outcome is due"][0] == "ahead"


def test_once_decided_nobody_is_told_of_anything(cast):
    row = cast.handoff()
    handoffs.reject(row, reason="no-need", by=cast.rep, at=cast.at)
    assert {state for state, _told in ladder(row, cast.at).values()} == {"spared"}


def test_a_pause_is_the_one_that_runs_now(cast):
    row = cast.handoff()
    assert promises.pause_of(row) is None
    handoffs.pause(row, reason="on holiday", by=cast.rep, at=cast.at)
    assert promises.pause_of(Handoff.objects.get(pk=row.pk)).reason == "on holiday"
    assert promises.pauses_left(Handoff.objects.get(pk=row.pk)) == row.terms.body["max_pauses"] - 1
    handoffs.resume(row, by=cast.rep, at=cast.at + HOUR)
    assert promises.pause_of(Handoff.objects.get(pk=row.pk)) is None


def test_what_is_known_and_what_is_still_asked(cast):
    Agreement.objects.in_force().update(sql_fields=["timing"])
    row = cast.handoff()
    bant.confirm(row, {"need": "urgent", "problem": "Spreadsheets"}, by=cast.rep, at=cast.at)
    row.bant = Bant.objects.get()
    told = [(one.label, one.value, one.is_missing) for one in promises.findings(row)]
    assert told == [("Need", "Urgent", False), ("Timing", "", True), ("Problem", "Spreadsheets", False)]


@pytest.mark.parametrize(
    ("times", "earlier", "words"),
    [
        (1, [], ""),
        (2, [], "2nd time"),
        (3, [{"reason": "gone"}], "3rd time; rejected 12 Mar 2026: gone"),
        (2, [{"reason": "bad-timing"}], "2nd time; rejected 12 Mar 2026: Bad timing"),
    ],
)
def test_a_lead_comes_with_its_history(cast, times, earlier, words):
    told = [{"comment": "", "by": "", "at": "2026-03-12T03:00:00+00:00", **one} for one in earlier]
    row = Handoff(round=times, brief={"earlier": told})
    assert promises.Rounds().words(row) == words


def test_the_clock_of_a_contacted_handoff_says_what_it_waits_for(cast):
    row = cast.handoff()
    assert promises.asked_next(row) == ""
    row = handoffs.contact(row, channel="call", outcome="reached", by=cast.rep, at=cast.at)
    assert "whether you take it" in promises.asked_next(row)
    row = handoffs.accept(row, by=cast.rep, at=cast.at)
    assert "outcome" in promises.asked_next(row)
