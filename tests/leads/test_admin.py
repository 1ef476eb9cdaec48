"""Leads in the admin: the state is read-only, deeds move it; scoring models by version."""

import pytest
from django.urls import reverse

from leads.events import recording
from leads.events.recording import Behaviour
from leads.models import BehaviourEvent, Lead, Programme, ScoringModel, Stage, VersionStatus
from leads.scoring import versions

LIST = reverse("admin:leads_lead_changelist")


@pytest.fixture
def marketer(cast, client, clock):
    client.force_login(cast.marketer)
    return client


def test_the_state_of_a_lead_is_read_only(cast, client):
    lead = cast.lead()
    client.force_login(cast.admin)
    address = reverse("admin:leads_lead_change", args=[lead.pk])
    assert client.post(address, {"stage": "customer"}).status_code == 403
    assert Lead.objects.get(pk=lead.pk).stage == Stage.INQUIRY


def test_leads_are_recycled_with_a_reason(cast, marketer):
    lead, programme = cast.lead(), Programme.objects.order_by("pk").first()
    told = {"reason": "Wrong list", "wait_days": 30, "programme": programme.pk, "apply": "1"}
    marketer.post(LIST, {"action": "recycle", "_selected_action": [lead.pk], **told})
    lead.refresh_from_db()
    assert (lead.stage, (lead.waits_until - lead.stage_at).days) == (Stage.RECYCLED, 30)
    assert lead.enrolments.get().programme == programme


def test_a_lead_is_disqualified_only_with_a_reason(cast, marketer):
    lead = cast.lead()
    send = {"action": "disqualify", "_selected_action": [lead.pk], "apply": "1"}
    assert marketer.post(LIST, send | {"reason": ""}).context["form"].errors
    marketer.post(LIST, send | {"reason": "A student"})
    lead.refresh_from_db()
    assert lead.stage == Stage.DISQUALIFIED


def test_a_move_the_lifecycle_forbids_is_told_and_nothing_changes(cast, marketer):
    lead = cast.lead()
    send = {"_selected_action": [lead.pk], "apply": "1", "reason": "x", "wait_days": 0}
    marketer.post(LIST, send | {"action": "disqualify"})
    answer = marketer.post(LIST, send | {"action": "recycle"})
    assert answer.context["form"].non_field_errors()
    assert Lead.objects.get(pk=lead.pk).stage == Stage.DISQUALIFIED


def test_withdrawing_an_event_sums_the_score_anew(cast, marketer):
    lead = cast.lead()
    recording.record([Behaviour("site", "e1", "inquiry", cast.at, lead=lead.pk)], by=None, at=cast.at)
    event = BehaviourEvent.objects.get(external_id="e1")
    told = {"action": "withdraw", "_selected_action": [event.pk], "apply": "1", "reason": "A bot"}
    marketer.post(reverse("admin:leads_behaviourevent_changelist"), told)
    event.refresh_from_db()
    lead.score.refresh_from_db()
    assert event.withdrawn_at is not None
    assert lead.score.engagement == 0


def act(client, action, row):
    address = reverse("admin:leads_scoringmodel_changelist")
    return client.post(address, {"action": action, "_selected_action": [row.pk]}, follow=True)


def test_a_scoring_model_is_drafted_and_activated_where_it_is_compared(cast, marketer):
    old = versions.active()
    act(marketer, "draft", old)
    draft = ScoringModel.objects.get(status=VersionStatus.DRAFT)
    assert draft.behaviour_rules.count() == old.behaviour_rules.count()
    answer = act(marketer, "activate", draft)
    assert answer.request["PATH_INFO"] == reverse("desk:scoring-compare", args=[draft.pk])
    assert versions.active() == old


def test_a_draft_leads_to_its_comparison(cast, marketer):
    draft = versions.draft_from(versions.active(), by=cast.marketer, at=cast.at)
    page = marketer.get(reverse("admin:leads_scoringmodel_change", args=[draft.pk])).content.decode()
    assert reverse("desk:scoring-compare", args=[draft.pk]) in page


def test_an_active_scoring_model_cannot_be_changed(cast, marketer):
    address = reverse("admin:leads_scoringmodel_change", args=[versions.active().pk])
    assert marketer.post(address, {"version": 9, "rate": 0.1, "period_days": 1}).status_code == 403
