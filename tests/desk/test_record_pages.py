"""The record pages in a real browser: axe is content at every width, and a card can be dropped."""

from decimal import Decimal
from typing import Any

import pytest

from deals import committee, pipeline
from deals.models import Deal, DealStage
from deals.pipeline import Opening
from tests.support.browsing import DESKTOP, PHONE
from tests.support.cast import Cast, gather

pytestmark = pytest.mark.browser


@pytest.fixture
def company(transactional_db: None, at: Any, clock: Any) -> Cast:
    return gather(at)


@pytest.fixture
def deal(company: Cast) -> Deal:
    handoff = company.handoff(
        last_name="小野寺", first_name="健太郎", company="株式会社アルファテクノロジーソリューションズ東日本"
    )
    opening = Opening(
        name="ライン監視",
        owner=company.rep,
        amount=Decimal(4_800_000),
        account_id=handoff.account_id,
        contact=handoff.contact,
        lead=handoff.lead,
    )
    [made] = pipeline.open_deals([opening], by=company.rep, at=company.at)
    committee.seat(made, handoff.contact, role="it", by=company.rep, at=company.at)
    return made


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_record_page_is_accessible(company: Cast, deal: Deal, visit: Any, viewport: Any) -> None:
    visitor, found = visit(company.rep, viewport=viewport), []
    paths = [
        "/leads/",
        f"/leads/{deal.lead_id}/",
        f"/leads/{deal.lead_id}/score/",
        "/accounts/",
        f"/accounts/{deal.account_id}/",
        "/deals/",
        "/deals/board/",
        f"/deals/{deal.pk}/",
        f"/deals/{deal.pk}/lose/",
        "/search/?q=小野",
    ]
    for path in paths:
        visitor.open(path)
        found += [f"{path}: {line}" for line in visitor.violations()]
        found += [f"{path} scrolls sideways"] if visitor.scrolls_sideways() else []
    assert found == []


def test_dropping_a_card_moves_its_deal(company: Cast, deal: Deal, visit: Any) -> None:
    page = visit(company.rep).open("/deals/board/")
    target = DealStage.objects.open().in_order()[2]
    page.drag_and_drop(".card-title", f'[data-column="{target.code}"]')
    page.wait_for_selector(f'[data-column="{target.code}"] [data-card]')
    assert Deal.objects.get(pk=deal.pk).stage == target
