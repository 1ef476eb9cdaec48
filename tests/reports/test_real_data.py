"""Two companies' real history, through the real import, to the figures their descriptions state."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from crm.models import Account, Contact, LedgerEntry, Notification, OutboxMessage, Team, User
from deals.models import Deal, Product
from leads.models import Lead, Stage
from project import founding
from reports import funnel
from sla.models import Feedback, Handoff, Status

pytestmark = pytest.mark.django_db

MODELS = (
    Account,
    Contact,
    Deal,
    Feedback,
    Handoff,
    Lead,
    LedgerEntry,
    Notification,
    OutboxMessage,
    Product,
    Team,
    User,
)


def bring(kind: str, path: Path, *columns: str, **constants: str) -> str:
    options = [part for column in columns for part in ("--map", column)]
    options += [part for name, value in constants.items() for part in ("--set", f"{name}={value}")]
    said = StringIO()
    call_command("import_csv", kind, str(path), *options, stdout=said)
    return said.getvalue()


def bring_olist(folder: Path) -> list[str]:
    mql, closed = folder / "olist_sample/mql.csv", folder / "olist_sample/closed_deals.csv"
    return [
        bring("users", closed, "sr_id=username"),
        bring("users", closed, "sdr_id=username", role="marketer"),
        bring(
            "leads",
            mql,
            "mql_id=external_id",
            "first_contact_date=captured_at",
            "origin=source",
            "landing_page_id=campaign",
            stage="mql",
        ),
        bring(
            "deals",
            closed,
            "mql_id=external_id",
            "mql_id=lead",
            "sr_id=owner",
            "won_date=closed_at",
            stage="won",
        ),
    ]


def bring_maven(folder: Path, pipeline: str = "sales_pipeline.csv") -> list[str]:
    maven = folder / "maven_crm"
    return [
        bring("users", maven / "sales_teams.csv", "sales_agent=name", "regional_office=team"),
        bring("users", maven / "sales_teams.csv", "manager=name", "regional_office=team", role="manager"),
        bring(
            "accounts",
            maven / "accounts.csv",
            "account=name",
            "sector=industry",
            "employees=employee_count",
            "office_location=country",
        ),
        bring("products", maven / "products.csv", "product=name", "sales_price=price", currency="USD"),
        bring(
            "deals",
            maven / pipeline,
            "opportunity_id=external_id",
            "sales_agent=owner",
            "product=product",
            "account=account",
            "deal_stage=stage",
            "engage_date=engaged_at",
            "close_date=closed_at",
            "close_value=amount",
            currency="USD",
        ),
    ]


def everything() -> dict[str, list[tuple[object, ...]]]:
    """Every row of the domain, column by column."""
    return {model.__name__: list(model._default_manager.order_by("pk").values_list()) for model in MODELS}


def test_a_marketplace_and_its_mqls(real_data, at):
    founding.found(by=None, at=at)
    told = bring_olist(real_data)
    assert told[0].endswith("users: 20 created, 0 updated, 276 unchanged, 0 rejected\n")
    assert told[2] == "leads: 2993 created, 0 updated, 0 unchanged, 0 rejected\n"
    assert told[3] == "deals: 296 created, 0 updated, 0 unchanged, 0 rejected\n"
    assert [count for _month, count in funnel.mqls_by_month()] == [
        1, 90, 145, 122, 156, 183, 76, 419, 383, 418, 503, 497,
    ]  # fmt: skip
    assert funnel.mqls_by_month()[0][0] == date(2017, 6, 1)
    won = funnel.won_by_month()
    assert [count for _month, count in won] == [1, 24, 33, 57, 77, 45, 21, 12, 10, 8, 6, 2]
    assert (won[0][0], won[-1][0]) == (date(2017, 12, 1), date(2018, 11, 1))
    assert {origin.source: (origin.mqls, origin.won) for origin in funnel.by_origin()} == {
        "": (17, 3),
        "direct_traffic": (193, 18),
        "display": (50, 2),
        "email": (178, 6),
        "organic_search": (836, 94),
        "other": (60, 2),
        "other_publicities": (26, 1),
        "paid_search": (600, 71),
        "referral": (116, 7),
        "social": (501, 31),
        "unknown": (416, 61),
    }
    assert round(funnel.conversion() or 0, 6) == 0.098897
    days = funnel.days_to_win()
    assert (days.count, days.median, round(days.mean or 0, 3), days.p90, days.most) == (
        296,
        14,
        48.706,
        149.5,
        427,
    )
    _assert_handoffs_of_the_past()


def _assert_handoffs_of_the_past() -> None:
    """Each deal closes a handoff that its rep accepted; nobody was called to work."""
    handoffs = Handoff.objects.select_related("deal", "lead")
    assert handoffs.count() == 296
    for row in handoffs:
        assert row.status == Status.CONVERTED
        assert row.accepted_by_id == row.assignee_id == row.deal.owner_id
        assert row.lead.stage == Stage.CUSTOMER
        assert row.offered_at == row.lead.qualified_at
        assert row.escalate_at is None
    assert Lead.objects.filter(stage=Stage.MQL).count() == 2993 - 296
    assert Feedback.objects.filter(verdict="accepted").count() == 296
    assert Notification.objects.count() == 0
    assert OutboxMessage.objects.exclude(kind="news").count() == 0


def test_a_marketplace_again_changes_nothing(real_data, at):
    founding.found(by=None, at=at)
    bring_olist(real_data)
    before = everything()
    assert all("0 created, 0 updated" in told.splitlines()[-1] for told in bring_olist(real_data))
    assert everything() == before


def test_a_seller_of_hardware_and_its_pipeline(real_data, at):
    founding.found(by=None, at=at)
    told = bring_maven(real_data)
    assert told[2] == "accounts: 85 created, 0 updated, 0 unchanged, 0 rejected\n"
    assert told[3] == "products: 7 created, 0 updated, 0 unchanged, 0 rejected\n"
    assert told[4].endswith("deals: 8800 created, 0 updated, 0 unchanged, 0 rejected\n")
    assert "Product GTXPro is read as GTX Pro. (1480 rows" in told[4]
    assert "No account is named; the deal is kept without. (1425 rows" in told[4]
    _assert_maven_figures()
    idle = funnel.reps_without_deals()
    assert len(idle) == 5
    assert Deal.objects.filter(product__name="GTX Pro").count() == 1480
    assert Deal.objects.filter(account=None).count() == 1425
    assert set(Deal.objects.lost().values_list("amount", flat=True)) == {Decimal(0)}
    assert Deal.objects.filter(product=None).count() == 0


def _assert_maven_figures() -> None:
    counts = funnel.stages()
    assert counts == {"won": 4238, "lost": 2473, "engaging": 1589, "prospecting": 500}
    assert round(funnel.win_rate() or 0, 6) == 0.631501
    value = funnel.won_value()
    assert (value.total, round(value.mean or 0, 2), value.median) == (10_005_534, Decimal("2360.91"), 1117)
    closed, won = funnel.cycle(), funnel.cycle(Deal.objects.won())
    assert (round(closed.mean or 0, 3), closed.median, closed.p90) == (47.985, 45, 104)
    assert (round(won.mean or 0, 3), won.median, won.p90) == (51.782, 57, 106)
    assert dict(funnel.won_by_office()) == {"Central": 3_346_293, "East": 3_090_594, "West": 3_568_647}


def test_a_pipeline_again_in_other_dates_changes_nothing(real_data, at):
    """The same deals with the day before the month, and with two digits for the year."""
    founding.found(by=None, at=at)
    bring_maven(real_data)
    before = everything()
    assert all("0 created, 0 updated" in told.splitlines()[-1] for told in bring_maven(real_data))
    for name in ("ddmmyyyy", "mdyyyy", "ddmmyy_2digit_year"):
        told = bring_maven(real_data, f"sales_pipeline_{name}.csv")
        assert told[4].endswith("deals: 0 created, 0 updated, 8800 unchanged, 0 rejected\n")
    assert everything() == before


def test_the_report_prints_what_the_functions_say(real_data, at):
    founding.found(by=None, at=at)
    bring_olist(real_data)
    said = StringIO()
    call_command("report_funnel", stdout=said)
    assert "2017-06 1, 2017-07 90" in said.getvalue()
    assert "median 14, mean 48.706, p90 149.5, most 427 (of 296)" in said.getvalue()
    assert "Conversion of MQLs: 0.098897" in said.getvalue()
