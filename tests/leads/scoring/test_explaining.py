"""A score taken apart: now, on a past day, under another version; and the news that fits a lead anew."""

from datetime import timedelta
from math import fsum

import pytest

from crm import directory, merging
from crm.models import Contact, MergeRecord
from crm.states import Refused
from leads import lifecycle, subscribers
from leads import merging as leads_merging
from leads.events import recording, withdrawing
from leads.events.recording import Behaviour
from leads.models import BehaviourEvent, BehaviourRule, Disqualifier, FitRule, LeadScore
from leads.scoring import explaining, versions

DAY = timedelta(days=1)


def behave(lead, at, number, *, kind="inquiry", heard=None):
    event = Behaviour("ma", f"{lead.pk}-{number}", kind, at, lead=lead.pk)
    recording.record([event], by=None, at=heard or at)


def draft(cast):
    return versions.draft_from(versions.active(), by=cast.marketer, at=cast.at)


def total(lead, cast, days, **asked):
    return explaining.explain(lead, now=cast.at + days * DAY, **asked).why.total


def test_the_parts_sum_to_the_score_that_is_stored(cast):
    lead = cast.lead()
    for number in range(5):
        behave(lead, cast.at + number * DAY, number, kind="page_view")
    told = explaining.explain(lead, now=cast.at + 9 * DAY)
    stored = told.why.decay.score_at(LeadScore.objects.get(lead=lead).rank, cast.at + 9 * DAY)
    assert fsum(part.value for part in told.why.parts) == told.why.total == pytest.approx(stored, rel=1e-12)


def test_a_past_day_knows_only_what_was_heard_by_then(cast):
    lead = cast.lead()
    behave(lead, cast.at, 1)
    behave(lead, cast.at, 2, heard=cast.at + 3 * DAY)
    assert total(lead, cast, 5, at=cast.at + DAY) == pytest.approx(10 * 0.8 ** (1 / 30))
    assert total(lead, cast, 5, at=cast.at + 3 * DAY) == pytest.approx(20 * 0.8 ** (3 / 30))


def test_what_was_withdrawn_later_still_counted_then(cast):
    lead = cast.lead()
    behave(lead, cast.at, 1)
    withdrawing.withdraw(BehaviourEvent.objects.all(), reason="bot", by=cast.marketer, at=cast.at + 2 * DAY)
    assert total(lead, cast, 5, at=cast.at + DAY) > 9
    assert total(lead, cast, 5) == 0


def test_a_moment_to_come_is_refused(cast):
    with pytest.raises(Refused):
        total(cast.lead(), cast, 0, at=cast.at + DAY)


def test_a_score_can_be_asked_under_a_draft(cast):
    lead, other = cast.lead(), draft(cast)
    BehaviourRule.objects.filter(model=other, kind="inquiry").update(points=30)
    behave(lead, cast.at, 1)
    assert [total(lead, cast, 0), total(lead, cast, 0, version=other.version)] == pytest.approx([10, 30])


def test_a_past_day_is_told_under_the_version_then_in_force(cast):
    lead, other = cast.lead(), draft(cast)
    behave(lead, cast.at, 1)
    BehaviourRule.objects.filter(model=other, kind="inquiry").update(points=30)
    versions.activate(other, by=cast.marketer, at=cast.at + 5 * DAY)
    told = explaining.explain(lead, now=cast.at + 9 * DAY, at=cast.at + DAY)
    assert (told.model.version, told.why.parts[0].points) == (1, 10)
    before, after = [score for _at, score in explaining.course(lead, now=cast.at + 9 * DAY)][-2:]
    assert after > before * 2


def test_what_is_beyond_a_limit_says_why(cast):
    lead = cast.lead()
    for hour in range(5):
        behave(lead, cast.at + timedelta(hours=hour / 2), hour, kind="page_view")
    told = explaining.explain(lead, now=cast.at + DAY)
    assert [len(told.counted), len(told.beyond)] == [3, 2]
    assert told.words_of(told.beyond[0].event) == "Not counted: at most 3 a day count."


def test_when_a_score_falls_below_its_bar(cast):
    lead = cast.lead()
    for number in range(10):
        behave(lead, cast.at, number)
    told = explaining.explain(lead, now=cast.at)
    assert told.why.decay.score_at(
        LeadScore.objects.get(lead=lead).rank, told.falls_below_at
    ) == pytest.approx(80)
    assert explaining.bar_of(_again(lead), now=cast.at).falls_below_at - told.falls_below_at < timedelta(
        seconds=1
    )
    assert explaining.explain(lead, now=cast.at + 365 * DAY).falls_below_at is None


def _again(lead):
    return type(lead).objects.select_related("score").get(pk=lead.pk)


# -- fit follows the news -------------------------------------------------------------------------


def score_of(lead):
    return LeadScore.objects.get(lead=lead)


def test_an_account_edited_anywhere_fits_its_leads_anew(cast):
    lead = cast.lead()
    directory.edit_account(
        lead.account, by=cast.marketer, at=cast.at, industry="Manufacturing", employee_count=500
    )
    assert score_of(lead).grade == "A"


def other_company(cast):
    known = {"name": "Kaze", "industry": "Manufacturing", "employee_count": 500}
    return directory.add_account(**known, by=cast.marketer, at=cast.at)


def test_a_merge_of_companies_fits_their_leads_anew(cast):
    lead, other = cast.lead(), other_company(cast)
    merging.merge_accounts(other, lead.account, by=cast.admin, at=cast.at)
    assert score_of(lead).grade == "A"


def test_a_merge_that_is_taken_back_fits_them_anew_too(cast):
    lead, other = cast.lead(), other_company(cast)
    before = score_of(lead).grade
    merging.merge_accounts(other, lead.account, by=cast.admin, at=cast.at)
    leads_merging.undo(MergeRecord.objects.get(), by=cast.admin, at=cast.at)
    assert score_of(lead).grade == before != "A"


def test_news_of_many_merges_fits_all_their_leads_in_one_go(cast, monkeypatch):
    leads, gone, batches = [cast.lead() for _number in range(2)], [], []
    for lead in leads:
        gone.append(directory.add_account(name=f"Kaze {lead.pk}", by=cast.marketer, at=cast.at))
        merging.merge_accounts(gone[-1], lead.account, by=cast.admin, at=cast.at)
    monkeypatch.setattr(versions, "refit", batches.append)
    subscribers.accounts_joined([account.pk for account in gone], cast.at)
    assert batches == [sorted(lead.pk for lead in leads)]


def test_who_unsubscribes_is_kept_from_sales_at_once(cast):
    lead = cast.lead()
    directory.edit_contact(
        Contact.objects.get(pk=lead.contact_id), by=cast.marketer, at=cast.at, consent="withdrawn"
    )
    assert (score_of(lead).fit, score_of(lead).disqualified_by) == (0, "unsubscribed")


def test_an_unknown_attribute_gives_what_its_rule_says(cast):
    model = draft(cast)
    FitRule.objects.create(
        model=model,
        attribute="department",
        operator="contains",
        values=["購買"],
        points=30,
        unknown_points=12,
    )
    versions.activate(model, by=cast.marketer, at=cast.at)
    lead, known = cast.lead(), cast.lead(department="購買部")
    told = explaining.explain(lead, now=cast.at)
    assert [(reason.value, reason.points) for reason in told.why.fit.reasons] == [(None, 12)]
    assert [score_of(lead).grade, score_of(known).grade] == ["B", "A"]


def test_colleagues_of_a_new_customer_are_kept_from_sales(cast):
    model = draft(cast)
    Disqualifier.objects.create(model=model, kind="existing_customer")
    versions.activate(model, by=cast.marketer, at=cast.at)
    won, beside = (cast.lead(company="Acme", email=f"{name}@acme.jp") for name in "ab")
    elsewhere = cast.lead()
    for deed in (
        lambda: lifecycle.qualify_by_hand(won.pk, by=cast.marketer, at=cast.at),
        lambda: lifecycle.confirm([won.pk], by=None, at=cast.at),
        lambda: lifecycle.win([won.pk], by=None, at=cast.at),
    ):
        deed()
    assert [score_of(lead).disqualified_by for lead in (won, beside, elsewhere)] == [
        "",
        "existing_customer",
        "",
    ]
