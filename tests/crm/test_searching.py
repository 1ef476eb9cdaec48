"""The search: what changed is compared with what is stored; a decision is remembered; the crowd is left out."""

from crm import directory, duplicates, searching
from crm.models import DuplicatePair, Fingerprint, PairStatus
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
    with django_assert_max_num_queries(22):
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
