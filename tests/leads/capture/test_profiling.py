"""What a form asks next."""

from hypothesis import given
from hypothesis import strategies as st

from leads.capture.profiling import Question, next_questions, usefulness

NAMES = ("last_name", "company", "job_title", "phone", "industry")
questions = st.lists(
    st.builds(
        Question,
        name=st.sampled_from(NAMES),
        position=st.integers(0, 9),
        is_required=st.booleans(),
        is_always=st.booleans(),
    ),
    unique_by=lambda one: one.name,
)


def names(found):
    return [one.name for one in found]


def test_what_an_mql_needs_goes_before_what_only_fits():
    worth = usefulness(["account"], [("industry", 40), ("industry", -10), ("job_title", 10)])
    assert sorted(worth, key=worth.get, reverse=True) == ["company", "industry", "job_title"]
    assert worth["industry"] == 50


def test_the_most_useful_are_asked_in_the_order_of_the_page():
    rows = [Question("phone", 0), Question("company", 1), Question("job_title", 2)]
    found = next_questions(rows, known=set(), worth={"job_title": 5, "company": 9}, most=2)
    assert names(found) == ["company", "job_title"]


def test_always_goes_before_required_and_that_before_useful():
    rows = [
        Question("phone", 0, is_required=True),
        Question("company", 1),
        Question("message", 2, is_always=True),
    ]
    ask = {
        most: names(next_questions(rows, known=set(), worth={"company": 99}, most=most)) for most in (1, 2)
    }
    assert ask == {1: ["message"], 2: ["phone", "message"]}


def test_questions_of_one_position_are_asked_in_the_order_they_were_given():
    rows = [Question(name) for name in ("phone", "company", "job_title")]
    assert names(next_questions(rows, known=set(), worth={}, most=9)) == ["phone", "company", "job_title"]


@given(questions, st.sets(st.sampled_from(NAMES)), st.integers(0, 6))
def test_nothing_known_is_asked_and_never_more_than_fits(rows, known, most):
    found = next_questions(rows, known=known, worth={}, most=most)
    assert len(found) <= most
    assert all(one.is_always or one.name not in known for one in found)
    open_ones = [one for one in rows if one.is_always or one.name not in known]
    assert len(found) == min(most, len(open_ones))
