"""Deals on the desk: list, board, page, and who may move them."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from deals import pipeline
from deals.models import Deal, DealStage, LossReason
from deals.pipeline import Opening
from tests.support.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(clock):
    """Pages see the time the cast acts at."""


def as_user(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def deals_of(cast: Cast, count: int = 1, name: str = "ライン監視") -> list[Deal]:
    lead = cast.handoff().lead
    openings = [
        Opening(name=f"{name} {n}", owner=cast.rep, amount=Decimal(1_000_000), account_id=lead.account_id)
        for n in range(count)
    ]
    return pipeline.open_deals(openings, by=cast.rep, at=cast.at)


def url(name: str, deal: Deal) -> str:
    return reverse(f"desk:deal-{name}", args=[deal.pk])


@pytest.mark.parametrize("page", ["deal-list", "deal-board"])
def test_lists_show_what_i_may_see(cast: Cast, page: str) -> None:
    deals_of(cast)
    shown = [
        "ライン監視" in as_user(one).get(reverse(f"desk:{page}")).content.decode()
        for one in (cast.rep, cast.manager, cast.marketer, cast.admin, cast.colleague, cast.stranger)
    ]
    assert shown == [True, True, True, True, False, False]


@pytest.mark.parametrize("page", ["deal-list", "deal-board"])
def test_pages_ask_as_much_for_thirty_as_for_one(cast: Cast, page: str, django_assert_num_queries) -> None:
    client = as_user(cast.manager)
    deals_of(cast)
    client.get(reverse(f"desk:{page}"))
    with CaptureQueriesContext(connection) as one:
        client.get(reverse(f"desk:{page}"))
    deals_of(cast, 29)
    with django_assert_num_queries(len(one)):
        client.get(reverse(f"desk:{page}"))


def test_a_foreign_deal_is_missing_and_marketing_may_look_but_not_move(cast: Cast) -> None:
    [deal] = deals_of(cast)
    for name in ("detail", "move", "win", "lose", "reopen"):
        assert as_user(cast.stranger).get(url(name, deal)).status_code == 404
    assert as_user(cast.marketer).get(url("detail", deal)).status_code == 200
    assert as_user(cast.marketer).post(url("win", deal)).status_code == 403
    assert Deal.objects.get(pk=deal.pk).is_open


@pytest.mark.parametrize("who", ["rep", "manager", "admin"])
def test_owner_manager_and_admin_move_it(cast: Cast, who: str) -> None:
    [deal] = deals_of(cast)
    stage = DealStage.objects.open().in_order()[1]
    said = {"stage": stage.code, "next": reverse("desk:deal-board")}
    answer = as_user(getattr(cast, who)).post(url("move", deal), said)
    assert (answer.status_code, answer["Location"]) == (302, reverse("desk:deal-board"))
    assert Deal.objects.get(pk=deal.pk).stage == stage
    assert f"Moved to “{stage}”" in as_user(cast.rep).get(url("detail", deal)).content.decode()


def test_nobody_is_sent_to_a_foreign_site(cast: Cast) -> None:
    [deal] = deals_of(cast)
    answer = as_user(cast.rep).post(url("win", deal), {"next": "https://evil.example/"})
    assert answer["Location"] == url("detail", deal)


def test_winning_losing_and_reopening(cast: Cast) -> None:
    [won, lost] = deals_of(cast, 2)
    client, reason = as_user(cast.rep), LossReason.objects.order_by("pk")[0]
    client.post(url("win", won), {"note": "price"})
    client.post(url("lose", lost), {"reason": reason.code, "note": "no budget"})
    won.refresh_from_db()
    lost.refresh_from_db()
    assert (won.stage.outcome, lost.stage.outcome, lost.lost_reason) == ("won", "lost", reason)
    assert "no budget" in client.get(url("detail", lost)).content.decode()
    client.post(url("reopen", lost))
    assert Deal.objects.get(pk=lost.pk).is_open


def test_a_loss_needs_its_reason_and_a_closed_deal_stays(cast: Cast) -> None:
    [deal] = deals_of(cast)
    client = as_user(cast.rep)
    assert client.post(url("lose", deal), {}).status_code == 422
    client.post(url("win", deal), {})
    stage = DealStage.objects.open().in_order()[1]
    answer = client.post(url("move", deal), {"stage": stage.code})
    assert answer.status_code == 409
    assert "so it cannot become" in answer.content.decode()


@pytest.mark.parametrize("name", ["move", "win", "lose", "reopen"])
def test_every_deed_has_a_page_that_works_without_scripts(cast: Cast, name: str) -> None:
    [deal] = deals_of(cast)
    text = as_user(cast.rep).get(url(name, deal)).content.decode()
    assert "<form" in text
    assert ("goes back to nurture" in text) is (name == "lose")
    assert Deal.objects.get(pk=deal.pk).stage_at == deal.stage_at


def test_the_deal_page_names_the_missing_roles(cast: Cast) -> None:
    [deal] = deals_of(cast)
    text = as_user(cast.rep).get(url("detail", deal)).content.decode()
    assert "Still missing:" in text
    assert "Procurement" in text
    assert "Deal opened" in text


def test_the_board_weighs_marks_what_rots_and_keeps_currencies_apart(cast: Cast, clock) -> None:
    deals_of(cast, 2)
    pipeline.open_deals(
        [Opening(name="Dollars", owner=cast.rep, amount=Decimal(500), currency="USD")], by=None, at=cast.at
    )
    clock.move(days=22)
    text = as_user(cast.rep).get(reverse("desk:deal-board")).content.decode()
    assert text.count("card-rotting") == 3
    assert "idle 22 days" in text
    assert text.count("data-move") == 3
    assert "$500" in text
    assert "¥2M" in text


def test_the_board_offers_no_moves_to_marketing(cast: Cast) -> None:
    deals_of(cast)
    assert "data-move" not in as_user(cast.marketer).get(reverse("desk:deal-board")).content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=ライン", True),
        ("q=none", False),
        ("outcome=open", True),
        ("outcome=won", False),
        ("owner=me", True),
        ("sort=amount", True),
        ("stage=nothing", False),
    ],
)
def test_filters(cast: Cast, query: str, found: bool) -> None:
    deals_of(cast)
    text = as_user(cast.rep).get(f"{reverse('desk:deal-list')}?{query}").content.decode()
    assert ("<td" in text) is found


def test_the_export(cast: Cast) -> None:
    deals_of(cast, name="+cmd")
    text = as_user(cast.rep).get(reverse("desk:deal-export")).content.decode("utf-8-sig")
    assert "'+cmd 0" in text
    assert "1000000.00,JPY" in text


def test_a_deal_is_changed_in_place(cast: Cast) -> None:
    [deal] = deals_of(cast)
    said = {"name": "Line 2", "amount": "2500000", "currency": "JPY", "expected_close_on": "2026-09-30"}
    assert as_user(cast.rep).post(url("edit", deal), said)["Location"] == url("detail", deal)
    deal.refresh_from_db()
    assert (deal.name, deal.amount, str(deal.expected_close_on)) == ("Line 2", 2500000, "2026-09-30")


def test_somebody_of_the_company_joins_the_committee(cast: Cast) -> None:
    [deal] = deals_of(cast)
    [person] = deal.account.contacts.all()
    as_user(cast.rep).post(url("seat", deal), {"contact": person.pk, "role": "legal", "stance": "sceptic"})
    assert [(seat.contact, seat.role) for seat in deal.stakeholders.all()] == [(person, "legal")]
    other = cast.handoff().contact
    answer = as_user(cast.rep).post(
        url("seat", deal), {"contact": other.pk, "role": "it", "stance": "neutral"}
    )
    assert answer.status_code == 422
