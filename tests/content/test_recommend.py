"""What is recommended, and that every recommendation can be taken apart."""

from datetime import date
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content import recommend
from content.recommend import PHASES, Piece, Situation

TODAY = date(2026, 6, 1)


def slugs(pieces, **situation):
    return [one.slug for one in recommend.recommend(pieces, Situation(**situation), on=TODAY)]


def reasons(piece, others=(), **situation):
    found = recommend.recommend([piece, *others], Situation(**situation), on=TODAY)
    [one] = [one for one in found if one.slug == piece.slug]
    return {reason.kind: reason.about for reason in one.reasons}


def test_what_somebody_has_read_is_not_sent_again():
    pieces = [Piece("guide", ["interest"]), Piece("report", ["interest"])]
    assert slugs(pieces, phases={"interest": 1}, read=["guide"]) == ["report"]


def test_the_phase_they_are_in_goes_before_the_next_one_and_that_before_the_rest():
    pieces = [Piece(phase, [phase]) for phase in PHASES]
    assert slugs(pieces, phases={"interest": 1}) == ["interest", "comparison"]


def test_somebody_unknown_is_at_the_beginning():
    pieces = [Piece(phase, [phase]) for phase in PHASES]
    assert slugs(pieces)[0] == "interest"
    assert "purchase" not in slugs(pieces)


def test_the_next_step_after_what_they_read_lately_is_named_with_it():
    read, follows = Piece("paper", ["interest"], next_step="webinar"), Piece("webinar", ["comparison"])
    assert reasons(follows, [read], phases={"interest": 1}, read=["paper"])["next_step"] == "paper"
    long_ago = ["a", "b", "c", "paper"]
    assert "next_step" not in reasons(follows, [read], phases={"interest": 1}, read=long_ago)


def test_role_and_industry_speak_for_a_piece():
    plain, fitting = Piece("a-plain", ["interest"]), Piece("b-fits", ["interest"], ["it"], ["Retail"])
    found = {"phases": {"interest": 1}, "role": "it", "industry": "retail"}
    assert slugs([plain, fitting], **found) == ["b-fits", "a-plain"]
    assert reasons(fitting, **found) == {"phase": "interest", "role": "it", "industry": "retail"}


def test_a_stale_piece_falls_behind_and_says_so():
    old = Piece("a-old", ["interest"], looked_at_on=date(2024, 1, 1))
    fresh = Piece("b-fresh", ["interest"], looked_at_on=date(2026, 1, 1))
    assert slugs([old, fresh], phases={"interest": 1}) == ["b-fresh", "a-old"]
    assert reasons(old, phases={"interest": 1})["stale"] == "2024-01-01"


def test_nothing_is_recommended_for_its_age_alone():
    assert slugs([Piece("old", ["retention"], looked_at_on=date(2020, 1, 1))]) == []


shares = st.dictionaries(st.sampled_from(PHASES), st.floats(0, 1), max_size=6)
pieces = st.lists(
    st.builds(
        Piece,
        slug=st.sampled_from("abcdef"),
        phases=st.lists(st.sampled_from(PHASES), max_size=3),
        roles=st.lists(st.sampled_from(["it", "legal"]), max_size=2),
        next_step=st.sampled_from(["", "a", "b"]),
    ),
    max_size=8,
)


@given(pieces, shares, st.lists(st.sampled_from("abcdef"), max_size=4), st.sampled_from(["", "it"]))
def test_the_reasons_sum_to_the_points_and_the_best_comes_first(library, phases, read, role):
    found = recommend.recommend(library, Situation(phases, role, "", read), on=TODAY)
    assert [one.points for one in found] == sorted((one.points for one in found), reverse=True)
    for one in found:
        assert one.points == pytest.approx(sum(reason.points for reason in one.reasons))
        assert one.slug not in read


@given(shares)
def test_attention_moves_on_and_none_is_lost(phases):
    moved = recommend.ahead_of(phases)
    assert isclose(sum(moved.values()), sum(phases.values()), abs_tol=1e-9)
