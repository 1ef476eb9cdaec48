"""The audit of the data: what each rule finds and leaves alone, and what a person does with it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from crm import activities, directory, duplicates
from crm.identity import check_digit
from crm.matching.pairs import Pair
from crm.matching.rules import Verdict
from crm.models import Account, Consent, Contact, DuplicatePair, LedgerEntry, RecordKind
from crm.states import Refused
from leads import completeness, lifecycle
from leads.models import (
    Confirmation,
    Findings,
    Lead,
    MqlDefinition,
    Programme,
    QualityFigure,
    QualityTally,
    RequiredField,
    Stage,
)
from leads.nurture import enrolment
from leads.quality import catalogue, countries, figures, history, looking, mending
from leads.quality.catalogue import RULES
from leads.quality.rule import SILENCES
from tests.support.audit import look
from tests.support.cast import Cast

pytestmark = pytest.mark.django_db

WHOLE = {
    "phone": "03-3210-4567",
    "job_title": "部長",
    "source": "fair",
    "industry": "製造業",
    "employee_count": 300,
    "country": "日本",
    "consent": "granted",
}


def pair(one: int, other: int) -> Pair:
    return Pair(*sorted((one, other)), Verdict(90, ("name",), ()))


def found(lead: Lead, at: datetime) -> set[str]:
    return set(looking.at_leads([lead.pk], at=at)[lead.pk].marks) & set(RULES)


def change(lead: Lead, **columns: Any) -> None:
    """As an old import left it: past every deed."""
    for model, pk, prefix in (
        (Contact, lead.contact_id, "contact__"),
        (Account, lead.account_id, "account__"),
        (Lead, lead.pk, ""),
    ):
        mine = {
            name.removeprefix(prefix): value
            for name, value in columns.items()
            if ("__" in name) == bool(prefix) and name.startswith(prefix)
        }
        if mine:
            model.objects.filter(pk=pk).update(**mine)


@pytest.fixture
def lead(cast: Cast) -> Lead:
    """Everything is known of it, and nothing contradicts."""
    return cast.lead(**WHOLE)


def test_nothing_is_found_where_all_is_well(cast: Cast, lead: Lead) -> None:
    assert found(lead, cast.at) == set()


BREAKING: dict[str, dict[str, Any]] = {
    "no-email": {"contact__email": "", "contact__email_key": ""},
    "no-phone": {"contact__phone": "", "contact__phone_key": ""},
    "no-name": {"contact__last_name": ""},
    "no-title": {"contact__job_title": ""},
    "no-company": {"account": None},
    "no-industry": {"account__industry": ""},
    "no-employee-count": {"account__employee_count": None},
    "no-country": {"account__country": ""},
    "no-consent": {"contact__consent": Consent.UNKNOWN},
    "no-source": {"source": ""},
    "unreachable-email": {"contact__email_key": "taro@gmial.com"},
    "unread-phone": {"contact__phone_key": ""},
    "at-sign-in-name": {"contact__last_name": "taro@kita.jp"},
    "stand-in-name": {"contact__last_name": "テスト"},
    "stand-in-company": {"account__name": "なし"},
    "check-digit": {"account__corporate_number": "1234567890123"},
    "free-mail-domain": {"account__domain": "gmail.com"},
    "no-people": {"account__employee_count": 0},
    "strange-country": {"account__country": "Nihonn"},
    "consent-without-date": {"contact__consent_at": None},
    "phone-abroad": {"account__country": "Germany"},
    "title-and-role": {"contact__job_title": "購買課", "contact__stakeholder_role": "legal"},
}


@pytest.mark.parametrize("code", BREAKING)
def test_a_rule_finds_what_is_broken(cast: Cast, lead: Lead, code: str) -> None:
    change(lead, **BREAKING[code])
    assert code in found(lead, cast.at)


@pytest.mark.parametrize(
    ("title", "role"),
    [("購買部長", "executive"), ("IT調達", "it"), ("IT調達", "procurement"), ("営業", "legal"), ("購買", "")],
)
def test_a_title_that_may_go_with_its_role_is_left_alone(
    cast: Cast, lead: Lead, title: str, role: str
) -> None:
    change(lead, contact__job_title=title, contact__stakeholder_role=role)
    assert "title-and-role" not in found(lead, cast.at)


@pytest.mark.parametrize("base", ["700110005901", "010401089234", "999999999999"])
def test_a_right_corporate_number_is_left_alone_and_its_neighbour_is_found(
    cast: Cast, lead: Lead, base: str
) -> None:
    right = check_digit(base)
    change(lead, account__corporate_number=f"{right}{base}")
    assert "check-digit" not in found(lead, cast.at)
    change(lead, account__corporate_number=f"{(right + 1) % 10}{base}")
    assert "check-digit" in found(lead, cast.at)


def test_a_mail_that_came_back_is_found_until_the_address_is_changed(cast: Cast, lead: Lead) -> None:
    activities.log(lead.contact, channel="email", outcome="bounced", by=cast.marketer, at=cast.at)
    assert "bounced" in found(lead, cast.at)
    mending.mend([lead.pk], "email", "new@kita.jp", by=cast.marketer, at=cast.at + timedelta(hours=1))
    assert "bounced" not in found(lead, cast.at)


def test_silence_is_found_after_the_months_asked_for_and_a_call_ends_it(cast: Cast, lead: Lead) -> None:
    later = cast.at + timedelta(days=400)
    assert {"silent", "undecided", "old-consent"} <= found(lead, later)
    assert "silent" not in found(lead, cast.at + timedelta(days=200))
    activities.log(lead.contact, channel="call", by=cast.marketer, at=later - timedelta(days=1))
    assert "silent" not in found(lead, later)


def test_consent_withdrawn_and_still_nurtured(cast: Cast, lead: Lead) -> None:
    programme = Programme.objects.order_by("pk")[0]
    enrolment.enrol([lead.pk], programme, cause="", by=cast.marketer, at=cast.at)
    change(lead, contact__consent=Consent.WITHDRAWN)
    assert "nurtured-unwilling" in found(lead, cast.at)
    enrolment.leave([lead.pk], by=cast.marketer, at=cast.at)
    assert "nurtured-unwilling" not in found(lead, cast.at)


def test_two_companies_an_address_of_another_and_a_customer(cast: Cast, lead: Lead) -> None:
    other = directory.add_account(name="別会社", domain="betsu.co.jp", by=cast.marketer, at=cast.at)
    change(lead, contact__account=other, contact__email_key="taro@betsu.co.jp")
    assert {"two-companies", "elsewhere"} <= found(lead, cast.at)
    won = cast.lead(**{**WHOLE, "phone": "03-3210-4568"}, company="別の会社")
    change(won, account=lead.account)
    lifecycle.move([won.pk], Stage.MQL, by=None, at=cast.at)
    lifecycle.confirm([won.pk], by=None, at=cast.at)
    lifecycle.win([won.pk], by=None, at=cast.at)
    assert "open-at-customer" in found(lead, cast.at)


def test_the_same_person_and_the_same_company_twice(cast: Cast, lead: Lead) -> None:
    twin = cast.lead()
    assert not {"same-person", "same-company"} & set(found(twin, cast.at))
    duplicates.store(RecordKind.CONTACT, [pair(lead.contact_id, twin.contact_id)], searched=[], at=cast.at)
    assert "same-person" in found(twin, cast.at)
    assert "same-company" not in found(twin, cast.at)
    DuplicatePair.objects.update(score=39)
    assert "same-person" not in found(twin, cast.at), "too faint to be counted"
    DuplicatePair.objects.update(score=90)
    duplicates.keep_apart(RecordKind.CONTACT, lead.contact_id, twin.contact_id, by=cast.marketer, at=cast.at)
    duplicates.store(RecordKind.ACCOUNT, [pair(lead.account_id, twin.account_id)], searched=[], at=cast.at)
    assert "same-company" in found(twin, cast.at)
    assert "same-person" not in found(twin, cast.at)


def test_incomplete_is_the_definition_by_which_leads_become_mqls(cast: Cast, lead: Lead) -> None:
    asked = MqlDefinition.objects.in_force().get(segment=None).required_fields
    for name in RequiredField:
        with_gap = cast.lead(**{**WHOLE, "phone": f"03-3210-{4600 + len(name)}"})
        change(
            with_gap, **{next(iter(completeness.LACKS[name].children))[0]: None if name == "account" else ""}
        )
        with_gap.refresh_from_db()
        lacks = bool(completeness.missing(with_gap, asked))
        assert ("incomplete" in found(with_gap, cast.at)) is lacks, name


def test_every_rule_says_what_is_wrong_and_what_to_do() -> None:
    assert len(RULES) >= 30
    assert all(rule.label and rule.mend and rule.group in catalogue.GROUPS for rule in RULES.values())


@pytest.mark.parametrize("months", SILENCES)
def test_figures_count_what_the_lists_hold(cast: Cast, lead: Lead, months: int) -> None:
    cast.lead(source="web")
    cast.lead(source="web", phone="03-3210-4568")
    look(cast.at + timedelta(days=400))
    told = figures.count(QualityTally.objects.all(), months=months)
    assert told == figures.count(Findings.objects.all(), months=months)
    assert (told.whole.total, told.whole.groups["stale"]) == (3, 0 if months == 24 else 3)
    rows = Lead.objects.all()
    for code, n in told.whole.rules.items():
        assert figures.narrowed(rows, months=months, rule=code).count() == n, code
    for line in told.by_source:
        mine = rows.filter(source=line.key)
        assert figures.narrowed(mine, months=months, sound="yes").count() == line.sound
        assert figures.narrowed(mine, months=months, sound="no").count() == line.total - line.sound
        for group, count in line.groups.items():
            assert figures.narrowed(mine, months=months, group=group).count() == count, group


def test_who_asks_for_no_rule_gets_the_leads_with_something_found(cast: Cast, lead: Lead) -> None:
    poor = cast.lead()
    look(cast.at)
    assert list(figures.narrowed(Lead.objects.all())) == [poor]
    assert set(figures.looked_at(Lead.objects.all())) == {lead, poor}


@pytest.mark.parametrize(
    ("name", "region"),
    [("日本", "JP"), ("japan", "JP"), ("ＪＰ", "JP"), ("Deutschland", "DE"), ("米国", "US"), ("Nihonn", "")],
)
def test_countries_are_known_by_many_names(name: str, region: str) -> None:
    assert countries.region_of(name) == region


# -- mending --------------------------------------------------------------------------------------


def test_one_country_is_set_for_many_and_each_change_is_kept(cast: Cast) -> None:
    leads = [cast.lead() for _ in range(3)]
    done = mending.mend([row.pk for row in leads], "country", "日本", by=cast.marketer, at=cast.at)
    assert done == 3
    assert {row.account.country for row in Lead.objects.select_related("account")} == {"日本"}
    kept = LedgerEntry.objects.filter(kind="account.edited", at=cast.at, actor=cast.marketer)
    assert [row.data for row in kept if "country" in row.data] == [{"country": ["", "日本"]}] * 3


def test_what_tells_records_apart_is_set_one_by_one(cast: Cast) -> None:
    leads = [cast.lead().pk for _ in range(2)]
    with pytest.raises(Refused, match="one by one"):
        mending.mend(leads, "email", "a@kita.jp", by=cast.marketer, at=cast.at)


@pytest.mark.parametrize(
    ("detail", "typed"),
    [
        ("email", "x"),
        ("phone", "12"),
        ("employee_count", "0"),
        ("corporate_number", "1"),
        ("country", " "),
        ("x", "y"),
    ],
)
def test_what_cannot_be_right_is_refused(cast: Cast, lead: Lead, detail: str, typed: str) -> None:
    before = LedgerEntry.objects.count()
    with pytest.raises(Refused):
        mending.mend([lead.pk], detail, typed, by=cast.marketer, at=cast.at)
    assert LedgerEntry.objects.count() == before


def test_a_lead_goes_to_the_company_of_this_name_with_its_person(cast: Cast, lead: Lead) -> None:
    known = cast.lead(company="北斗商事株式会社").account
    mending.mend([lead.pk], "company", "北斗商事(株)", by=cast.marketer, at=cast.at)
    lead.refresh_from_db()
    assert (lead.account, lead.contact.account) == (known, known)
    mending.mend([lead.pk], "company", "まだ誰も知らない会社", by=cast.marketer, at=cast.at)
    lead.refresh_from_db()
    assert lead.account.name == "まだ誰も知らない会社"


def test_a_detail_that_was_lacking_makes_the_lead_an_mql(cast: Cast, lead: Lead) -> None:
    change(lead, contact__last_name="")
    weight = lifecycle.current_decay().weight(cast.at)
    type(lead.score).objects.filter(lead=lead).update(engagement=500 * weight)
    mending.mend([lead.pk], "last_name", "小野寺", by=cast.marketer, at=cast.at)
    lead.refresh_from_db()
    assert lead.stage == Stage.MQL


def test_whoever_does_not_work_a_lead_mends_nothing(cast: Cast) -> None:
    mine, other = cast.handoff().lead, cast.handoff(to=cast.stranger).lead
    assert mending.mend([mine.pk], "job_title", "部長", by=cast.rep, at=cast.at) == 1
    with pytest.raises(Refused):
        mending.mend([other.pk], "job_title", "部長", by=cast.rep, at=cast.at)
    Lead.objects.filter(pk=mine.pk).update(owner=cast.colleague)
    with pytest.raises(PermissionDenied):
        mending.mend([mine.pk], "job_title", "課長", by=cast.rep, at=cast.at)


def test_what_is_right_as_it_is_is_remembered_until_it_is_doubted(cast: Cast, lead: Lead) -> None:
    change(lead, account__country="Germany")
    assert mending.confirm([lead.pk], "phone-abroad", by=cast.marketer, at=cast.at) == 1
    assert mending.confirm([lead.pk], "phone-abroad", by=cast.marketer, at=cast.at) == 0
    assert "phone-abroad" not in found(lead, cast.at)
    assert mending.doubt([lead.pk], "phone-abroad", by=cast.marketer, at=cast.at) == 1
    assert "phone-abroad" in found(lead, cast.at)


def test_a_confirmation_is_of_the_record_and_not_of_one_lead(cast: Cast) -> None:
    one, other = cast.lead(email="a@betsu.co.jp"), cast.lead(email="b@betsu.co.jp")
    mending.confirm([one.pk], "no-industry", by=cast.marketer, at=cast.at)
    assert "no-industry" not in found(other, cast.at)
    assert Confirmation.objects.get().record_id == other.account_id


# -- over time ------------------------------------------------------------------------------------


def test_a_second_look_on_a_day_replaces_the_first(cast: Cast) -> None:
    for _ in range(2):
        cast.lead(source="web")
        look(cast.at)
        history.snapshot(at=cast.at)
    assert QualityFigure.objects.get(source="web", rule="").count == 2


def test_old_days_go_and_their_mondays_stay(cast: Cast) -> None:
    cast.lead(source="web")
    look(cast.at)
    for days in range(50):
        history.snapshot(at=cast.at - timedelta(days=days)) if days in (
            0,
            40,
            41,
            42,
            43,
            44,
            45,
            46,
        ) else None
    history.snapshot(at=cast.at)
    kept = sorted(set(QualityFigure.objects.values_list("on", flat=True)))
    assert len(kept) == 2
    assert kept[0].weekday() == 0


def test_the_trend_is_told_by_week_to_who_sees_every_lead(cast: Cast) -> None:
    cast.lead(source="web")
    look(cast.at)
    for weeks in (2, 1, 0):
        history.snapshot(at=cast.at - timedelta(weeks=weeks))
    told = history.weeks(cast.marketer, on=cast.at.date() + timedelta(days=1))
    assert [counts[""] for _monday, counts in told] == [1, 1, 1]
    assert all(monday.weekday() == 0 for monday, _counts in told)
    assert history.weeks(cast.rep, on=cast.at.date()) == []
