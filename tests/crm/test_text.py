import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.text import InvalidText, clean_text, shown

ANY = st.text(st.characters(exclude_categories=("Cs",)))


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("  a b  ", "a b"),
        ("a\0b", "ab"),
        ("a\r\nBcc: x@y.test", "a Bcc: x@y.test"),
        ("a \t\r\n  b", "a b"),
        ("a\u2028b\u2029c\x85d", "a b c d"),
        ("a\u200bb\u200d\ufeffc\u2060", "abc"),
        ("\u202eevil\u202c \u2066x\u2069\u200f", "evil x"),
        ("か\u3099", "が"),
        ("Jose\u0301", "José"),
        ("山田　太郎", "山田　太郎"),  # the wide space between names stays
        ("髙﨑隆", "髙﨑隆"),
        ("\uf9dc", "\uf9dc"),  # 隆 as some systems write it is kept as typed
        ("㈱", "㈱"),
        ("👍🏽", "👍🏽"),
        ("", ""),
    ],
)
def test_text_is_cleaned_and_letters_stay(raw: str, clean: str) -> None:
    assert clean_text(raw) == clean


def test_a_text_of_several_lines_keeps_them() -> None:
    assert clean_text(" a\r\nb\rc\n\n\td\u200b ", multiline=True) == "a\nb\nc\n\n\td"


@pytest.mark.parametrize("raw", ["\ud83d", "a\udc00", "\udc00\ud83d"])
def test_half_a_character_is_refused(raw: str) -> None:
    with pytest.raises(InvalidText, match="damaged"):
        clean_text(raw)


def test_a_text_that_does_not_fit_says_by_how_much() -> None:
    assert clean_text("  abc  ", max_length=3) == "abc"
    with pytest.raises(InvalidText, match="has 4 characters; at most 3 fit"):
        clean_text("abcd", max_length=3)


@given(ANY, st.booleans())
def test_cleaning_twice_is_cleaning_once(raw: str, multiline: bool) -> None:
    once = clean_text(raw, multiline=multiline)
    assert clean_text(once, multiline=multiline) == once


@given(ANY)
def test_the_short_way_for_printable_text_says_what_the_long_one_says(raw: str) -> None:
    assert clean_text(raw) == clean_text(f"\t{raw}")  # a tab at the start takes the long way, and goes


@given(ANY)
def test_a_single_line_has_no_control_character(raw: str) -> None:
    text = clean_text(raw)
    assert len(text.splitlines()) <= 1
    assert not any(ord(sign) < 32 or 0x7F <= ord(sign) < 0xA0 for sign in text)


@given(st.text(), st.integers(1, 200))
def test_a_shown_value_can_stand_in_any_message(raw: str, most: int) -> None:
    text = shown(raw, most=most)
    assert len(text) <= most
    text.encode()
