from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.identity import (
    CompanyFacts,
    InvalidCorporateNumber,
    InvalidEmail,
    InvalidPhone,
    Match,
    check_digit,
    company_key,
    compare_companies,
    email_key,
    lookup_key,
    parse_corporate_number,
    parse_email,
    parse_phone,
)
from crm.tabular import open_table

COMPANIES = "jp_companies/companies_only_20240721_cp932.csv"

# E-mail -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ("Taro.Yamada@Example.CO.JP", "taro.yamada@example.co.jp"),
        ("ｔａｒｏ＠ｅｘａｍｐｌｅ．ｃｏ．ｊｐ", "taro@example.co.jp"),
        ("  a@b.test \n", "a@b.test"),
        ("a\u200bb@example.com", "ab@example.com"),
        ("mailto:z@example.com", "z@example.com"),
        ("a@例え.jp", "a@xn--r8jz45g.jp"),
        ("a+tag@example.com", "a+tag@example.com"),
        ("a@example。com", "a@example.com"),
    ],
)
def test_an_address_has_one_key(raw: str, key: str) -> None:
    assert parse_email(raw).key == email_key(raw) == key


def test_an_address_keeps_its_case_for_writing_to() -> None:
    email = parse_email("Taro@Example.com")
    assert (email.address, email.domain) == ("Taro@example.com", "example.com")


@pytest.mark.parametrize(
    "raw",
    ["", "a", "a@", "@b.com", "a@b", "a b@c.com", "a@b..com", "a@localhost", "A <a@b.com>", "a@b.com,c@d.com",
     "a@[1.2.3.4]", "a\ud800@b.com", "a" * 400 + "@b.com", "a@b.invalid"],
)  # fmt: skip
def test_what_is_no_address_is_refused(raw: str) -> None:
    with pytest.raises(InvalidEmail, match="is not an e-mail address") as refusal:
        parse_email(raw)
    str(refusal.value).encode()


def test_a_blank_address_has_no_key() -> None:
    assert email_key("  ") == ""


@given(st.emails() | st.from_regex(r"[a-zA-Z0-9._+-]{1,8}@[a-zA-Z0-9.-]{1,8}\.(com|JP)", fullmatch=True))
def test_an_address_is_looked_up_by_its_key(address: str) -> None:
    with suppress(InvalidEmail):
        assert email_key(address) == lookup_key(address)


ODD_DOMAIN = r"[a-zA-Z0-9-]{1,5}(\.[a-z0-9-]{1,4})?\.(com|JP|local|invalid|onion|test|x|c1)"


@given(st.from_regex(rf"[a-zA-Z0-9._+-]{{1,6}}@{ODD_DOMAIN}", fullmatch=True))
def test_the_short_way_for_plain_addresses_says_what_all_the_rules_say(address: str) -> None:
    try:
        by_all_rules = parse_email(f"mailto:{address}")
    except InvalidEmail:
        with pytest.raises(InvalidEmail):
            parse_email(address)
    else:
        assert parse_email(address) == by_all_rules


@pytest.mark.parametrize("nothing", ["", " ", "a", "a@b", "a b@c.com", "＠"])
def test_what_is_no_address_is_looked_up_by_nothing(nothing: str) -> None:
    assert lookup_key(nothing) == ""


@given(st.emails())
def test_keys_are_stable_and_blind_to_case(address: str) -> None:
    try:
        key = email_key(address)
    except InvalidEmail:
        return
    assert email_key(key) == email_key(address.upper()) == key


@given(st.text())
def test_any_text_is_an_address_or_refused(raw: str) -> None:
    with suppress(InvalidEmail):
        assert "@" in parse_email(raw).key


# Telephone --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    ["03-1234-5678", "０３－１２３４－５６７８", "03ー1234ー5678", "(03) 1234 5678", "+81 3 1234 5678",
     "＋８１３１２３４５６７８", "0312345678"],
)  # fmt: skip
def test_one_number_written_in_many_ways(raw: str) -> None:
    assert parse_phone(raw).e164 == "+81312345678"


@pytest.mark.parametrize("raw", ["03-1234-5678 内線12", "03-1234-5678 ext. 12", "03-1234-5678（内線１２）"])
def test_an_extension_stands_by_itself(raw: str) -> None:
    phone = parse_phone(raw)
    assert (phone.e164, phone.extension, phone.national) == ("+81312345678", "12", "03-1234-5678")


def test_the_region_is_for_numbers_without_a_country() -> None:
    assert parse_phone("(415) 555-2671", region="us").e164 == "+14155552671"
    assert parse_phone("+44 20 7946 0958", region="US").e164 == "+442079460958"


@pytest.mark.parametrize(
    "raw", ["", "abc", "123", "03-1234-567890123", "+999 123", "1234-5678", "\ud800", "電話なし"]
)
def test_what_is_no_number_is_refused(raw: str) -> None:
    with pytest.raises(InvalidPhone, match="not a telephone number") as refusal:
        parse_phone(raw)
    str(refusal.value).encode()


def test_without_a_region_a_country_is_needed() -> None:
    with pytest.raises(InvalidPhone):
        parse_phone("03-1234-5678", region="")


# Companies --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    ["5070001000715", "５０７０００１０００７１５", "T5070001000715", "5-0700-0100-0715", " 5070 0010 00715"],
)
def test_a_corporate_number_is_read(raw: str) -> None:
    assert parse_corporate_number(raw) == "5070001000715"


@pytest.mark.parametrize(
    "raw", ["", "507000100071", "50700010007155", "507000100071x", "٥٠٧٠٠٠١٠٠٠٧١٥", "²070001000715", "\ud800"]
)
def test_what_has_not_thirteen_digits_is_refused(raw: str) -> None:
    with pytest.raises(InvalidCorporateNumber):
        parse_corporate_number(raw)


@given(st.integers(0, 10**12 - 1).map("{:012}".format), st.integers(0, 12), st.integers(1, 9))
def test_every_wrong_digit_is_found(base: str, place: int, shift: int) -> None:
    """All but those that the sum modulo nine cannot see: 0 for 9, and in places that weigh 2 the same."""
    number = f"{check_digit(base)}{base}"
    assert parse_corporate_number(number) == number
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    if (int(wrong[place]) - int(number[place])) % 9:
        with pytest.raises(InvalidCorporateNumber):
            parse_corporate_number(wrong)


def test_all_published_numbers_pass(real_data: Path) -> None:
    rows = list(open_table(real_data / COMPANIES).rows())
    numbers = [row.values["提出者法人番号"] for row in rows]
    assert len(numbers) == 6861
    assert [parse_corporate_number(number) for number in numbers] == numbers


def test_companies_of_one_name_are_told_apart_by_number(real_data: Path) -> None:
    """アルファ of Yokohama (code 3434) and アルファ of Okayama (code 4760) are two."""
    rows = {row.values["証券コード"]: row.values for row in open_table(real_data / COMPANIES).rows()}
    one, other = (
        CompanyFacts(rows[code]["提出者名"], rows[code]["提出者法人番号"]) for code in ("34340", "47600")
    )
    assert company_key(one.name) == company_key(other.name) == "アルファ"
    assert compare_companies(one, other) is Match.DIFFERENT


def test_hardly_any_published_names_fall_together(real_data: Path) -> None:
    """Of 6 861 companies, those that share a key differ in nothing but legal form, dot or apostrophe."""
    rows = [row.values for row in open_table(real_data / COMPANIES).rows()]
    assert len({company_key(row["提出者名"]) for row in rows}) == 6822
    assert all(company_key(row["提出者名"]) for row in rows)


def test_english_names_of_an_index_stay_apart(real_data: Path) -> None:
    names = [row.values["Security"] for row in open_table(real_data / "sp500/constituents.csv").rows()]
    assert len({company_key(name) for name in names}) == len(names) == 503


NUMBER, OTHER = "5070001000715", "6020001008662"


@pytest.mark.parametrize(
    ("one", "other", "match"),
    [
        (CompanyFacts("A", NUMBER), CompanyFacts("B", NUMBER), Match.SAME),
        (CompanyFacts("A", NUMBER, "a.jp"), CompanyFacts("A", OTHER, "a.jp"), Match.DIFFERENT),
        (CompanyFacts("A Inc.", "", "a.jp"), CompanyFacts("a", NUMBER, "a.jp"), Match.SAME),
        (CompanyFacts("A"), CompanyFacts("A"), Match.UNSURE),
        (CompanyFacts("A", "", "a.jp"), CompanyFacts("A", "", "b.jp"), Match.UNSURE),
        (CompanyFacts("A", "", "a.jp"), CompanyFacts("B", "", "a.jp"), Match.UNSURE),
        (CompanyFacts("A", "", "gmail.com"), CompanyFacts("B", "", "gmail.com"), Match.DIFFERENT),
        (CompanyFacts("A", "", "gmail.com"), CompanyFacts("A", "", "gmail.com"), Match.UNSURE),
        (CompanyFacts(), CompanyFacts(), Match.DIFFERENT),
    ],
)
def test_whether_two_records_are_one_company(one: CompanyFacts, other: CompanyFacts, match: Match) -> None:
    assert compare_companies(one, other) is match
    assert compare_companies(other, one) is match
