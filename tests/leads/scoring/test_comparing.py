"""A draft beside the version in force, and what activating it then does."""

from datetime import timedelta

import pytest
from django.urls import reverse

from crm.models import LedgerEntry, Notification
from leads.events import recording
from leads.events.recording import Behaviour
from leads.models import BehaviourRule, FitRule, Lead, ScoringModel, Stage
from leads.scoring import comparing, versions

DAY = timedelta(days=1)


@pytest.fixture
def warm(cast):
    """A lead with five inquiries, 50 points, and one with 10."""
    leads = cast.lead(), cast.lead()
    for lead, times in zip(leads, (5, 1), strict=True):
        events = [Behaviour("ma", f"{lead.pk}-{n}", "inquiry", cast.at, lead=lead.pk) for n in range(times)]
        recording.record(events, by=None, at=cast.at)
    return leads


@pytest.fixture
def draft(cast):
    made = versions.draft_from(versions.active(), by=cast.marketer, at=cast.at)
    BehaviourRule.objects.filter(model=made, kind="inquiry").update(points=20)
    return made


def names(moved):
    return [one.lead.pk for one in moved]


def test_it_says_who_rises_who_would_be_an_mql_and_who_moves_most(cast, warm, draft):
    found = comparing.compare(draft, seen_by=cast.marketer, at=cast.at)
    assert names(found.rising) == names(found.new_mqls) == [warm[0].pk]
    assert [(one.lead.pk, round(one.before), round(one.after)) for one in found.movers] == [
        (warm[0].pk, 50, 100),
        (warm[1].pk, 10, 20),
    ]
    assert not found.falling


def test_comparing_changes_nothing_and_activating_does_what_it_said(cast, warm, draft):
    found = comparing.compare(draft, seen_by=cast.marketer, at=cast.at)
    assert Lead.objects.get(pk=warm[0].pk).stage == Stage.INQUIRY
    made = versions.activate(draft, by=cast.marketer, at=cast.at, note="Inquiries weigh more")
    assert made == names(found.new_mqls)
    after = comparing.compare(draft, seen_by=cast.marketer, at=cast.at)
    assert not after.movers


def test_limits_hold_in_the_comparison(cast, warm, draft):
    BehaviourRule.objects.filter(model=draft, kind="inquiry").update(points=10, most_per_day=2)
    [most, *_rest] = comparing.compare(draft, seen_by=cast.marketer, at=cast.at).movers
    assert (most.lead.pk, round(most.before), round(most.after)) == (warm[0].pk, 50, 20)


def test_activation_keeps_author_and_note(cast, warm, draft):
    versions.activate(draft, by=cast.marketer, at=cast.at, note="Inquiries weigh more")
    row = ScoringModel.objects.get(pk=draft.pk)
    entry = LedgerEntry.objects.get(kind="scoring.activated", subject_id=draft.pk)
    assert (row.author, row.note) == (cast.marketer, "Inquiries weigh more")
    assert (entry.actor, entry.reason) == (cast.marketer, "Inquiries weigh more")


def test_a_lead_that_crosses_by_activation_is_handed_over_and_its_rep_told(cast, warm, draft):
    versions.activate(draft, by=cast.marketer, at=cast.at, note="x")
    assert Lead.objects.get(pk=warm[0].pk).stage == Stage.MQL
    assert Notification.objects.filter(kind="handoff.offered").count() == 1


# -- the pages ------------------------------------------------------------------------------------


def test_a_marketer_drafts_compares_and_activates(client, cast, warm):
    client.force_login(cast.marketer)
    answer = client.post(reverse("desk:scoring-draft"), follow=True)
    made = ScoringModel.objects.get(status="draft")
    BehaviourRule.objects.filter(model=made, kind="inquiry").update(points=20)
    page = client.get(reverse("desk:scoring-compare", args=[made.pk])).content.decode()
    assert answer.status_code == 200
    assert reverse("desk:lead-score", args=[warm[0].pk]) in page
    client.post(reverse("desk:scoring-activate", args=[made.pk]), {"note": "Inquiries weigh more"})
    assert versions.active() == made
    assert "Inquiries weigh more" in client.get(reverse("desk:scoring")).content.decode()


def test_a_rule_that_cannot_be_applied_is_told_and_breaks_no_page(client, cast, draft):
    FitRule.objects.filter(model=draft, operator="between").update(values=["many"])
    client.force_login(cast.marketer)
    answer = client.get(reverse("desk:scoring-compare", args=[draft.pk]))
    assert (answer.status_code, "compares with numbers" in answer.content.decode()) == (409, True)


def test_a_draft_is_one_step_from_its_back_test(client, cast, draft):
    client.force_login(cast.marketer)
    address = client.get(reverse("desk:scoring-compare", args=[draft.pk])).context["tested_url"]
    page = client.get(address).content.decode()
    assert "v1 (Active)" in page
    assert f"{draft} (Draft)" in page


def test_activating_without_a_note_is_asked_again(client, cast, draft):
    client.force_login(cast.marketer)
    answer = client.post(reverse("desk:scoring-activate", args=[draft.pk]), {"note": " "})
    assert (answer.status_code, versions.active().version) == (422, 1)


@pytest.mark.parametrize("who", ["rep", "manager"])
def test_sales_does_not_change_the_scoring(client, cast, draft, who):
    client.force_login(getattr(cast, who))
    assert client.get(reverse("desk:scoring")).status_code == 403
    assert client.post(reverse("desk:scoring-activate", args=[draft.pk]), {"note": "x"}).status_code == 403


def test_the_score_page_tells_a_past_day(client, cast, warm):
    client.force_login(cast.marketer)
    address = reverse("desk:lead-score", args=[warm[0].pk])
    page = client.get(address, {"at": (cast.at - 3 * DAY).date().isoformat(), "version": "1"})
    assert page.status_code == 200
    assert page.context["why"].total == 0
    assert client.get(address, {"at": "2199-01-01"}).status_code == 422
