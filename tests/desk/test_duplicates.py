"""The pages about duplicates: found, compared, merged with the values chosen, kept apart, and taken back."""

import pytest

from crm import directory, searching
from crm.models import Account, AutomaticMerge, Contact, DuplicatePair, MergeRecord, PairStatus
from leads.models import Lead
from sla import auto_merging
from tests.support.rest import Rest


@pytest.fixture
def pair(cast, clock):
    for number, name in enumerate(("太郎", "太郎")):
        known = {"external_id": f"x{number}", "job_title": f"役職{number}", "phone": "03-1234-5678"}
        directory.add_contact(last_name="山田", first_name=name, by=cast.admin, at=cast.at, **known)
    searching.search(at=cast.at)
    return DuplicatePair.objects.get()


@pytest.fixture
def browser(client, cast):
    client.force_login(cast.marketer)
    return client


def test_the_list_says_why_and_filters_by_it(browser, pair):
    assert "Same phone number" in browser.get("/duplicates/").content.decode()
    assert "山田" in browser.get("/duplicates/?reason=same-phone").content.decode()
    assert "山田" not in browser.get("/duplicates/?reason=same-email").content.decode()
    assert "山田" in browser.get("/duplicates/export.csv").content.decode()


def test_the_list_is_narrowed_to_records_of_a_source(browser, pair, cast):
    moments = {"stage_at": cast.at, "captured_at": cast.at}
    Lead.objects.create(contact_id=pair.high, source="fair", **moments)
    assert "山田" in browser.get("/duplicates/?source=fair").content.decode()
    assert "山田" not in browser.get("/duplicates/?source=web").content.decode()
    assert "source=fair" in browser.get("/duplicates/").content.decode()


def test_the_list_asks_the_same_number_of_questions_however_long(
    browser, pair, cast, django_assert_max_num_queries
):
    for number in range(10):
        known = {"external_id": f"y{number}", "phone": "03-1234-5678"}
        directory.add_contact(last_name="山田", first_name="太郎", by=cast.admin, at=cast.at, **known)
    searching.search(at=cast.at)
    with django_assert_max_num_queries(14):
        assert browser.get("/duplicates/").status_code == 200


def test_side_by_side_the_chosen_value_stays(browser, pair):
    page = browser.get(f"/duplicates/{pair.pk}/").content.decode()
    assert "役職0" in page
    assert "役職1" in page
    browser.post(f"/duplicates/{pair.pk}/merge/", {"stays": pair.low, "job_title": "high"})
    winner = Contact.objects.standing().get()
    assert (winner.pk, winner.job_title) == (pair.low, "役職1")


def test_the_list_opens_on_pairs_that_are_rather_one_and_shows_the_others_when_asked(browser, pair):
    DuplicatePair.objects.update(score=18)
    assert "山田" not in browser.get("/duplicates/").content.decode()
    assert "山田" in browser.get("/duplicates/?score=possible").content.decode()
    assert "山田" in browser.get("/duplicates/?score=any").content.decode()


def test_after_a_decision_comes_the_next_likely_pair_and_in_the_end_the_list(browser, pair, cast):
    known = {"external_id": "y", "job_title": "役職", "phone": "03-1234-5678"}
    directory.add_contact(last_name="山田", first_name="太郎", by=cast.admin, at=cast.at, **known)
    searching.search(at=cast.at)
    first, *others = DuplicatePair.objects.open().likeliest_first()
    answer = browser.post(f"/duplicates/{first.pk}/apart/")
    assert answer["Location"] in {f"/duplicates/{other.pk}/" for other in others}
    DuplicatePair.objects.exclude(pk=others[0].pk).update(score=18)
    assert browser.post(f"/duplicates/{others[0].pk}/apart/")["Location"] == "/duplicates/?kind=contact"


def test_not_the_same_leaves_the_list(browser, pair):
    browser.post(f"/duplicates/{pair.pk}/apart/")
    assert DuplicatePair.objects.get().status == PairStatus.APART
    assert "山田" not in browser.get("/duplicates/").content.decode()


def test_exact_ones_are_merged_together_after_a_question_and_taken_back_singly(browser, pair):
    assert "山田" in browser.get("/duplicates/merge-exact/?kind=contact").content.decode()
    browser.post("/duplicates/merge-exact/", {"kind": "contact"})
    assert Contact.objects.standing().count() == 1
    record = MergeRecord.objects.get()
    assert "山田" in browser.get("/duplicates/merged/").content.decode()
    browser.post(f"/duplicates/merged/{record.pk}/undo/")
    assert Contact.objects.standing().count() == 2


def test_a_stranger_sees_none_of_it(client, cast, pair):
    client.force_login(cast.stranger)
    assert "山田" not in client.get("/duplicates/").content.decode()
    assert client.get(f"/duplicates/{pair.pk}/").status_code == 404
    assert client.post(f"/duplicates/{pair.pk}/merge/", {"stays": pair.low}).status_code == 404


def test_a_record_says_that_there_may_be_another(browser, cast, clock):
    one, _other = (
        directory.add_account(name=name, by=cast.admin, at=cast.at) for name in ("㈱甲", "株式会社甲")
    )
    searching.search(at=cast.at)
    assert "second record" in browser.get(f"/accounts/{one.pk}/").content.decode()


def test_nothing_merges_by_itself_until_a_rule_is_switched_on(cast, pair):
    assert auto_merging.merge_certain(at=cast.at) == 0
    AutomaticMerge.objects.create(rule="contact:name-and-phone")
    assert auto_merging.merge_certain(at=cast.at) == 1
    assert MergeRecord.objects.get().rule == "name-and-phone"


def test_over_rest_the_old_id_of_a_company_and_a_person_answers_with_the_new_one(cast, clock, pair):
    api = Rest(cast.admin, cast.at)
    one, other = (
        directory.add_account(name=name, by=cast.admin, at=cast.at) for name in ("甲商事", "乙商事")
    )
    for kind, old, new in (("accounts", one.pk, other.pk), ("contacts", pair.low, pair.high)):
        answer = api.post(f"/api/v1/{kind}/{old}/merge/", {"into": new})
        assert (answer.status_code, answer.json()["id"]) == (200, new)
        assert api.get(f"/api/v1/{kind}/{old}/").json()["id"] == new
    assert Account.objects.get(pk=one.pk).merged_into_id == other.pk


def test_the_page_of_the_old_company_leads_to_the_new_one(browser, cast, clock):
    one, other = (
        directory.add_account(name=name, by=cast.admin, at=cast.at) for name in ("甲商事", "乙商事")
    )
    api = Rest(cast.admin, cast.at)
    api.post(f"/api/v1/accounts/{one.pk}/merge/", {"into": other.pk})
    assert browser.get(f"/accounts/{one.pk}/")["Location"] == f"/accounts/{other.pk}/"
