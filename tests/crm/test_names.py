"""How names are written, and read where they come whole."""

import pytest

from crm.names import display_name, parts_of


@pytest.mark.parametrize(
    ("whole", "first", "last"),
    [
        ("山田 太郎", "太郎", "山田"),
        ("山田\u3000太郎", "太郎", "山田"),
        ("山田 太郎 様", "太郎", "山田"),
        ("山田太郎", "", "山田太郎"),
        ("Aya Aoki", "Aya", "Aoki"),
        ("Mary Ann Smith", "Mary Ann", "Smith"),
        ("Smith, Mary Ann", "Mary Ann", "Smith"),
        ("Smith", "", "Smith"),
        ("  ", "", ""),
    ],
)
def test_a_whole_name_is_read_in_the_order_of_its_script(whole, first, last):
    assert parts_of(whole) == (first, last)


@pytest.mark.parametrize("whole", ["山田 太郎", "Aya Aoki", "山田太郎"])
def test_what_was_read_is_written_as_it_was(whole):
    assert display_name(*parts_of(whole)) == whole
