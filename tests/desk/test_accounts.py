"""Accounts on the desk."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.support.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(clock):
    """Pages see the time the cast acts at."""


def as_user(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_rep_sees_the_companies_they_work(cast: Cast) -> None:
    account = cast.handoff(company="株式会社アルファ").account
    texts = [
        as_user(one).get(reverse("desk:account-list")).content.decode() for one in (cast.rep, cast.stranger)
    ]
    assert ["株式会社アルファ" in text for text in texts] == [account is not None, False]


def test_a_foreign_account_is_missing(cast: Cast) -> None:
    account = cast.handoff(company="株式会社アルファ").account
    url = reverse("desk:account-detail", args=[account.pk])
    assert as_user(cast.stranger).get(url).status_code == 404
    text = as_user(cast.rep).get(url).content.decode()
    assert "山田 太郎" in text
    assert "Handed over to sales" in text
    assert '<span class="happening-whom">山田 太郎</span>' in text


def test_the_list_asks_as_much_for_thirty_as_for_one(cast: Cast, django_assert_num_queries) -> None:
    client, url = as_user(cast.marketer), reverse("desk:account-list")
    cast.lead()
    client.get(url)
    with CaptureQueriesContext(connection) as one:
        client.get(url)
    for _ in range(29):
        cast.lead()
    with django_assert_num_queries(len(one)):
        client.get(url)


def test_open_leads_are_counted_and_filters_narrow(cast: Cast) -> None:
    cast.lead(company="株式会社アルファ", email="a@alpha.example")
    cast.lead(company="株式会社アルファ", email="b@alpha.example")
    client, url = as_user(cast.marketer), reverse("desk:account-list")
    [row] = client.get(f"{url}?q=アルファ").context["page"].rows
    assert (row.open_leads, row.open_deals) == (2, 0)
    assert client.get(f"{url}?q=nothing").context["page"].rows == []


def test_the_export_holds_what_the_list_shows(cast: Cast) -> None:
    cast.handoff(company="株式会社アルファ")
    cast.lead(company="株式会社ベータ")
    url = reverse("desk:account-export")
    text = as_user(cast.rep).get(url).content.decode("utf-8-sig")
    assert text.startswith("Company,")
    assert "株式会社アルファ" in text
    assert "株式会社ベータ" not in text
    assert "アルファ" not in as_user(cast.marketer).get(f"{url}?q=ベータ").content.decode("utf-8-sig")


def test_columns_that_are_not_asked_for_stay_away(cast: Cast) -> None:
    cast.handoff()
    url = reverse("desk:account-list")
    assert "Web domain" not in [head.label for head in as_user(cast.rep).get(url).context["columns"]]
    chosen = as_user(cast.rep).get(f"{url}?columns=&columns=domain").context["columns"]
    assert [str(column.label) for column in chosen] == ["Company", "Web domain"]


def test_a_rep_is_told_of_as_many_open_leads_as_they_find(cast: Cast) -> None:
    """Those of a colleague too, at a company they work."""
    cast.handoff(company="株式会社アルファ", email="a@alpha.example")
    cast.handoff(company="株式会社アルファ", email="b@alpha.example", to=cast.stranger)
    cast.handoff(company="株式会社ベータ", to=cast.stranger)
    client = as_user(cast.rep)
    [row] = client.get(reverse("desk:account-list")).context["page"].rows
    found = client.get(f"{reverse('desk:lead-list')}?q=アルファ").context["page"].rows
    assert row.open_leads == len(found) == 2
