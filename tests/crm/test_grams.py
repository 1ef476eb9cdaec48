"""Words found inside names and addresses, in any script."""

import pytest
from django.db import connection

from crm import grams
from crm.models import Account, Contact

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> Contact:
    company = Account.objects.create(name="㈱アルファ商事", name_key="アルファ商事", domain="alpha.example")
    return Contact.objects.create(
        last_name="小野寺", first_name="健", email="K.Onodera@alpha.example", email_key="x", account=company
    )


@pytest.mark.parametrize(
    "asked", ["野寺", "小野寺健", "寺健", "健", "小", "onodera@", "ONO", "ｏｎｏｄｅｒａ", "k.o"]
)
def test_a_part_of_the_own_text_is_found(person: Contact, asked: str) -> None:
    assert list(Contact.objects.named(*grams.words(asked))) == [person]


@pytest.mark.parametrize("asked", ["寺", "小健", "onoderaa", "%", "o_o", "小野寺 健太"])
def test_what_is_not_there_is_not_found(person: Contact, asked: str) -> None:
    assert not Contact.objects.holding(*grams.words(asked)).exists()


@pytest.mark.parametrize("word", ["ab", "o'b", "\\", "b健", "健a", "健ab", "am"])
def test_the_index_is_asked_for_words_of_any_length_and_script(word: str) -> None:
    Contact.objects.create(last_name="\\am", first_name="o'b健ab", email_key="x")
    assert Contact.objects.named(word).exists()
    assert not Contact.objects.named(f"{word}zz").exists()


def test_all_grams_in_another_order_are_not_the_word() -> None:
    Contact.objects.create(last_name="abaab", email_key="x")
    assert not Contact.objects.named("abab").exists()


@pytest.mark.parametrize("asked", ["小野寺 アルファ", "商事 健", "商事", "alpha"])
def test_each_word_may_be_of_the_person_or_of_the_company(person: Contact, asked: str) -> None:
    assert list(Contact.objects.holding(*grams.words(asked))) == [person]


def test_the_index_answers_for_words_of_two_characters_and_more() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for word in ("野寺", "小野寺"):
            assert "contact_grams" in Contact.objects.named(word).order_by().explain()
