"""Follow-ups: planned from a lead or a contact, asleep until their day, ticked off and taken back."""

import pytest

from crm.models import FollowUp


@pytest.fixture
def web(client, cast, clock):
    client.force_login(cast.rep)
    return client


def groups(web):
    found = web.get("/inbox/").context["groups"]
    return {str(group.label): [step.follow_up.note for step in group.steps] for group in found}


def plan(web, lead, what="Send the price list", on="2026-06-04"):
    return web.post(f"/leads/{lead.pk}/task/", {"what": what, "on": on})


def test_a_planned_follow_up_sleeps_until_its_day(web, cast, clock):
    plan(web, cast.handoff().lead)
    assert groups(web)["Snoozed follow-ups"] == ["Send the price list"]
    clock.move(days=3)
    assert groups(web)["Follow-ups for today"] == ["Send the price list"]


def test_the_lead_and_the_handoff_show_what_is_planned(web, cast):
    row = cast.handoff()
    plan(web, row.lead)
    for page in (f"/leads/{row.lead_id}/", f"/handoffs/{row.pk}/"):
        assert "Send the price list" in web.get(page).content.decode()
    assert "Follow-up planned" in web.get(f"/leads/{row.lead_id}/").content.decode()


def test_done_can_be_taken_back(web, cast):
    plan(web, cast.handoff().lead)
    step = FollowUp.objects.get()
    page = web.post(f"/follow-ups/{step.pk}/done/", follow=True).content.decode()
    assert f'action="/follow-ups/{step.pk}/undo/"' in page
    assert groups(web).get("Snoozed follow-ups") is None
    web.post(f"/follow-ups/{step.pk}/undo/")
    assert groups(web)["Snoozed follow-ups"] == ["Send the price list"]


def test_a_day_in_the_past_is_refused_beside_the_form(web, cast):
    answer = plan(web, cast.handoff().lead, on="2026-05-01")
    assert answer.status_code == 422
    assert "lies ahead" in answer.content.decode()
    assert not FollowUp.objects.exists()


def test_nobody_ticks_off_what_somebody_else_promised(web, cast, client):
    plan(web, cast.handoff().lead)
    step = FollowUp.objects.get()
    client.force_login(cast.colleague)
    assert client.post(f"/follow-ups/{step.pk}/done/").status_code == 404
    step.refresh_from_db()
    assert step.done_at is None


def test_queries_do_not_grow_with_the_follow_ups(web, cast, django_assert_max_num_queries):
    web.get("/inbox/")
    for _number in range(5):
        plan(web, cast.handoff().lead)
    with django_assert_max_num_queries(15):
        assert len(groups(web)["Snoozed follow-ups"]) == 5
