"""What sales said, and what was found out in contact."""

from __future__ import annotations

from typing import Any

import pytest

from reports import answers
from sla.feedback_summary import summarise
from sla.models import Feedback
from tests.support.story import Story

pytestmark = pytest.mark.django_db


def test_reasons_with_their_sources_and_what_is_not_read_yet(story: Story, look: Any) -> None:
    said = answers.answers(*look(story.cast.marketer))
    assert (said.accepted, said.rejected, said.unreviewed) == (2, 3, 2)
    assert {one.code: (one.rejected, one.unreviewed, one.sources) for one in said.reasons} == {
        "no-budget": (1, 0, {"webinar": 1}),
        "competitor": (1, 1, {"fair": 1}),
        "insufficient-data": (1, 1, {"fair": 1}),
    }


def test_marketing_reads_the_same_numbers_here_and_in_the_admin(story: Story, look: Any) -> None:
    scope, lens = look(story.cast.marketer)
    said = answers.answers(scope, lens)
    whole = summarise(Feedback.objects.filter(handoff__in=scope.handoffs())).whole
    assert (said.accepted, said.rejected) == (whole.accepted, whole.rejected)


def test_conclusions_are_gathered(story: Story, look: Any) -> None:
    said = answers.answers(*look(story.cast.marketer))
    assert [(one.text, one.count) for one in said.conclusions] == [("Ask earlier", 1)]


def test_a_colleague_reads_only_their_own(story: Story, look: Any) -> None:
    assert answers.answers(*look(story.cast.colleague)).reasons == []


def test_fill_rates_are_of_those_contacted(story: Story, look: Any) -> None:
    found = {one.field: one for one in answers.found_out(*look(story.cast.marketer))}
    assert set(found) == {"budget", "authority", "need", "timing"}
    assert (found["budget"].share.part, found["budget"].share.whole) == (1, 5)
    assert [(value, count) for value, _label, count in found["budget"].values] == [
        ("approved", 1), ("planned", 0), ("none", 0),
    ]  # fmt: skip


def test_nothing_said_is_no_error(cast: Any, look: Any) -> None:
    said = answers.answers(*look(cast.marketer, source="nowhere"))
    assert (said.accepted, said.rejected, said.reasons, said.sources) == (0, 0, [], [])
