"""Leads from files: people of one company that disagree about it, consent, and leads of the past."""

from __future__ import annotations

import pytest

from crm.imports.guessing import guess_mapping
from crm.models import Account, Consent, Contact
from leads.capture.importing import Leads
from leads.models import Lead
from tests.support.files import brought, counts, table

pytestmark = pytest.mark.django_db


def leads(cast, header, rows, by=None, **more):
    return brought(table(header, rows), by or cast.marketer, cast.at, **more)


def test_colleagues_who_disagree_about_their_company_change_nothing_the_second_time(cast):
    header = ["email", "company", "industry", "employee_count"]
    rows = [
        ("a@alpha.example", "Alpha", "IT", 10),
        ("b@alpha.example", "Alpha", "Software", 20),
        ("c@gmail.com", "Alpha", "Food", ""),
        ("d@beta.example", "Beta", "Food", ""),
    ]
    run = leads(cast, header, rows)
    assert counts(run) == (4, 0, 0, 0)
    assert Account.objects.get(domain="alpha.example").industry == "IT"
    assert any("industry" in note["message"] for note in run.notes)
    assert counts(leads(cast, header, rows)) == (0, 0, 4, 0)


def test_a_person_who_came_twice_keeps_the_first_campaign_and_gains_what_is_new(cast):
    header = ["email", "campaign", "job_title", "phone"]
    rows = [("a@x.example", "spring", "CFO", ""), ("A@x.example", "autumn", "CEO", "03-1234-5678")]
    run = leads(cast, header, rows)
    assert counts(run) == (1, 1, 0, 0)
    contact = Contact.objects.get(email_key="a@x.example")
    assert (contact.job_title, contact.phone) == ("CFO", "03-1234-5678")
    assert Lead.objects.get(contact=contact).campaign == "spring"
    assert counts(leads(cast, header, rows)) == (0, 0, 2, 0)


def test_one_value_holds_for_all_blank_cells(cast):
    run = leads(
        cast, ["email", "source"], [("a@x.example", ""), ("b@x.example", "web")],
        constants={"source": "fair", "consent": "yes", "consent_text": "At our stand\n1 June"},
    )  # fmt: skip
    assert run.created == 2
    assert dict(Lead.objects.values_list("contact__email", "source")) == {
        "a@x.example": "fair",
        "b@x.example": "web",
    }
    assert set(Contact.objects.values_list("consent", "consent_text")) == {
        (Consent.GRANTED, "At our stand\n1 June")
    }


@pytest.mark.parametrize(("stage", "kept"), [("mql", "mql"), ("MQL", "mql"), ("", "inquiry")])
def test_leads_come_in_as_inquiries_or_mqls_of_the_past(cast, stage, kept):
    leads(cast, ["email", "stage"], [("a@x.example", stage)])
    assert Lead.objects.get().stage == kept


def test_another_stage_is_refused_with_the_row(cast):
    run = leads(cast, ["email", "stage"], [("a@x.example", "customer"), ("b@x.example", "")])
    assert counts(run) == (1, 0, 0, 1)
    assert run.bad_rows.get().problems[0][0] == "stage"


def test_times_are_of_the_zone_the_person_names(cast):
    leads(cast, ["email", "captured_at"], [("a@x.example", "2026-05-01 09:00")], zone="Asia/Tokyo")
    assert Lead.objects.get().captured_at.isoformat() == "2026-05-01T00:00:00+00:00"


def test_a_whole_name_is_read_as_last_and_first_name(cast):
    header, rows = ["email", "full_name"], [("a@x.example", "山田　太郎"), ("b@x.example", "Aya Aoki")]
    assert counts(leads(cast, header, rows)) == (2, 0, 0, 0)
    assert set(Contact.objects.values_list("last_name", "first_name")) == {("山田", "太郎"), ("Aoki", "Aya")}
    assert counts(leads(cast, header, rows)) == (0, 0, 2, 0)


def test_a_name_told_in_parts_goes_before_the_whole_one(cast):
    leads(cast, ["email", "full_name", "last_name"], [("a@x.example", "A. Aoki", "Aoki-Mori")])
    contact = Contact.objects.get()
    assert (contact.first_name, contact.last_name) == ("", "Aoki-Mori")


def test_of_two_whole_names_of_one_person_the_first_counts(cast):
    rows = [("a@x.example", "山田 太郎"), ("a@x.example", "田中 太郎")]
    run = leads(cast, ["email", "full_name"], rows)
    assert Contact.objects.get().last_name == "山田"
    assert any("last name" in note["message"] for note in run.notes)


def test_a_column_of_whole_names_is_known_by_what_it_is_called():
    found = guess_mapping(Leads, ["会社名", "氏名", "メールアドレス"])
    assert found == {"company": "会社名", "full_name": "氏名", "email": "メールアドレス"}
