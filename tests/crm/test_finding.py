"""The newest that hold a word: the same whether records are read, or looked up among the recent and the others."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm import finding, grams
from crm.models import Account, Contact

pytestmark = pytest.mark.django_db
Find = Callable[..., list[list[int]]]


@pytest.fixture(params=["read", "read as the newest", "looked up among the recent", "looked up among all"])
def find(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Find:
    if request.param == "read":
        return finding.among_some
    if request.param != "read as the newest":
        monkeypatch.setattr(finding, "NEWEST", 0)
    if request.param == "looked up among all":
        monkeypatch.setattr(finding, "RECENT", 0)
    return finding.among_all


@pytest.fixture
def person() -> Contact:
    company = Account.objects.create(name="㈱アルファ商事", name_key="アルファ商事", domain="alpha.example")
    return Contact.objects.create(
        last_name="小野寺", first_name="健", email="K.Onodera@alpha.example", email_key="x", account=company
    )


def found(find: Find, asked: str, most: int = 8) -> list[list[int]]:
    return find([Contact.objects.standing(), Account.objects.standing()], grams.words(asked), most=most)


@pytest.mark.parametrize(
    "asked",
    [
        "野寺",
        "小野寺健",
        "健",
        "ONO",
        "ｏｎｏｄｅｒａ",
        "k.o",
        "小野寺 アルファ",
        "商事 健",
        "健 onodera ｱﾙﾌｧ",
    ],
)
def test_each_word_may_be_of_the_person_or_of_the_company(find: Find, person: Contact, asked: str) -> None:
    assert found(find, asked) == [[person.pk], []]


@pytest.mark.parametrize("asked", ["寺", "小健", "onoderaa", "%", "o_o", "小野寺 健太", "'", "\\", "%s"])
def test_what_is_not_there_is_not_found(find: Find, person: Contact, asked: str) -> None:
    assert found(find, asked) == [[], []]


def test_a_company_is_found_with_its_people(find: Find, person: Contact) -> None:
    assert found(find, "ｱﾙﾌｧ商事") == [[person.pk], [person.account_id]]


def test_the_newest_come_first_and_no_more_than_asked_for(find: Find) -> None:
    keys = [Contact.objects.create(last_name="山田", email_key=f"{n}").pk for n in range(5)]
    assert found(find, "山田", most=3) == [[*reversed(keys[2:])], []]


def test_a_word_whose_grams_stand_in_another_order_is_not_found(find: Find) -> None:
    Contact.objects.create(last_name="abaab", email_key="x")
    assert found(find, "abab") == [[], []]


@pytest.mark.parametrize("asked", ["on", "no", "com", "'on", "li\\", "健a", "ab健", "b健", "健z健"])
def test_words_shorter_than_a_gram_and_of_two_scripts_are_found(find: Find, asked: str) -> None:
    person = Contact.objects.create(
        last_name="'ono li\\", first_name="ab健z健ab", email="no@x.com", email_key="x"
    )
    assert (found(find, asked) == [[person.pk], []]) is (asked in "'ono li\\ ab健z健ab no@x.com")


def test_a_gram_that_everybody_has_is_not_asked_for_but_looked_for(find: Find) -> None:
    keys = [Contact.objects.create(email=f"p{n}@same.example", email_key=f"{n}").pk for n in range(9)]
    assert found(find, "p7@same.example") == [[keys[7]], []]
    assert found(find, "samexam") == [[], []]


def test_a_word_of_grams_that_everybody_has_is_found(find: Find) -> None:
    keys = [Contact.objects.create(email=f"p{n}@same.example", email_key=f"{n}").pk for n in range(3)]
    assert found(find, "same") == [[*reversed(keys)], []]


def test_nobody_is_found_whom_the_question_leaves_out(find: Find, person: Contact) -> None:
    assert find([Contact.objects.none()], ["小野寺"], most=8) == [[]]
    assert find([Contact.objects.exclude(pk=person.pk)], ["小野寺"], most=8) == [[]]


def test_people_of_more_companies_than_are_visited_are_found_by_what_is_theirs(
    find: Find, person: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "VISITED", 0)
    assert found(find, "小野寺 アルファ")[0] == [person.pk]


def test_a_common_word_takes_two_statements(person: Contact) -> None:
    with CaptureQueriesContext(connection) as asked:
        finding.among_all([Contact.objects.all()], ["小野寺"], most=1)
    assert len(asked) == 2
