"""The refusal of a move: a code for programs, words for people."""

from __future__ import annotations

from django.utils import translation

from crm.api import problems
from crm.states import UnableToMove


def test_a_problem_carries_the_code_of_the_state_in_every_language() -> None:
    for language in ("en", "ja"):
        with translation.override(language):
            answer = problems.handle(UnableToMove("handoff", "Rejected", "Accepted", state="rejected"), {})
            assert answer is not None
            assert (answer.status_code, answer.data["state"], answer.data["subject"]) == (
                409,
                "rejected",
                "handoff",
            )


def test_its_detail_is_a_sentence_for_people() -> None:
    said = str(UnableToMove("handoff", "Rejected", "Accepted", state="rejected"))
    assert said.startswith("This handoff is “Rejected” now")
