"""Companies and people merged and taken back: nothing points at the loser, nothing is lost, nothing moves twice."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from crm import access, activities, directory, duplicates, journal, merging
from crm.models import Account, Contact, DuplicatePair, MergeRecord, PairStatus
from crm.querysets_duplicates import UNDO_WITHIN
from crm.states import Refused
from deals.models import Stakeholder
from leads import merging as leads_merging
from leads.models import Lead
from project import invariants
from sla import handoffs
from sla import merging as sla_merging
from sla.handoffs import Opportunity
from sla.models import Handoff


def company(cast, name, **known):
    return directory.add_account(name=name, by=cast.admin, at=cast.at, **known)


def merge(cast, loser, winner, **more):
    return merging.merge_accounts(loser, winner, by=cast.admin, at=cast.at, **more)


def test_everything_that_points_at_a_company_moves_and_nothing_is_left(cast):
    handoff = cast.handoff()
    old, new = handoff.account, company(cast, "アルファ")
    activities.log(handoff.contact, channel="call", by=cast.rep, at=cast.at)
    merge(cast, old, new)
    assert journal.dangling(Account) == []
    for model in (Contact, Lead, Handoff):
        assert model.objects.get().account_id == new.pk
    assert invariants.broken(cast.at) == []


def test_who_works_both_companies_works_the_one_that_stays(cast):
    one, other = company(cast, "アルファ", owner=cast.rep), company(cast, "㈱アルファ", owner=cast.rep)
    access.grant([(one.pk, cast.colleague.pk)])
    merge(cast, one, other)
    assert set(other.accountaccess_set.values_list("user", flat=True)) == {cast.rep.pk, cast.colleague.pk}


def test_what_only_the_loser_knows_is_kept_and_what_is_chosen_wins(cast):
    one = company(cast, "株式会社アルファ", industry="機械", domain="alpha.jp", external_id="A-1")
    other = company(cast, "アルファ", country="日本", domain="alpha.co.jp", external_id="A-2")
    winner = merge(cast, one, other, chosen={"name", "domain"})
    winner.refresh_from_db()
    assert (winner.name, winner.industry, winner.country) == ("株式会社アルファ", "機械", "日本")
    assert (winner.domain, winner.external_id) == ("alpha.jp", "A-2")


def test_a_name_the_winner_gives_up_still_leads_to_it(cast):
    one, other = (
        company(cast, "アルファ", domain="alpha.jp"),
        company(cast, "㈱アルファ", domain="alpha.co.jp"),
    )
    merge(cast, one, other, chosen={"domain"})
    assert Account.objects.get(domain="alpha.co.jp").merged_into_id == other.pk


def test_different_corporate_numbers_are_never_merged(cast):
    one = company(cast, "アルファ", corporate_number="5070001000715")
    other = company(cast, "アルファ", corporate_number="6020001008662")
    with pytest.raises(Refused, match="two companies"):
        merge(cast, one, other)
    assert not MergeRecord.objects.exists()


def test_who_owns_neither_merges_nothing(cast):
    one, other = company(cast, "アルファ", owner=cast.rep), company(cast, "ベータ", owner=cast.rep)
    with pytest.raises(PermissionDenied):
        merging.merge_accounts(one, other, by=cast.stranger, at=cast.at)


# -- taken back ------------------------------------------------------------------------------------------------


def world():
    """Everything that existed, column by column, but for the times delta sync moves."""
    seen = {}
    for model in (*journal.mergeable(), *{f.model for m in journal.mergeable() for f in journal.pointers(m)}):
        for row in model.objects.values():
            row.pop("updated_at", None)
            seen[model._meta.label, row.get("id")] = row
    return seen


def undo(cast, by=None):
    record = MergeRecord.objects.standing().latest("pk")
    return leads_merging.undo(record, by=by or cast.marketer, at=cast.at)


def test_a_company_merged_and_taken_back_is_as_it_was(cast):
    handoff = cast.handoff()
    old = handoff.account
    new = company(cast, "アルファ", domain="alpha.jp", external_id="A-2", owner=cast.rep)
    before = world()
    merge(cast, old, new, chosen={"name", "domain"})
    assert world() != before
    undo(cast)
    assert world() == before
    assert invariants.broken(cast.at) == []


def test_people_with_open_leads_merged_and_taken_back_are_as_they_were(cast):
    one, other = cast.lead(external_id="M-1", job_title="部長"), cast.handoff(external_id="M-2").lead
    activities.log(one.contact, channel="call", by=cast.marketer, at=cast.at)
    before = world()
    sla_merging.merge_people(one.contact, into=other.contact, by=cast.marketer, at=cast.at, chosen={"email"})
    assert journal.dangling(Contact) == journal.dangling(Lead) == []
    undo(cast)
    assert world() == before
    assert invariants.broken(cast.at) == []


def test_a_seat_both_had_in_a_committee_is_one_and_comes_back(cast):
    handoff = cast.handoff()
    handoffs.accept(handoff, by=cast.rep, at=cast.at)
    done = handoffs.convert(handoff, Opportunity("Line"), by=cast.rep, at=cast.at)
    winner, other = handoff.contact, directory.add_contact(email="b@example.jp", by=cast.admin, at=cast.at)
    for person in (winner, other):
        Stakeholder.objects.get_or_create(deal=done.deal, contact=person, defaults={"role": "it"})
    before = world()
    sla_merging.merge_people(other, into=winner, by=cast.marketer, at=cast.at)
    assert Stakeholder.objects.get().contact_id == winner.pk
    undo(cast)
    assert world() == before


def test_what_came_since_stays_with_the_winner(cast):
    one, other = cast.lead(), cast.lead()
    sla_merging.merge_people(one.contact, into=other.contact, by=cast.marketer, at=cast.at)
    activities.log(other.contact, channel="call", by=cast.marketer, at=cast.at)
    directory.edit_contact(other.contact, by=cast.marketer, at=cast.at, job_title="CFO")
    undo(cast)
    other.contact.refresh_from_db()
    assert (other.contact.activities.count(), other.contact.job_title) == (1, "CFO")


def test_merges_are_taken_back_in_the_opposite_order(cast):
    first, second, third = (company(cast, name) for name in ("甲社", "乙社", "丙社"))
    before = world()
    merge(cast, first, second)
    merge(cast, second, third)
    with pytest.raises(Refused, match="later merge"):
        leads_merging.undo(MergeRecord.objects.earliest("pk"), by=cast.marketer, at=cast.at)
    undo(cast)
    undo(cast)
    assert world() == before


def test_after_thirty_days_a_merge_stands(cast):
    merge(cast, company(cast, "甲社"), company(cast, "乙社"))
    cast.at += UNDO_WITHIN + timedelta(seconds=1)
    with pytest.raises(Refused, match="30 days"):
        undo(cast)


def test_an_address_taken_since_stands_in_the_way_and_nothing_is_half_undone(cast):
    one, other = company(cast, "甲社", domain="alpha.jp"), company(cast, "乙社", domain="beta.jp")
    merge(cast, one, other)
    company(cast, "丙社", domain="alpha.jp")
    before = world()
    with pytest.raises(Refused, match="newer record"):
        undo(cast)
    assert world() == before


def test_who_takes_a_merge_back_says_the_two_are_not_the_same(cast):
    one, other = company(cast, "甲社"), company(cast, "乙社")
    merge(cast, one, other)
    undo(cast)
    assert DuplicatePair.objects.get().status == PairStatus.APART


def test_whoever_was_not_the_loser_is_not_the_winner(cast):
    one, other, third = (company(cast, name) for name in ("甲社", "乙社", "丙社"))
    duplicates.keep_apart("account", one.pk, third.pk, by=cast.admin, at=cast.at)
    merge(cast, one, other)
    pair = DuplicatePair.objects.get(low=other.pk, high=third.pk)
    assert pair.status == PairStatus.APART
