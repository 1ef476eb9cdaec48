"""Marketing's catalogues and data tasks in the admin: what is signed stands still, what is asked gets done."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.models import Team
from leads.models import MqlDefinition, Segment
from sla import agreements, handoffs
from sla.handoffs import bant
from sla.models import Agreement, DataTask, EscalationStep, Territory
from tests.support.agreeing import HOUR, drafted

TASKS = reverse("admin:sla_datatask_changelist")
FEEDBACK = reverse("admin:sla_feedback_changelist")


@pytest.fixture
def marketer(cast, client, clock):
    client.force_login(cast.marketer)
    return client


def text_of(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def change(name, row):
    return reverse(f"admin:{name}_change", args=[row.pk])


# -- segments, territories, definitions, steps ---------------------------------------------------------------


def test_a_segment_is_made_with_its_conditions(marketer):
    told = {"name": "Factories", "code": "factories", "position": 1, "industries": "Manufacturing, 製造業"}
    answer = marketer.post(reverse("admin:leads_segment_add"), told)
    assert answer.status_code == 302, answer.context["errors"]
    assert Segment.objects.get(code="factories").industries == ["Manufacturing", "製造業"]


def test_a_segment_with_sizes_upside_down_is_refused_in_words(marketer):
    told = {"name": "Odd", "code": "odd", "position": 1, "min_employees": 500, "max_employees": 5}
    answer = marketer.post(reverse("admin:leads_segment_add"), told)
    assert "The largest size comes before the smallest. Swap them." in text_of(answer)


def test_a_segment_stands_still_once_an_agreement_for_it_is_proposed(cast, marketer):
    segment = Segment.objects.get(code="enterprise")
    assert (
        marketer.post(
            change("leads_segment", segment), {"name": "Big", "code": "big", "position": 0}
        ).status_code
        == 302
    )
    row = drafted(cast, segment=Segment.objects.get(code="big"))
    agreements.propose(row, by=cast.marketer, at=cast.at + HOUR)
    assert (
        marketer.post(change("leads_segment", segment), {"name": "Huge", "code": "huge"}).status_code == 403
    )
    assert marketer.get(reverse("admin:leads_segment_delete", args=[segment.pk])).status_code == 403


def test_a_territory_gives_a_segment_to_a_team(marketer):
    told = {"segment": Segment.objects.get().pk, "team": Team.objects.get(name="Osaka").pk, "position": 1}
    marketer.post(reverse("admin:sla_territory_add"), told)
    assert str(Territory.objects.get()) == "Large companies → Osaka"


def test_the_forms_of_catalogues_say_what_they_do(marketer):
    for name in ("leads_segment", "sla_territory", "leads_mqldefinition"):
        assert b'class="description"' in marketer.get(reverse(f"admin:{name}_add")).content


def test_a_definition_asks_for_consent(marketer):
    told = {"threshold": 70, "minimum_grade": "C", "required_fields": ["email"], "consent_required": "on"}
    marketer.post(reverse("admin:leads_mqldefinition_add"), told)
    assert MqlDefinition.objects.get(threshold=70).consent_required


def test_a_marketer_may_add_an_escalation_step_to_a_draft_alone(cast, marketer):
    draft = drafted(cast)
    forms = marketer.get(change("sla_agreement", draft)).context["inline_admin_formsets"]
    assert any(each.has_add_permission for each in forms if each.opts.model is EscalationStep)
    answer = marketer.get(change("sla_agreement", Agreement.objects.current()))
    assert not any(each.has_add_permission for each in answer.context["inline_admin_formsets"])


def test_an_agreement_leads_to_its_contract(marketer):
    current = Agreement.objects.current()
    answer = marketer.get(reverse("admin:sla_agreement_changelist"))
    assert reverse("sla:agreement", args=[current.pk]) in answer.content.decode()


# -- data tasks -----------------------------------------------------------------------------------------------


@pytest.fixture
def task(cast):
    row = cast.handoff(last_name="Onodera", job_title="")
    handoffs.reject(row, reason="insufficient-data", comment="Which department?", by=cast.rep, at=cast.at)
    definition = row.agreement.definition
    definition.required_fields = ["email", "job_title", "phone"]
    definition.save()
    return DataTask.objects.get(handoff=row)


def act(client, action, rows, **said):
    return client.post(TASKS, {"action": action, "_selected_action": [row.pk for row in rows], **said})


def test_a_task_says_what_sales_said_what_is_missing_and_where_to_mend_it(marketer, task):
    answer = marketer.get(TASKS, {"state": "open"})
    assert "Which department?" in text_of(answer)
    assert "Phone, Job title" in text_of(answer)
    page = answer.content.decode()
    lead = task.handoff.lead
    for address in (
        reverse("desk:lead-detail", args=[lead.pk]),
        reverse("admin:crm_contact_change", args=[lead.contact_id]),
        reverse("desk:account-detail", args=[lead.account_id]),
    ):
        assert address in page


def test_tasks_are_told_apart_by_open_and_done(cast, marketer, task):
    assert marketer.get(TASKS, {"state": "done"}).context["cl"].result_count == 0
    act(marketer, "offer_again", [task], apply="1", result="Asked")
    assert marketer.get(TASKS, {"state": "done"}).context["cl"].result_count == 1
    assert marketer.get(TASKS, {"state": "open"}).context["cl"].result_count == 0


def test_offering_again_asks_first_what_was_mended(marketer, task):
    assert "result" in act(marketer, "offer_again", [task]).context["form"].fields
    assert DataTask.objects.open().count() == 1


def test_a_task_done_is_offered_to_the_same_person_again(cast, marketer, task):
    act(marketer, "offer_again", [task], apply="1", result="Asked for the department")
    task.refresh_from_db()
    assert (task.done_by, task.result) == (cast.marketer, "Asked for the department")
    assert task.handoff.lead.handoffs.running().get().assignee == cast.rep


def test_a_task_done_may_go_back_to_nurture(marketer, task):
    act(marketer, "back_to_nurture", [task], apply="1", result="No reply")
    task.handoff.lead.refresh_from_db()
    assert task.handoff.lead.stage == "nurturing"
    assert not task.handoff.lead.handoffs.running().exists()


def test_the_list_of_tasks_asks_as_often_for_many_as_for_few(cast, marketer, task):
    few = queries(marketer)
    for _turn in range(6):
        row = cast.handoff()
        handoffs.reject(row, reason="insufficient-data", comment="?", by=cast.rep, at=cast.at)
    assert queries(marketer) == few


def queries(client):
    client.get(TASKS)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(TASKS).status_code == 200
    return len(captured)


# -- the quality of what was passed ----------------------------------------------------------------------------


@pytest.fixture
def qualified(cast):
    row = cast.handoff()
    bant.confirm(row, {"budget": "approved", "timing": "half"}, by=cast.rep, at=cast.at)
    handoffs.accept(row, by=cast.rep, at=cast.at)
    handoffs.accept(cast.handoff(), by=cast.rep, at=cast.at)
    return row


def test_feedback_shows_what_sales_confirmed(marketer, qualified):
    words = text_of(marketer.get(FEEDBACK))
    assert "Approved" in words
    assert "Within 6 months" in words


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"budget": "approved"}, 1),
        ({"budget": "none"}, 0),
        ({"budget": "-"}, 1),
        ({"need": "-"}, 2),
        ({"timing": "half"}, 1),
    ],
)
def test_feedback_is_filtered_by_what_sales_confirmed(marketer, qualified, asked, count):
    assert marketer.get(FEEDBACK, asked).context["cl"].result_count == count
