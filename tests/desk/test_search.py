"""Search: what I may see, in the page and in the palette."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.support.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(clock):
    """Pages see the time the cast acts at."""


def ask(user, text: str, **headers: str) -> str:
    client = Client()
    client.force_login(user)
    return client.get(reverse("desk:search"), {"q": text}, headers=headers).content.decode()


@pytest.mark.parametrize("text", ["野寺", "小野寺 健太", "小野寺健太郎", "onodera@", "ｱﾙﾌｧ", "アルファ 小野"])
def test_two_characters_of_name_mail_or_company_find_the_person(cast: Cast, text: str) -> None:
    lead = cast.handoff(
        last_name="小野寺", first_name="健太郎", email="onodera@alpha.example", company="株式会社アルファ"
    ).lead
    assert reverse("desk:lead-detail", args=[lead.pk]) in ask(cast.rep, text)
    assert reverse("desk:lead-detail", args=[lead.pk]) not in ask(cast.stranger, text)


@pytest.mark.parametrize("text", ["", "山", "\0", "x" * 5000, "%", "%%_"])
def test_too_little_and_nonsense_find_nothing(cast: Cast, text: str) -> None:
    cast.handoff()
    assert "item-line" not in ask(cast.rep, text)


def test_the_palette_gets_its_part(cast: Cast) -> None:
    cast.handoff(company="株式会社アルファ")
    part = ask(cast.rep, "アルファ", **{"HX-Target": "palette-list"})
    assert '<div class="palette-group">' in part
    assert '<a class="palette-item" role="option" href="/' in part
    assert "<html" not in part


def test_at_most_eight_of_a_kind(cast: Cast) -> None:
    for _ in range(10):
        cast.lead(last_name="山田")
    assert ask(cast.marketer, "山田").count('href="/leads/') <= 8 + 2


def test_markup_in_names_is_text(cast: Cast) -> None:
    cast.lead(last_name="<b>xy</b>")
    assert "<b>xy" not in ask(cast.marketer, "xy")
