"""A lead sent back for its data goes to marketing as a task, and is offered again once it is mended."""

import pytest
from django.core.exceptions import PermissionDenied

from crm.models import User
from crm.states import Refused
from leads import lifecycle
from leads.models import Lead
from sla import data_tasks, handoffs
from sla.models import DataTask, Handoff


@pytest.fixture
def task(cast):
    row = cast.handoff()
    handoffs.reject(row, reason="insufficient-data", comment="No phone number", by=cast.rep, at=cast.at)
    return DataTask.objects.get(handoff=row)


def finish(cast, task, **more):
    return data_tasks.finish(task, result="Asked for the number", by=cast.marketer, at=cast.at, **more)


def test_sales_says_what_is_missing_and_the_lead_waits_for_marketing(cast, task):
    assert (task.kind, task.asked) == ("fix_data", "No phone number")
    lead = Lead.objects.get(pk=task.handoff.lead_id)
    assert (lead.stage, lead.waits_until) == ("recycled", None)
    lifecycle.release_due(at=cast.at.replace(year=2030))
    lead.refresh_from_db()
    assert lead.stage == "recycled"


def test_once_mended_it_goes_to_the_same_person_again(cast, task):
    again = finish(cast, task)
    assert (again.assignee, again.status, again.round) == (cast.rep, "open", 2)
    task.refresh_from_db()
    assert (task.done_by, task.result) == (cast.marketer, "Asked for the number")


def test_somebody_who_left_does_not_get_it(cast, task):
    User.objects.filter(pk=cast.rep.pk).update(is_active=False)
    assert finish(cast, task).assignee != cast.rep


def test_finishing_twice_offers_once(cast, task):
    assert finish(cast, task) is not None
    assert finish(cast, task) is None
    assert Handoff.objects.filter(lead=task.handoff.lead_id).count() == 2


def test_it_may_go_back_to_nurture_instead(cast, task):
    assert finish(cast, task, offer_again=False) is None
    assert Lead.objects.get(pk=task.handoff.lead_id).stage == "nurturing"


def test_a_lead_that_has_gone_elsewhere_meanwhile_stays_there(cast, task):
    lifecycle.disqualify([task.handoff.lead_id], by=cast.marketer, at=cast.at, reason="asked us to stop")
    assert finish(cast, task) is None
    assert Lead.objects.get(pk=task.handoff.lead_id).stage == "disqualified"


def test_only_marketing_mends_and_says_what(cast, task):
    with pytest.raises(PermissionDenied):
        data_tasks.finish(task, result="done", by=cast.rep, at=cast.at)
    with pytest.raises(Refused):
        data_tasks.finish(task, result=" ", by=cast.marketer, at=cast.at)
    assert DataTask.objects.open().count() == 1


def test_after_the_agreed_number_of_times_it_does_not_come_again(cast, task):
    again = finish(cast, task)
    handoffs.reject(again, reason="insufficient-data", comment="Still none", by=cast.rep, at=cast.at)
    assert Lead.objects.get(pk=again.lead_id).stage == "disqualified"
