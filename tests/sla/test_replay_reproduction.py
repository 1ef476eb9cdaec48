"""Replaying the agreement in force gives what really happened, lead by lead."""

from collections import Counter
from datetime import timedelta

import pytest

from leads.models import Lead
from sla.models import Agreement, Handoff
from sla.replay import history, play
from sla.replay.contracts import in_force
from tests.sla.replaying import Life


def _replayed(since, until):
    read = history.read([], since=since, until=until, known_at=until)
    return read, play.replay(read, in_force(), read.sellers)


def _offer(row):
    due = row.due
    return (
        row.lead,
        row.round,
        row.offered_at,
        due.respond_by,
        due.accept_by,
        due.feedback_by,
        due.expires_at,
        due.rungs,
    )


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5, 6, 7, 8])
def test_everything_happens_again(cast, seed):
    Agreement.objects.update(after_expiry="next")
    life = Life(cast, seed)
    end = life.live(steps=420) + timedelta(seconds=1)
    read, side = _replayed(cast.at, end)
    print(
        Counter(Handoff.objects.values_list("status", flat=True)),
        len(read.qualified),
        Counter(Lead.objects.values_list("stage", flat=True)),
    )
    assert [(one.at, one.lead) for one in side.played.mqls] == [(one.at, one.lead) for one in read.qualified]
    assert [_offer(row) for row in side.played.handovers] == [_offer(one) for one in read.answers]
    for row, one in zip(side.played.handovers, read.answers):
        if row.given_to != one.assignee:
            h = Handoff.objects.get(pk=one.handoff)
            print(row.offered_at, row.given_to, one.assignee, h.routed, h.lead_id, one.is_named, one.owners)
            steps = {u: [x for x in s if x[0] <= row.offered_at][-3:] for u, s in side.played.loads.items()}
            print(steps)
            for o in read.answers:
                if o.offered_at <= one.offered_at:
                    print(
                        o.lead,
                        o.offered_at,
                        o.assignee,
                        [(c.at, c.came_from, c.to) for c in o.owners],
                        o.ended_at,
                        o.ended_as,
                    )
            break
    assert [row.given_to for row in side.played.handovers] == [one.assignee for one in read.answers]
    assert [row.ended_as for row in side.played.handovers] == [one.ended_as for one in read.answers]
