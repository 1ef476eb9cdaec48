import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.keys import company_key, person_key

JAPANESE = st.text(st.sampled_from("あいうアイウ日立高島屋ーｱｲｳＡＢＣ12・"), min_size=1)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("株式会社日立製作所", "日立製作所"),
        ("㈱日立製作所", "（株）日立製作所"),
        ("㍿日立製作所", "日立製作所 (株)"),
        ("有限会社　みどり", "㈲ミドリ"),
        ("合同会社ABC", "ＡＢＣ"),
        ("株式会社　サカタのタネ", "サカタノタネ"),
        ("カブシキガイシャアルファ", "ｱﾙﾌｧ"),
        ("テクノバンク・サンケン", "テクノバンクサンケン"),
        ("ソフトウェア－", "ソフトウェアー"),
        ("ソフトウエア‐", "ソフトウエアー"),
        ("ジャパン－コーポレーション", "ジャパン・コーポレーション"),
        ("髙島屋", "高島屋"),
        ("山﨑砂利商店", "山崎砂利商店"),
        ("Acme, Inc.", "ACME"),
        ("ＡＣＭＥ Ｃｏ．，Ｌｔｄ．", "Acme Corporation"),
        ("Müller GmbH & Co. KG", "MULLER"),
        ("Nestlé S.A.", "Nestle"),
        ("The Coca-Cola Company", "Coca Cola"),
        ("AT&T Inc.", "AT and T"),
        ("A.B.C. K.K.", "ABC"),
        ("Y’s Ltd", "Y's"),
    ],
)
def test_one_company_written_in_two_ways_has_one_key(one: str, other: str) -> None:
    assert company_key(one) == company_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("アルファ", "アルファシステムズ"),
        ("アルファ", "テクノアルファ"),
        ("ビル", "ビール"),
        ("ハート", "パート"),
        ("Acme Tools", "Acme"),
        ("日本生命保険", "日本保険"),
        ("Incline", "line"),
    ],
)
def test_different_names_keep_different_keys(one: str, other: str) -> None:
    assert company_key(one) != company_key(other)


@pytest.mark.parametrize("name", ["株式会社", "Inc.", "Company", "Co., Ltd.", "K.K."])
def test_a_name_that_is_only_a_legal_form_keeps_a_key(name: str) -> None:
    assert company_key(name)


@pytest.mark.parametrize("name", ["", "  ", "・", "—"])
def test_a_blank_name_has_no_key(name: str) -> None:
    assert company_key(name) == ""
    assert person_key(last=name) == ""


@given(st.text(st.characters(exclude_categories=("Cs",))) | JAPANESE)
def test_keys_do_not_depend_on_width_case_or_space(name: str) -> None:
    key = company_key(name)
    assert company_key(f"　{name} ") == key
    assert company_key(key) == company_key(company_key(key))
    assert not any(sign.isspace() for sign in key)


@given(JAPANESE)
def test_a_legal_form_before_or_after_changes_nothing(name: str) -> None:
    assert company_key(f"株式会社{name}") == company_key(f"{name}　㈱") or not company_key(name)


# People -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"last": "髙﨑", "first": "隆"}, {"last": "高崎", "first": "\uf9dc"}),
        ({"last": "山田", "first": "太郎"}, {"last": "山田　太郎 様"}),
        ({"last": "やまだ", "first": "たろう"}, {"last": "ﾔﾏﾀﾞ", "first": "ﾀﾛｳ"}),
        ({"last": "渡邉", "first": "惠"}, {"last": "渡辺", "first": "恵"}),
        ({"last": "Yamada", "first": "Taro"}, {"first": "TARO YAMADA"}),
        ({"last": "Yamada", "first": "Taro"}, {"first": "Yamada", "last": "Taro"}),
        ({"last": "García", "first": "José"}, {"last": "garcia", "first": "JOSE"}),
        ({"last": "O'Brien", "first": "Ann"}, {"last": "O’Brien", "first": "Ms. Ann"}),
        ({"first": "Taro Yamada 様"}, {"last": "Yamada", "first": "Taro"}),
    ],
)
def test_one_person_written_in_two_ways_has_one_key(one: dict[str, str], other: dict[str, str]) -> None:
    assert person_key(**one) == person_key(**other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"last": "山田", "first": "太郎"}, {"last": "山田", "first": "次郎"}),
        ({"last": "斎藤"}, {"last": "斉藤"}),  # two family names
        ({"last": "中島"}, {"last": "中嶋"}),
        ({"last": "Yamada", "first": "Taro"}, {"last": "Yamada", "first": "Jiro"}),
    ],
)
def test_different_people_keep_different_keys(one: dict[str, str], other: dict[str, str]) -> None:
    assert person_key(**one) != person_key(**other)
