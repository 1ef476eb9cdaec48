"""The one door: what it costs, whoever comes."""

from __future__ import annotations

import pytest
from django.db import connection

from crm import directory
from crm.models import Contact, LedgerEntry, OutboxMessage
from crm.statements import FEW
from leads.capture import door
from leads.capture.intake import Inquiry
from leads.models import Lead, LeadScore
from leads.scoring import versions
from tests.support.rest import Rest

pytestmark = pytest.mark.django_db
LEADS = "/api/v1/leads/"


def statements(deed):
    asked = []

    def note(execute, sql, params, many, context):
        asked.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        deed()
    return [sql for sql in asked if "SAVEPOINT" not in sql]


def people(number, *, name="x", **known):
    return [
        Inquiry(email=f"{name}{n}@{name}{n // 4}.example", company=f"{name}{n // 4}", source="fair", **known)
        for n in range(number)
    ]


def test_a_capture_over_rest_is_eight_statements(cast, clock):
    api = Rest(cast.marketer, cast.at, "leads:write")
    api.post(LEADS, {"email": "first@kita.example"})  # notes the token's use
    asked = statements(lambda: api.post(LEADS, {"email": "second@kita.example", "last_name": "北"}))
    assert len(asked) == 8, "\n".join(asked)


@pytest.mark.parametrize("known", [{}, {"job_title": "CIO", "industry": "IT"}], ids=["again", "with news"])
def test_a_batch_of_many_takes_the_same_statements_however_long(cast, known):
    counts = []
    for number, name in ((FEW + 4, "x"), (FEW * 3, "y")):
        first = statements(lambda: door.capture(people(number, name=name), by=None, at=cast.at))  # noqa: B023
        again = people(number, name=name, **known)
        counts.append((len(first), len(statements(lambda: door.capture(again, by=None, at=cast.at)))))  # noqa: B023
    assert counts[0] == counts[1]


def test_a_new_lead_is_fitted_as_it_would_be_anew(cast):
    cast.lead(company="Kita", email="a@kita.example", industry="Software", employee_count=400)
    rows = [
        Inquiry(email="b@kita.example", company="Kita", job_title="CIO", industry="Software"),
        Inquiry(email="c@minami.example", company="Minami", industry="Software", employee_count=400),
        Inquiry(email="d@gmail.com", job_title="Student"),
    ]
    leads = [done.lead for done in door.capture(rows, by=None, at=cast.at)]
    kept = list(LeadScore.objects.filter(lead__in=leads).order_by("lead").values(*versions.FITTED))
    LeadScore.objects.filter(lead__in=leads).update(fit=0.123, grade="A", disqualified_by="")
    versions.refit(leads)
    assert list(LeadScore.objects.filter(lead__in=leads).order_by("lead").values(*versions.FITTED)) == kept


def test_what_is_new_about_a_person_is_seen_to_at_once_and_told_to_nobody(cast):
    lead = cast.lead(email="a@kita.example", company="Kita")
    before = OutboxMessage.objects.count()
    door.capture([Inquiry(email="a@kita.example", job_title="CIO")], by=None, at=cast.at)
    assert LedgerEntry.objects.filter(kind="contact.edited", subject_id=lead.contact_id).count() == 1
    assert OutboxMessage.objects.count() == before


def test_two_rows_about_a_new_person_make_one_lead_that_knows_both(cast):
    rows = [
        Inquiry(email="a@kita.example", last_name="北"),
        Inquiry(email="a@kita.example", job_title="CIO", company="Kita", last_name=""),
    ]
    first, second = door.capture(rows, by=None, at=cast.at)
    assert (first.status, second.status, first.lead) == (door.CREATED, door.UPDATED, second.lead)
    person = Contact.objects.get(email="a@kita.example")
    assert (person.last_name, person.job_title, person.account.name) == ("北", "CIO", "Kita")
    assert Lead.objects.get(pk=first.lead).account_id == person.account_id


def test_a_colleague_of_a_company_of_which_something_is_new_is_fitted_anew(cast):
    colleague = cast.lead(email="a@kita.example", company="Kita")
    fits = []
    for industry in ("Fishing", "Software"):
        row = Inquiry(email="b@kita.example", company="Kita", industry=industry, employee_count=400)
        door.capture([row], by=None, at=cast.at)
        kept = LeadScore.objects.get(lead=colleague)
        versions.refit([colleague.pk])
        fits.append((kept.fit, LeadScore.objects.get(lead=colleague).fit))
    assert all(kept == anew for kept, anew in fits)


def test_one_refusal_of_many_edits_changes_none_of_them(cast):
    one, other = cast.lead(), cast.lead()
    changes = {one.contact_id: {"job_title": "CIO"}, other.contact_id: {"email": one.contact.email}}
    with pytest.raises(Exception, match="Another contact"):
        directory.edit_contacts(changes, by=None, at=cast.at)
    assert Contact.objects.get(pk=one.contact_id).job_title != "CIO"


def test_an_id_of_somebody_elses_lead_is_left_with_it(cast):
    [first] = door.capture([Inquiry(email="a@kita.example", external_id="77")], by=None, at=cast.at)
    known = Contact.objects.create(email="b@kita.example", email_key="b@kita.example")
    [second] = door.capture([Inquiry(email="b@kita.example", external_id="77")], by=None, at=cast.at)
    assert second.status == door.CREATED
    assert Lead.objects.get(pk=second.lead).contact == known
    assert list(Lead.objects.filter(external_id="77").values_list("pk", flat=True)) == [first.lead]


def test_two_people_of_one_batch_with_one_id_both_come_in(cast):
    rows = [Inquiry(email=f"{name}@kita.example", external_id="77") for name in "ab"]
    done = door.capture(rows, by=None, at=cast.at)
    people_met = Lead.objects.filter(pk__in=[one.lead for one in done]).values_list(
        "contact__email", flat=True
    )
    assert sorted(people_met) == ["a@kita.example", "b@kita.example"]
