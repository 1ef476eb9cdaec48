"""Load over time, seats of a replay, and the terms it is played under."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.states import Refused
from sla import seating, terms
from sla.models import Agreement, Handoff, Terms
from sla.replay import bench, contracts
from sla.replay.bench import Bench
from sla.replay.contracts import Changes, Contract
from sla.replay.loads import measure
from sla.seating import Seller
from tests.sla.asking import live

TOKYO = ZoneInfo("Asia/Tokyo")
SINCE = datetime(2026, 6, 1, tzinfo=TOKYO)
UNTIL = SINCE + timedelta(days=10)
HOUR = timedelta(hours=1)


def load(*steps, capacity=2):
    moments = [(SINCE + timedelta(days=day), running) for day, running in steps]
    return measure(moments, capacity, since=SINCE, until=UNTIL, zone=TOKYO)


def test_the_average_is_weighed_by_time():
    assert load((0, 1), (5, 3)).mean == pytest.approx(2)
    assert load().mean == 0


def test_a_day_counts_as_full_if_it_was_so_for_a_moment():
    found = load((1, 2), (1.1, 0), (4, 2))
    assert (found.peak, found.full_days) == (2, 7)


def test_full_from_a_day_on_means_every_day_until_the_end():
    assert load((1, 2), (2.5, 1), (6, 2)).full_from == date(2026, 6, 7)
    assert load((1, 2), (8.5, 1)).full_from is None


def test_nobody_without_a_capacity_is_full():
    assert load((1, 5), capacity=0).full_days == 0


@given(st.lists(st.tuples(st.floats(0, 9.9), st.integers(0, 9)), max_size=30))
def test_the_average_lies_below_the_peak(steps):
    found = load(*sorted(steps))
    assert 0 <= found.mean <= max(found.peak, 0) + 1e-9


# Seats ---------------------------------------------------------------------------------------------


def test_seats_of_a_replay_are_those_of_the_live_path(cast):
    """Both come from `seating.seats_of`; here the replay's own counting is held against the database's."""
    live(cast)
    at = cast.at + timedelta(weeks=3, hours=1)
    Handoff.objects.filter(offered_at__gt=at).delete()
    people = seating.sellers(since=at, until=at)
    counted = Bench(people, last_offers={})
    for row in Handoff.objects.order_by("offered_at"):
        counted.take(row.assignee_id, row.offered_at, at=row.offered_at)
        if row.decided_at:
            counted.leave(row.assignee_id, at=row.decided_at)
    assert counted.seats(at) == seating.seats(at)


def test_a_handoff_that_is_handed_on_counts_for_its_new_owner_alone():
    one, other = Seller(1, 5), Seller(2, 5)
    counted = Bench([one, other], last_offers={})
    counted.take(1, SINCE, at=SINCE)
    counted.hand_on(1, 2, SINCE, at=SINCE + HOUR)
    seats = {seat.user: (seat.running, seat.last_offer_at) for seat in counted.seats(UNTIL)}
    assert seats == {1: (0, None), 2: (1, SINCE)}


def test_a_daily_limit_counts_from_midnight_where_the_person_is():
    seller = Seller(1, 5, daily_limit=3, zone="Asia/Tokyo")
    counted = Bench([seller], last_offers={})
    for hours in (-2, 1, 5):
        counted.take(1, SINCE + hours * HOUR, at=SINCE + hours * HOUR)
    assert counted.seats(SINCE + 6 * HOUR)[0].today == 2


def test_capacity_is_changed_for_one_or_all_and_newcomers_are_average():
    people = [Seller(1, 10, team=3), Seller(2, 4, team=3), Seller(3, 30, team=4)]
    found = bench.changed(people, Changes(capacity={"2": 6}, more_reps=2, more_in=3))
    assert [one.capacity for one in found] == [10, 6, 30, 8, 8]
    assert [(one.user, one.team) for one in found[3:]] == [(-1, 3), (-2, 3)]
    assert [one.capacity for one in bench.changed(people, Changes(everybody=5, capacity={"1": 1}))] == [
        1,
        5,
        5,
    ]


# Terms ---------------------------------------------------------------------------------------------


def test_terms_of_a_contract_are_frozen_by_the_live_path_and_not_stored(cast):
    agreement = Agreement.objects.current()
    before = Terms.objects.count()
    body = Contract(agreement).terms(agreement.calendar, at=cast.at).body
    assert body == terms.frozen_body(agreement, agreement.calendar, at=cast.at)
    assert Terms.objects.count() == before


def test_changes_reach_the_terms_and_leave_the_agreement_alone(cast):
    agreement = Agreement.objects.current()
    changes = Changes({"response_hours": 4.0}, {"threshold": 50.0}, {"no-budget": {"wait_days": 7}})
    contract = Contract(agreement, changes)
    body = contract.terms(agreement.calendar, at=cast.at).body
    assert (body["response_hours"], body["threshold"], body["reasons"]["no-budget"]["wait_days"]) == (
        4,
        50,
        7,
    )
    assert body["reasons"]["no-budget"]["programme"] == "budget"
    assert (agreement.response_hours, agreement.definition.threshold) == (24, 80)


def test_a_draft_takes_the_place_of_the_one_for_its_segment_alone(cast):
    present = contracts.in_force()
    large = Agreement.objects.get(segment__code="enterprise")
    both = contracts.with_changes(present, large, Changes())
    assert both.keys() == {None, large.segment_id}
    assert [one.is_new for one in both.values()] == [False, True]
    same = contracts.with_changes(present, present[None].agreement, Changes({"response_hours": 4.0}))
    assert not same[None].is_new


@pytest.mark.parametrize(
    "changes",
    [Changes({"expire_hours": 1.0}), Changes({"channels": 4}), Changes({}, {"threshold": 0.0})],
)
def test_a_contradiction_is_refused(cast, changes):
    with pytest.raises(Refused):
        Contract(Agreement.objects.current(), changes).check()


def test_changes_survive_being_kept():
    changes = Changes({"attempts": 2}, {"threshold": 50.0}, {"other": {"max_times": None}}, {"3": 4}, 5, 1, 2)
    assert Changes.from_json(changes.to_json()) == changes
    assert replace(changes, terms={}, definition={}, reasons={}).touches_agreement is False


def test_a_moment_is_the_same_in_every_zone():
    assert Seller(1, 1, zone="Asia/Tokyo").midnight(datetime(2026, 5, 31, 16, tzinfo=UTC)) == SINCE
