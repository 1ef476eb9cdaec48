"""What makes two records of people one, what only looks like it, and what speaks against it."""

import pytest

from crm.matching import pairs, people


def judge(one, other):
    return pairs.PEOPLE.judge(people.person(1, **one), people.person(2, **other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"last": "山田", "first": "太郎"}, {"last": "太郎", "first": "山田"}),
        ({"last": "山田 太郎 様"}, {"last": "山田", "first": "太郎"}),
        ({"last": "ﾔﾏﾀﾞ", "first": "ﾀﾛｳ"}, {"last": "やまだ", "first": "たろう"}),
        ({"last": "Mori", "first": "Takashi"}, {"first": "Mr. TAKASHI", "last": "ＭＯＲＩ"}),
        ({"last": "Takashi Mori"}, {"first": "Takashi", "last": "Mori"}),
    ],
)
def test_a_name_is_the_same_in_either_order_width_and_kana(one, other):
    assert "same-name" in judge(one, other).reasons


def test_a_slip_in_a_latin_name_is_almost_the_same():
    said = judge({"last": "Mori", "first": "Takashi"}, {"last": "Moori", "first": "Takashi"})
    assert "similar-name" in said.reasons
    assert said.certain == ()


def test_two_short_japanese_names_that_differ_in_a_sign_are_not_alike():
    assert judge({"last": "山田", "first": "太郎"}, {"last": "山本", "first": "次郎"}).score == 0


@pytest.mark.parametrize(
    ("known", "rule"),
    [
        ({"email": "a@example.jp"}, "same-email"),
        ({"number": "6988048"}, "same-number"),
        ({"day": "19990219"}, "name-and-birth-date"),
        ({"phone": "+81312345678"}, "name-and-phone"),
        ({"address": "6 tullaroop street"}, "name-and-address"),
    ],
)
def test_exact_evidence_is_certain(known, rule):
    name = {"last": "山田", "first": "太郎"}
    assert rule in judge(name | known, name | known).certain
    assert judge(name, name).certain == ()


def test_a_phone_alone_may_be_a_switchboard():
    phone = {"phone": "+81312345678"}
    said = judge({"last": "山田", "first": "太郎", **phone}, {"last": "鈴木", "first": "花子", **phone})
    assert said.certain == ()


def test_variants_of_a_character_are_suggested_and_never_certain():
    phone = {"phone": "+81312345678"}
    said = judge({"last": "髙橋", "first": "愛", **phone}, {"last": "高橋", "first": "愛", **phone})
    assert "variant-characters" in said.reasons
    assert said.certain == ()
    assert said.is_worth_showing


def test_father_and_son_of_one_name_at_one_address_are_two():
    home = {"last": "Berry", "first": "Lachlan", "address": "69 giblin street"}
    assert judge(home | {"day": "19600210"}, home | {"day": "19990219"}).certain == ()


@pytest.mark.parametrize(
    "other", ["taro.yamada@example.jp", "taroyamada+news@example.jp", "taroyamada@gmail.com"]
)
def test_a_tag_dots_or_another_domain_are_suggested_only(other):
    said = judge({"email": "taroyamada@example.jp"}, {"email": other})
    assert "similar-email" in said.reasons
    assert said.certain == ()
    assert said.is_worth_showing


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("sato1@example.co.jp", "sato2@example.co.jp"),
        ("sato@example.co.jp", "sato12@example.co.jp"),
        ("t.yamada@example.co.jp", "t.yamamoto@example.co.jp"),
    ],
)
def test_colleagues_with_numbered_or_like_names_have_different_addresses(one, other):
    assert "different-email" in judge({"email": one}, {"email": other}).reasons


@pytest.mark.parametrize(
    "other", ["kathyrn20@example.com", "k.athryn20@example.com", "kathryn20+news@example.com"]
)
def test_a_slip_a_dot_or_a_tag_within_one_domain_is_almost_the_same_address(other):
    assert "similar-email" in judge({"email": "kathryn20@example.com"}, {"email": other}).reasons


def test_namesakes_at_different_companies_are_not_shown():
    one = {"last": "山田", "first": "太郎", "email": "t1@example.jp", "company": "アルファ工業"}
    other = {"last": "山田", "first": "太郎", "email": "yamada@sample.com", "company": "ベータ商事"}
    assert not judge(one, other).is_worth_showing
