"""Accounts and contacts from files: what is found again, who may change whose records, what is noted."""

from __future__ import annotations

import pytest

from crm import directory
from crm.models import Account, Contact
from tests.support.files import brought, counts, table

pytestmark = pytest.mark.django_db


def accounts(cast, rows, by=None, header=("name", "external_id", "domain", "industry")):
    return brought(table(header, rows), by or cast.marketer, cast.at, "accounts")


def contacts(cast, rows, by=None, header=("email", "external_id", "last_name", "company", "phone")):
    return brought(table(header, rows), by or cast.marketer, cast.at, "contacts")


def reasons(run) -> list[tuple[int, str, str]]:
    return [(row.line, *problem) for row in run.bad_rows.order_by("line") for problem in row.problems]


def test_a_company_is_found_by_its_surest_key(cast):
    accounts(cast, [("Alpha", "x1", "alpha.example", "")])
    run = accounts(cast, [("Alpha Inc.", "", "https://www.alpha.example/", "IT"), ("Beta", "x2", "", "")])
    assert counts(run) == (1, 1, 0, 0)
    alpha = Account.objects.get(external_id="x1")
    assert (alpha.name, alpha.industry) == ("Alpha Inc.", "IT")


def test_a_company_named_by_signs_alone_is_found_again(cast):
    rows = [("★★★", "", "", "IT"), ("☆☆☆", "", "", "Food")]
    assert counts(accounts(cast, rows)) == (2, 0, 0, 0)
    assert counts(accounts(cast, rows)) == (0, 0, 2, 0)


def test_an_id_that_a_merged_company_holds_leads_to_where_it_went(cast):
    accounts(cast, [("Old", "x1", "", ""), ("New", "x2", "", "")])
    old, new = Account.objects.get(external_id="x1"), Account.objects.get(external_id="x2")
    Account.objects.filter(pk=old.pk).update(merged_into=new)
    assert counts(accounts(cast, [("Old", "x1", "", "IT")])) == (0, 1, 0, 0)
    assert counts(accounts(cast, [("Old", "x1", "", "IT")])) == (0, 0, 1, 0)
    new.refresh_from_db()
    assert (new.name, new.external_id, new.industry) == ("New", "x2", "IT")


def test_an_address_of_somebody_merged_leads_to_who_they_are_now(cast):
    contacts(cast, [("old@kita.jp", "", "北", "", ""), ("new@kita.jp", "", "北", "", "")])
    old, new = Contact.objects.get(email="old@kita.jp"), Contact.objects.get(email="new@kita.jp")
    Contact.objects.filter(pk=old.pk).update(merged_into=new)
    assert counts(contacts(cast, [("old@kita.jp", "", "北野", "", "")])) == (0, 1, 0, 0)
    new.refresh_from_db()
    assert (new.email, new.last_name) == ("new@kita.jp", "北野")


def test_edits_of_many_records_take_the_same_statements_however_many(cast, django_assert_max_num_queries):
    accounts(cast, [(f"Firm {n}", f"x{n}", "", "") for n in range(30)])
    with django_assert_max_num_queries(90):
        run = accounts(cast, [(f"Firm {n}", f"x{n}", "", "IT") for n in range(30)])
    assert counts(run) == (0, 30, 0, 0)


def test_values_out_of_bounds_are_told_by_field(cast):
    rows = [("A" * 201, "x1", "", ""), ("B", "x2", "http://good@evil/", ""), ("", "x3", "", "")]
    run = accounts(cast, rows)
    assert [(line, field) for line, field, _message in reasons(run)] == [
        (2, "name"),
        (3, "domain"),
        (4, "name"),
    ]


def test_a_manager_owns_what_they_bring_in_and_changes_no_foreign_company(cast):
    accounts(cast, [("Foreign", "x1", "", "IT")])
    run = accounts(cast, [("Foreign", "x1", "", "Food"), ("Mine", "x2", "", "")], by=cast.manager)
    assert counts(run) == (1, 0, 0, 1)
    assert "Another team" in reasons(run)[0][2]
    assert Account.objects.get(external_id="x1").industry == "IT"
    assert list(Account.objects.visible_to(cast.manager)) == [Account.objects.get(external_id="x2")]
    again = accounts(cast, [("Mine", "x2", "", "Food")], by=cast.manager)
    assert counts(again) == (0, 1, 0, 0)


def test_people_are_found_by_address_or_id_and_linked_to_their_company(cast):
    accounts(cast, [("株式会社アルファ", "x1", "", "")])
    run = contacts(
        cast, [("Mori@Alpha.example", "c1", "森", "アルファ", ""), ("", "c2", "林", "Nowhere", "")]
    )
    assert counts(run) == (2, 0, 0, 0)
    assert Contact.objects.get(external_id="c1").account == Account.objects.get(external_id="x1")
    assert [note["message"] for note in run.notes] == [
        "There is no account Nowhere; the contact is kept without."
    ]
    again = contacts(cast, [("mori@alpha.example", "", "森本", "", ""), ("", "c2", "林", "", "")])
    assert counts(again) == (0, 1, 1, 0)


def test_a_contact_that_is_nobody_or_unreachable_is_told(cast):
    run = contacts(
        cast, [("", "", "森", "", ""), ("no address", "", "林", "", ""), ("a@x.example", "", "", "", "12")]
    )
    assert [(line, field) for line, field, _message in reasons(run)] == [
        (2, "email"),
        (3, "email"),
        (4, "phone"),
    ]
    assert counts(run) == (0, 0, 0, 3)


def test_two_people_cannot_share_an_id_and_the_row_says_so(cast):
    directory.add_contact(email="a@x.example", by=None, at=cast.at)
    directory.add_contact(email="b@x.example", external_id="c1", by=None, at=cast.at)
    run = contacts(cast, [("a@x.example", "c1", "A", "", ""), ("c@x.example", "", "C", "", "")])
    assert counts(run) == (1, 0, 0, 1)
    assert "same key" in reasons(run)[0][2]


def test_a_manager_changes_no_foreign_contact(cast):
    contacts(cast, [("a@x.example", "", "A", "", "")])
    run = contacts(
        cast, [("a@x.example", "", "B", "", ""), ("b@x.example", "", "B", "", "")], by=cast.manager
    )
    assert counts(run) == (1, 0, 0, 1)
    assert Contact.objects.get(email="b@x.example").owner == cast.manager


def test_many_rows_need_no_more_questions_than_few(cast, django_assert_max_num_queries):
    rows = [(f"p{n}@x.example", f"c{n}", f"P{n}", "", "") for n in range(150)]
    with django_assert_max_num_queries(110):
        contacts(cast, rows)
