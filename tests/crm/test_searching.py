"""The search: what changed is compared with what is stored; a decision is remembered; the crowd is left out."""

import io

import pytest
from django.core.management import call_command

from crm import directory, duplicates, searching
from crm.matching.pairs import CROWD
from crm.models import Account, Block, Contact, DuplicatePair, Fingerprint, PairStatus
from sla import merging


def person(cast, last, first="太郎", **known):
    known.setdefault("external_id", f"{last}{first}{len(known)}{Fingerprint.objects.count()}")
    return directory.add_contact(last_name=last, first_name=first, by=cast.admin, at=cast.at, **known)


def search(cast):
    return searching.search(at=cast.at)


def test_two_records_of_one_person_are_found_with_reasons(cast):
    one = person(cast, "山田", phone="03-1234-5678")
    other = person(cast, "太郎", "山田", phone="０３－１２３４－５６７８")
    search(cast)
    pair = DuplicatePair.objects.open().get()
    assert (pair.low, pair.high) == (one.pk, other.pk)
    assert {"same-phone", "same-name"} <= set(pair.reasons)
    assert pair.certain == ["name-and-phone"]


def test_what_did_not_change_is_not_looked_at_again(cast):
    person(cast, "山田", phone="03-1234-5678")
    person(cast, "鈴木")
    assert search(cast) == 2
    assert search(cast) == 0
    late = person(cast, "山田", phone="03-1234-5678", external_id="late")
    assert search(cast) == 1
    assert DuplicatePair.objects.get().high == late.pk


def test_work_grows_with_what_changed_and_not_with_what_is_stored(cast, django_assert_max_num_queries):
    for number in range(30):
        person(cast, f"山田{number}", phone=f"03-1234-56{number:02}")
    search(cast)
    person(cast, "山田5", phone="03-1234-5605", external_id="late")
    with django_assert_max_num_queries(23):
        search(cast)


def test_a_pair_that_is_alike_no_more_is_dropped(cast):
    person(cast, "山田", phone="03-1234-5678")
    other = person(cast, "山田", phone="03-1234-5678", external_id="other")
    search(cast)
    directory.edit_contact(other, by=cast.admin, at=cast.at, last_name="鈴木", phone="03-9999-5678")
    search(cast)
    assert not DuplicatePair.objects.exists()


def test_not_the_same_is_never_suggested_again(cast):
    one = person(cast, "山田", phone="03-1234-5678")
    other = person(cast, "山田", phone="03-1234-5678", external_id="other")
    search(cast)
    duplicates.keep_apart("contact", other.pk, one.pk, by=cast.marketer, at=cast.at)
    searching.search_all(at=cast.at)
    pair = DuplicatePair.objects.get()
    assert (pair.status, pair.decided_by) == (PairStatus.APART, cast.marketer)


def test_after_a_merge_the_one_that_stays_is_searched_with_what_it_learnt(cast):
    one = person(cast, "山田", phone="03-1234-5678")
    other = person(cast, "山田", email="yamada@example.jp", external_id="other")
    third = person(cast, "山田", phone="03-1234-5678", external_id="third")
    search(cast)
    merging.merge_people(one, into=other, by=cast.admin, at=cast.at)
    search(cast)
    pair = DuplicatePair.objects.open().get()
    assert (pair.low, pair.high, pair.certain) == (other.pk, third.pk, ["name-and-phone"])


def test_companies_are_found_too_and_numbers_keep_them_apart(cast):
    for name in ("株式会社アルファ 3434", "㈱アルファ３４３４", "アルファ 4760"):
        directory.add_account(name=name, by=cast.admin, at=cast.at)
    search(cast)
    pair = DuplicatePair.objects.open().get()
    assert pair.reasons == ["same-company-name"]


def test_a_search_that_is_stopped_goes_on_with_what_is_left(cast, monkeypatch):
    monkeypatch.setattr(searching, "BATCH", 1)
    one, other = (person(cast, "山田", phone="03-1234-5678", external_id=key) for key in "ab")
    steps = searching.steps(at=cast.at)
    assert next(steps) == 1
    steps.close()
    assert searching.left() == 1
    assert list(searching.steps(at=cast.at)) == [1]
    assert DuplicatePair.objects.filter(low=one.pk, high=other.pk).exists()


def test_a_batch_that_breaks_down_counts_as_not_searched(cast, monkeypatch):
    for key in "ab":
        person(cast, "山田", phone="03-1234-5678", external_id=key)
    with monkeypatch.context() as broken:
        broken.setattr(searching, "_compare", lambda *_all: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            search(cast)
    assert (searching.left(), Block.objects.count()) == (2, 0)
    assert search(cast) == 2
    assert DuplicatePair.objects.count() == 1


def test_everything_anew_leaves_what_was_found_in_its_place(cast, monkeypatch):
    monkeypatch.setattr(searching, "BATCH", 1)
    for key in "ab":
        person(cast, "山田", phone="03-1234-5678", external_id=key)
    search(cast)
    found = DuplicatePair.objects.get()
    assert searching.search_all(at=cast.at) == 2
    assert DuplicatePair.objects.get() == found


def test_who_joins_a_crowd_is_not_compared_with_it(cast):
    Contact.objects.bulk_create(Contact(last_name="佐藤", first_name="太郎") for _n in range(CROWD + 40))
    search(cast)
    before = DuplicatePair.objects.count()
    late = person(cast, "佐藤")
    search(cast)
    assert DuplicatePair.objects.count() == before
    assert not DuplicatePair.objects.touching("contact", late.pk).exists()


def test_of_a_common_name_in_a_big_company_the_two_of_one_name_are_found(cast):
    company = Account.objects.create(name="株式会社アルファ", name_key="アルファ")
    Contact.objects.bulk_create(
        [Contact(last_name="佐藤", first_name=f"太{number}", account=company) for number in range(CROWD + 1)]
    )
    twins = [person(cast, "佐藤", "花子", external_id=key) for key in "ab"]
    Contact.objects.filter(pk__in=[one.pk for one in twins]).update(account=company)
    search(cast)
    pair = DuplicatePair.objects.touching("contact", twins[0].pk).get()
    assert pair.high == twins[1].pk
    assert {"same-name", "same-company"} <= set(pair.reasons)


def test_the_command_tells_how_far_it_is_and_what_was_found(cast, monkeypatch):
    monkeypatch.setattr(searching, "BATCH", 1)
    for key in "ab":
        person(cast, "山田", phone="03-1234-5678", external_id=key)
    told = io.StringIO()
    call_command("find_duplicates", stdout=told)
    first, second, last = told.getvalue().splitlines()
    assert first.startswith("1 of 2 records compared")
    assert second.startswith("2 of 2 records compared")
    assert last == "1 pairs to be decided."


def test_a_command_that_is_interrupted_keeps_what_it_compared(cast, monkeypatch):
    person(cast, "山田")

    def interrupted(**_options):
        yield searching.search(at=cast.at, batches=1)
        raise KeyboardInterrupt

    monkeypatch.setattr(searching, "steps", interrupted)
    monkeypatch.setattr(searching, "search", lambda **_options: 1)
    told = io.StringIO()
    call_command("find_duplicates", all=True, stdout=told)
    assert "the next search goes on with the rest" in told.getvalue()
