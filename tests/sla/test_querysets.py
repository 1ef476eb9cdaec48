"""Questions about handoffs whose answer depends on the moment."""

from datetime import timedelta

from sla import handoffs
from sla.models import Handoff

HOUR = timedelta(hours=1)


def late(at):
    return list(Handoff.objects.breached(at).values_list("pk", flat=True))


def test_one_that_was_paused_in_time_is_not_late_while_it_stands_still(cast):
    row = cast.handoff()
    handoffs.pause(row, reason="on holiday", by=cast.rep, at=cast.at)
    assert late(row.respond_by + HOUR) == []
    assert list(Handoff.objects.paused()) == [row]


def test_one_that_was_late_before_the_pause_stays_late(cast):
    row = cast.handoff()
    handoffs.pause(row, reason="on holiday", by=cast.rep, at=row.respond_by + HOUR)
    assert late(row.respond_by + 2 * HOUR) == [row.pk]


def test_after_the_pause_the_moved_deadline_counts(cast):
    row = cast.handoff()
    handoffs.pause(row, reason="on holiday", by=cast.rep, at=cast.at)
    handoffs.resume(row, by=cast.rep, at=cast.at + 2 * HOUR)
    assert late(row.respond_by + HOUR) == []
    assert late(row.respond_by + 3 * HOUR) == [row.pk]
    assert not Handoff.objects.paused().exists()
