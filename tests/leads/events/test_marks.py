"""Marks are keyed hashes: the same as Django's, so that what was kept under them is found by either."""

from __future__ import annotations

from django.utils.crypto import salted_hmac
from hypothesis import given
from hypothesis import strategies as st

from leads.events.marks import EMAIL, EXTERNAL, mark, marks


@given(kind=st.sampled_from([EMAIL, EXTERNAL]), value=st.text(st.characters(exclude_categories=["Cs"])))
def test_a_mark_is_what_django_signs(kind, value):
    signed = salted_hmac(f"leads.waiting.{kind}", value, algorithm="sha256").hexdigest()
    assert mark(kind, value) == signed


def test_what_was_marked_under_a_replaced_key_is_found(settings):
    before = mark(EMAIL, "hana@kita.jp")
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another key of the tests"
    assert before != mark(EMAIL, "hana@kita.jp")
    assert before in marks(EMAIL, "hana@kita.jp")
