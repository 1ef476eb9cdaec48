"""Who gets a lead: a choice among candidates, fair over many, with the reason kept."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla.routing import Request, Seat, deal_out

START = datetime(2026, 6, 1, 9, tzinfo=UTC)


def seat(user: int, capacity: int = 10, running: int = 0, **more: object) -> Seat:
    return Seat(user, capacity, running, **more)  # type: ignore[arg-type]


def chosen(requests: list[Request], seats: list[Seat]) -> list[int | None]:
    return [choice.user for choice in deal_out(requests, seats)]


def test_the_accounts_owner_comes_first_however_busy():
    [choice] = deal_out([Request(1, account_owner=2)], [seat(1), seat(2, capacity=1, running=5)])
    assert (choice.user, choice.why) == (2, {"rule": "account_owner"})


@pytest.mark.parametrize("away_or_had", [{"away": True}, {}])
def test_an_owner_who_is_away_or_had_it_is_passed_over(away_or_had):
    had = frozenset() if away_or_had else frozenset({2})
    assert chosen([Request(1, 2, had)], [seat(1), seat(2, **away_or_had)]) == [1]


@pytest.mark.parametrize(
    ("closed", "cause"),
    [
        (seat(2, away=True), "away"),
        (seat(2, capacity=3, running=3), "full"),
        (seat(2, daily_limit=4, today=4), "daily_limit"),
    ],
)
def test_who_may_get_none_is_left_out_and_the_cause_is_kept(closed, cause):
    [choice] = deal_out([Request(1)], [seat(1, running=9), closed])
    assert choice.user == 1
    assert choice.why["left_out"] == {cause: [2]}


def test_when_nobody_is_left_it_waits_in_the_queue_and_says_why():
    [choice] = deal_out([Request(1, had_before=frozenset({1}))], [seat(1), seat(2, away=True)])
    assert choice.user is None
    assert choice.why == {"rule": "queue", "candidates": 2, "left_out": {"away": [2], "had_before": [1]}}


def test_a_territory_is_dealt_out_among_its_team_only():
    seats = [seat(1, team=10), seat(2, team=20), seat(3, team=20)]
    assert set(chosen([Request(n, team=20) for n in range(6)], seats)) == {2, 3}


def test_what_is_for_the_open_queue_waits_there():
    [choice] = deal_out([Request(1, to_queue=True)], [seat(1)])
    assert (choice.user, choice.why) == (None, {"rule": "open_queue"})


def test_who_is_at_work_now_goes_before_who_is_not():
    [choice] = deal_out([Request(1)], [seat(1, at_work=False), seat(2, running=5)])
    assert (choice.user, choice.why["tie"]) == (2, "at_work")


def test_of_two_alike_the_one_who_waited_longer_gets_it():
    seats = [seat(1, last_offer_at=START), seat(2, last_offer_at=START - timedelta(hours=1))]
    [choice] = deal_out([Request(1)], seats)
    assert (choice.user, choice.why["tie"], choice.why["next"]) == (2, "waited_longest", [1])


def test_dealt_out_in_bulk_everybody_gets_by_their_capacity():
    seats = [seat(1, capacity=10), seat(2, capacity=20), seat(3, capacity=30)]
    counts = Counter(chosen([Request(n) for n in range(60)], seats))
    assert counts == {1: 10, 2: 20, 3: 30}


def test_one_batch_of_many_is_dealt_like_many_batches_of_one():
    in_one = chosen([Request(n) for n in range(40)], [seat(1), seat(2, 7), seat(3, 23)])
    seats = [seat(1), seat(2, 7), seat(3, 23)]
    assert in_one == [chosen([Request(n)], seats)[0] for n in range(40)]


seats_drawn = st.lists(
    st.builds(
        dict,
        capacity=st.integers(0, 6),
        running=st.integers(0, 6),
        away=st.booleans(),
        team=st.sampled_from([None, 1, 2]),
        daily_limit=st.sampled_from([None, 0, 2]),
        at_work=st.booleans(),
    ),
    max_size=7,
)
requests_drawn = st.lists(
    st.builds(
        dict, had_before=st.frozensets(st.integers(1, 7), max_size=3), team=st.sampled_from([None, 1, 2])
    ),
    max_size=15,
)


def slowly(request: Request, seats: list[Seat]) -> int | None:
    """The rule said plainly: look at everybody for every lead."""
    able = [each for each in seats if request.team in (None, each.team) and not each.closed_by]
    free = [each for each in able if each.user not in request.had_before]
    best = min(free, key=lambda each: each.order, default=None)
    if best is None:
        return None
    best.running, best.today, best.dealt = best.running + 1, best.today + 1, best.dealt + 1
    return best.user


@given(seats_drawn, requests_drawn)
def test_the_quick_way_chooses_as_the_plain_rule_does(people, leads):
    def table() -> list[Seat]:
        return [seat(number, **person) for number, person in enumerate(people, 1)]

    requests = [Request(number, **lead) for number, lead in enumerate(leads)]
    plain = table()
    assert chosen(requests, table()) == [slowly(request, plain) for request in requests]
