"""What marketing promised, held against what it passed on."""

from __future__ import annotations

from typing import Any

import pytest

from reports.marketing import marketing
from sla import agreements
from sla.models import Agreement, Handoff
from tests.support.story import Story

pytestmark = pytest.mark.django_db


def test_an_mql_counts_once_and_not_when_it_was_taken_back(story: Story, look: Any) -> None:
    """Second offers after the clock ran out or after mended data are the same MQL."""
    found = marketing(*look(story.cast.marketer))
    withdrawn, again = 1, Handoff.objects.filter(round__gt=1).count()
    assert again == 2
    assert found.mqls == Handoff.objects.count() - withdrawn - again


def test_a_lead_that_was_rejected_and_comes_back_is_an_mql_again(story: Story, look: Any) -> None:
    before = marketing(*look(story.cast.marketer)).mqls
    story.cast.at = story.now
    lead = story.rows["late"].lead
    from leads import lifecycle
    from sla import handoffs

    lifecycle.nurture([lead.pk], by=story.cast.marketer, at=story.now)
    lead.refresh_from_db()
    handoffs.hand_over(lead, by=story.cast.marketer, at=story.now, assignee=story.cast.rep)
    assert marketing(*look(story.cast.marketer)).mqls == before + 1


def test_the_promise_is_prorated_to_today(story: Story, look: Any) -> None:
    """Fifty a month; the agreement began on the first of June at ten."""
    scope, lens = look(story.cast.marketer)
    found = marketing(scope, lens)
    begun = Agreement.objects.current().effective_from
    month = scope.period.end - scope.period.start
    assert found.due == pytest.approx(50 * ((story.now - begun) / month))
    assert found.planned == pytest.approx(50 * ((scope.period.end - begun) / month))


@pytest.mark.parametrize("query", [{"source": "web"}, {"team": "1"}, {"assignee": "me"}])
def test_a_promise_for_all_leads_is_not_held_against_a_part(
    story: Story, look: Any, query: dict[str, str]
) -> None:
    found = marketing(*look(story.cast.marketer, **query))
    assert (found.due, found.planned, found.is_kept, found.months) == (None, None, None, [])


def test_nor_against_what_a_rep_or_a_manager_sees(story: Story, look: Any) -> None:
    assert marketing(*look(story.cast.manager)).due is None
    assert marketing(*look(story.cast.rep)).due is None


def test_a_segment_has_its_own_promise(story: Story, look: Any) -> None:
    draft = Agreement.objects.get(segment__code="enterprise")
    story.cast.agree(draft)
    found = marketing(*look(story.cast.marketer, segment="enterprise"))
    assert found.mqls == 0
    assert found.due == pytest.approx(10 / 50 * marketing(*look(story.cast.marketer, segment="-")).due)


def test_the_acceptance_rate_is_of_those_answered_beside_its_promise(story: Story, look: Any) -> None:
    found = marketing(*look(story.cast.marketer)).acceptance
    assert (found.share.part, found.share.whole, found.promised) == (2, 5, 0.6)
    assert found.is_kept is False
    assert found.is_uncertain, "two of five could be chance"


def test_several_agreements_promise_by_their_weight(story: Story, look: Any) -> None:
    scope, lens = look(story.cast.marketer)
    current = Agreement.objects.current()
    draft = agreements.draft_from(current, by=story.cast.marketer, at=story.now)
    Agreement.objects.filter(pk=draft.pk).update(acceptance_rate=0.9)
    answered = Handoff.objects.filter(status__in=["accepted", "converted"]).values_list("pk", flat=True)
    Handoff.objects.filter(pk__in=list(answered)).update(agreement=draft)
    assert marketing(scope, lens).acceptance.promised == pytest.approx((2 * 0.9 + 3 * 0.6) / 5)


def test_data_with_a_gap_stays_incomplete_when_it_was_mended_since(story: Story, look: Any) -> None:
    """The definition asks for an e-mail; the one lead without it was given back for its data."""
    found = marketing(*look(story.cast.marketer)).completeness
    assert (found.share.whole - found.share.part, found.promised) == (1, 0.9)
    contact = story.rows["gap"].contact
    contact.email, contact.email_key = "new@example.com", "new@example.com"
    contact.save()
    assert marketing(*look(story.cast.marketer)).completeness.share.part == found.share.part


@pytest.mark.parametrize(
    ("field", "column"), [("last_name", "last_name"), ("job_title", "job_title"), ("phone", "phone_key")]
)
def test_each_required_field_is_looked_for(story: Story, look: Any, field: str, column: str) -> None:
    definition = Agreement.objects.current().definition
    definition.required_fields = [field]
    definition.save()
    found = marketing(*look(story.cast.marketer)).completeness.share
    rows = Handoff.objects.exclude(status="withdrawn").filter(round=1)
    complete = rows.exclude(**{f"contact__{column}": ""}).exclude(data_task__isnull=False)
    assert found.part == complete.count()


def test_sources_sum_to_the_whole(story: Story, look: Any) -> None:
    found = marketing(*look(story.cast.marketer))
    assert sum(source.tally.offered for source in found.sources) == Handoff.objects.count()
    assert sum(source.tally["mqls"] for source in found.sources) == found.mqls
    assert {source.name: (source.accepted.part, source.accepted.whole) for source in found.sources} == {
        "webinar": (1, 2), "fair": (0, 2), "web": (1, 1), "": (0, 0),
    }  # fmt: skip
