"""Why somebody got a lead, in sentences."""

import pytest
from django.utils import translation

from sla import explaining, handoffs
from sla.explaining import LEFT_OUT, RULES, TIES, People, why
from sla.routing import Request, Seat, deal_out

PEOPLE = People({1: "Sato", 2: "Tanaka", 3: "Suzuki"}, {7: "Tokyo"})


def choice(*seats, **asked):
    return deal_out([Request(1, **asked)], seats)[0].why


def test_the_owner_of_the_account_needs_no_further_words():
    found = why(choice(Seat(1, 5, 0), account_owner=1), PEOPLE)
    assert (found.rule, found.details) == ("Owns the account.", [])


def test_a_choice_says_what_decided_and_who_was_left_out():
    seats = [Seat(1, 10, 2, team=7), Seat(2, 10, 5, team=7), Seat(3, 10, 0, away=True, team=7)]
    found = why(choice(*seats, team=7), PEOPLE)
    assert found.rule == "Has room for it and comes first in turn."
    assert found.details == [
        "It lies in the territory of Tokyo.",
        "Has a smaller share of their capacity in use than the next in line.",
        "20% of their capacity was in use, among 3 candidates.",
        "Next in line: Tanaka.",
        "Away: Suzuki.",
    ]


def test_when_nobody_could_take_it_everybody_is_named_with_the_cause():
    found = why(choice(Seat(1, 1, 1), Seat(2, 5, 0, today=3, daily_limit=3)), PEOPLE)
    assert found.rule == "Nobody could take it, so it waits in the open queue."
    assert found.details == ["At the daily limit: Tanaka.", "Full: Sato."] or found.details == [
        "Full: Sato.",
        "At the daily limit: Tanaka.",
    ]


def test_somebody_the_reader_may_not_see_is_not_named():
    found = why(choice(Seat(1, 10, 0), Seat(9, 10, 5)), PEOPLE)
    assert "Next in line: somebody in another team." in found.details


def test_nothing_kept_is_nothing_said():
    assert why({}, PEOPLE) is None


@pytest.mark.parametrize("words", [RULES, TIES, LEFT_OUT])
def test_every_cause_has_its_japanese(words):
    with translation.override("ja"):
        assert all(not str(said).isascii() for said in words.values())


def test_every_rule_and_tie_routing_knows_is_explained():
    seats = [Seat(1, 10, 0), Seat(2, 10, 0, at_work=False)]
    kept = [choice(*seats), choice(Seat(1, 1, 0)), choice(Seat(1, 1, 1)), choice(*seats, to_queue=True)]
    assert {one["rule"] for one in kept} | {"account_owner", "named", "history"} == set(RULES)
    assert {one["tie"] for one in kept if "tie" in one} <= set(TIES)


# -- of a handoff -----------------------------------------------------------------------------------------


def test_a_handoff_tells_how_it_came_to_its_first_owner(cast):
    row = cast.handoff(to=cast.rep)
    assert explaining.of(row, cast.rep).rule == "Chosen by whoever handed it over."


def test_one_that_was_given_on_tells_by_whom_and_how_it_began(cast):
    row = cast.handoff(to=cast.rep)
    moved = handoffs.reassign(row, to=cast.colleague, by=cast.manager, at=cast.at, note="on holiday")
    found = explaining.of(moved, cast.colleague)
    assert found.rule == "Given by Manager: on holiday"
    assert found.details[0] == "At first: Chosen by whoever handed it over."


def test_the_handoff_page_says_it(cast, client, clock):
    client.force_login(cast.rep)
    page = client.get(f"/handoffs/{cast.handoff().pk}/").content.decode()
    assert "Why this person: Chosen by whoever handed it over." in page
