"""The marketer's desk: reviewing feedback, and agreements that only a draft lets change."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.models import LedgerEntry
from sla import agreements, handoffs
from sla.feedback_summary import summarise
from sla.models import Agreement, Feedback

LIST = reverse("admin:sla_feedback_changelist")


def rejected(cast, reason="bad-timing", **known):
    handoff = cast.handoff(**known)
    handoffs.contact(handoff, channel="call", outcome="reached", by=cast.rep, at=cast.at)
    return handoffs.reject(handoff, reason=reason, comment="Budget frozen.", by=cast.rep, at=cast.at)


def accepted(cast, **known):
    return handoffs.accept(cast.handoff(**known), by=cast.rep, at=cast.at)


@pytest.fixture
def marketer(cast, client, clock):
    client.force_login(cast.marketer)
    return client


def send(client, rows, **said):
    return client.post(LIST, {"action": "review", "_selected_action": [row.pk for row in rows], **said})


def test_a_review_asks_for_a_conclusion_first(cast, marketer):
    rejected(cast)
    answer = send(marketer, Feedback.objects.all())
    assert answer.status_code == 200
    assert "conclusion" in answer.context["form"].fields
    assert Feedback.objects.unreviewed().count() == 1


def test_a_review_keeps_the_conclusion_and_who_drew_it(cast, marketer):
    rejected(cast)
    answer = send(marketer, Feedback.objects.all(), apply="1", conclusion="Ask for the budget earlier.")
    assert answer.status_code == 302
    row = Feedback.objects.get()
    assert (row.conclusion, row.reviewed_by) == ("Ask for the budget earlier.", cast.marketer)
    assert LedgerEntry.objects.filter(kind="feedback.reviewed", actor=cast.marketer).count() == 1


def test_a_review_without_conclusion_is_refused_and_nothing_changes(cast, marketer):
    rejected(cast)
    answer = send(marketer, Feedback.objects.all(), apply="1", conclusion="  ")
    assert answer.context["form"].errors["conclusion"]
    assert Feedback.objects.unreviewed().count() == 1


def test_feedback_is_there_to_be_read_only(cast, marketer):
    rejected(cast)
    row = Feedback.objects.get()
    address = reverse("admin:sla_feedback_change", args=[row.pk])
    assert marketer.post(address, {"comment": "Never said."}).status_code == 403
    assert Feedback.objects.get().comment == "Budget frozen."


def test_accepted_stands_beside_rejected_for_the_filter_in_use(cast, marketer):
    rejected(cast, source="web", campaign="spring")
    accepted(cast, source="web", campaign="spring")
    accepted(cast, source="fair", campaign="autumn")
    whole = marketer.get(LIST).context["summary"].whole
    assert (whole.accepted, whole.rejected) == (2, 1)
    web = marketer.get(LIST, {"handoff__lead__source": "web"}).context["summary"]
    assert (web.whole.accepted, web.whole.rejected, web.whole.accepted_percent) == (1, 1, 50.0)
    assert [(line.label, line.accepted, line.rejected) for line in web.sources] == [("web", 1, 1)]
    assert [cause.rejected for cause in web.causes] == [1]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("verdict__exact", "rejected"),
        ("handoff__lead__campaign", "spring"),
        ("handoff__assignee__id__exact", "rep"),
    ],
)
def test_the_list_is_filtered(cast, marketer, name, value):
    rejected(cast, source="web", campaign="spring")
    handoffs.accept(cast.handoff(to=cast.colleague, campaign="autumn"), by=cast.colleague, at=cast.at)
    found = marketer.get(LIST, {name: cast.rep.pk if value == "rep" else value}).context["cl"].queryset
    assert [row.verdict for row in found] == ["rejected"]


def test_the_summary_of_nothing_is_empty(db):
    summary = summarise(Feedback.objects.all())
    assert (summary.whole.total, summary.whole.accepted_percent, summary.causes) == (0, 0.0, [])


def test_the_list_asks_as_often_for_many_rows_as_for_few(cast, marketer):
    rejected(cast, source="web")
    accepted(cast, source="web")
    few = queries(marketer)
    for _turn in range(5):
        rejected(cast, source="web")
        accepted(cast, source="fair")
    assert queries(marketer) == few


def queries(client):
    client.get(LIST)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(LIST).status_code == 200
    return len(captured)


# -- agreements -----------------------------------------------------------------------------------


def act(client, action, row):
    return client.post(
        reverse("admin:sla_agreement_changelist"),
        {"action": action, "_selected_action": [row.pk]},
        follow=True,
    )


def test_an_agreement_in_force_cannot_be_changed(cast, marketer):
    current = Agreement.objects.current()
    address = reverse("admin:sla_agreement_change", args=[current.pk])
    assert marketer.post(address, {"title": "Other", "response_hours": 1}).status_code == 403
    assert marketer.get(reverse("admin:sla_agreement_delete", args=[current.pk])).status_code == 403


def test_the_next_version_is_drafted_changed_proposed_and_signed(cast, marketer, client):
    act(marketer, "draft", Agreement.objects.current())
    draft = Agreement.objects.latest("version")
    address = reverse("admin:sla_agreement_change", args=[draft.pk])
    form = marketer.get(address).context["adminform"].form
    told = {name: form.initial.get(name) for name in form.fields} | {
        "response_hours": 12,
        "business_hours": "on",
    }
    told |= {f"{rows}-{part}_FORMS": 0 for rows in ("rules", "steps") for part in ("TOTAL", "INITIAL")}
    answer = marketer.post(address, {name: "" if value is None else value for name, value in told.items()})
    assert answer.status_code == 302, answer.context["errors"]
    act(marketer, "propose", draft)
    act(marketer, "sign", draft)
    agreements.sign(draft, by=cast.manager, at=cast.at)
    current = Agreement.objects.current()
    assert (current.pk, current.response_hours, current.activated_by) == (draft.pk, 12, cast.manager)


def test_the_status_of_an_agreement_is_in_no_form(cast, marketer):
    draft = agreements.draft_from(Agreement.objects.current(), by=cast.marketer, at=cast.at)
    form = marketer.get(reverse("admin:sla_agreement_change", args=[draft.pk])).context["adminform"].form
    assert "status" not in form.fields


def test_a_superseded_agreement_does_not_come_back(cast, marketer):
    old = Agreement.objects.current()
    cast.agree(agreements.draft_from(old, by=cast.marketer, at=cast.at))
    answer = act(marketer, "propose", old)
    assert [message.level_tag for message in answer.context["messages"]] == ["error"]
    assert Agreement.objects.current().pk != old.pk


def test_the_definition_in_force_is_history(cast, marketer):
    definition = Agreement.objects.current().definition
    address = reverse("admin:leads_mqldefinition_change", args=[definition.pk])
    assert marketer.post(address, {"threshold": 1, "minimum_grade": "D"}).status_code == 403
