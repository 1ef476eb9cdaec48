"""Companies: written alike, numbered apart, and one only where something exact says so."""

import pytest

from crm.matching import companies, pairs


def judge(one, other, **known):
    theirs = {name: values[1] for name, values in known.items()}
    mine = {name: values[0] for name, values in known.items()}
    return pairs.COMPANIES.judge(
        companies.company(1, name=one, **mine), companies.company(2, name=other, **theirs)
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("株式会社アルファ", "㈱アルファ"),
        ("アルファ（株）", "株式会社　ｱﾙﾌｧ"),
        ("有限会社宮脇商事", "宮脇商事"),
        ("Alpha Inc.", "ALPHA Co., Ltd."),
    ],
)
def test_the_legal_form_and_the_width_do_not_count_and_a_name_alone_is_only_suggested(one, other):
    said = judge(one, other)
    assert "same-company-name" in said.reasons
    assert said.certain == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("アルファ 3434", "アルファ 4760"),
        ("第一アルファ工業", "第二アルファ工業"),
        ("Alpha Holdings II", "Alpha Holdings III"),
        ("Alpha Partners 1", "Alpha Partners"),
    ],
)
def test_numbers_that_differ_keep_companies_apart(one, other):
    assert not judge(one, other).is_worth_showing


def test_different_corporate_numbers_end_it_whatever_the_name():
    said = judge("アルファ", "アルファ", corporate_number=("5070001000715", "6020001008662"))
    assert (said.score, said.certain) == (0, ())


def test_a_corporate_number_is_certain_even_after_a_change_of_name():
    said = judge("江守グループ", "サスティナ", corporate_number=("5070001000715", "5070001000715"))
    assert said.certain == ("same-corporate-number",)


def test_name_and_own_domain_are_certain_and_a_free_mail_domain_is_none():
    assert judge("アルファ", "㈱アルファ", domain=("alpha.jp", "alpha.jp")).certain == ("name-and-domain",)
    assert judge("アルファ", "㈱アルファ", domain=("gmail.com", "gmail.com")).certain == ()


@pytest.mark.parametrize(("one", "other"), [("髙島工業", "高島工業"), ("宮﨑製作所", "宮崎製作所")])
def test_variants_of_a_character_are_suggested_and_never_certain_by_name(one, other):
    said = judge(one, other, domain=("alpha.jp", "alpha.jp"))
    assert "variant-characters" in said.reasons
    assert said.certain == ()
    assert said.is_worth_showing
