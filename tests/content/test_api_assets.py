"""The content library by REST."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import LedgerEntry
from tests.support.calling import Caller, pointers

pytestmark = pytest.mark.django_db

GUIDE = {
    "slug": "buyers-guide",
    "kind": "guide",
    "title": "Buyer's guide",
    "title_ja": "導入ガイド",
    "phases": ["comparison", "consideration"],
    "stakeholder_roles": ["it"],
    "url": "https://baton.example/guide",
}


@pytest.fixture(autouse=True)
def _still(clock: Any) -> None:
    """Nothing moves but what a test moves."""


def test_marketing_adds_an_asset_and_everybody_reads_it(cast: Any) -> None:
    made = Caller(cast.marketer).post("/assets/", GUIDE)
    assert made.status_code == 201, made.json()
    shown = Caller(cast.rep).get("/assets/buyers-guide/")
    assert GUIDE.items() <= shown.json().items()
    assert LedgerEntry.objects.filter(kind="asset.added", actor=cast.marketer).exists()


def test_a_slug_names_one_asset(cast: Any) -> None:
    marketer = Caller(cast.marketer)
    marketer.post("/assets/", GUIDE)
    answer = marketer.post("/assets/", GUIDE)
    assert (answer.status_code, pointers(answer)) == (400, ["/slug"])


def test_sales_reads_and_does_not_write(cast: Any) -> None:
    Caller(cast.marketer).post("/assets/", GUIDE)
    rep = Caller(cast.rep)
    assert rep.post("/assets/", GUIDE | {"slug": "other"}).status_code == 403
    assert rep.patch("/assets/buyers-guide/", {"title": "Mine"}).status_code == 403
    assert Caller(cast.marketer, "content:read").post("/assets/", GUIDE).status_code == 403
    assert Caller(None).get("/assets/").status_code == 401


def test_an_asset_is_changed_unless_somebody_was_faster(cast: Any) -> None:
    marketer = Caller(cast.marketer)
    seen = marketer.post("/assets/", GUIDE)["ETag"]
    marketer.post("/assets/", GUIDE | {"slug": "price-list", "kind": "price_list"})
    changed = marketer.patch("/assets/buyers-guide/", {"next_step": "price-list"}, **{"If-Match": seen})
    assert (changed.status_code, changed.json()["next_step"]) == (200, "price-list")
    assert marketer.patch("/assets/buyers-guide/", {"title": "x"}, **{"If-Match": seen}).status_code == 412


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"slug": "renamed"}, "/slug"),
        ({"phases": ["dreaming"]}, "/phases/0"),
        ({"kind": "poem"}, "/kind"),
        ({"url": "javascript:alert(1)"}, "/url"),
        ({"retired_on": "0001-01-01"}, "/retired_on"),
        ({"next_step": "buyers-guide"}, "/next_step"),
    ],
)
def test_a_value_that_cannot_be_taken_is_pointed_at(cast: Any, change: Any, pointer: str) -> None:
    marketer = Caller(cast.marketer)
    marketer.post("/assets/", GUIDE)
    answer = marketer.patch("/assets/buyers-guide/", change)
    assert (answer.status_code, pointers(answer)) == (400, [pointer])


def test_the_library_is_narrowed_and_costs_the_same_queries(cast: Any) -> None:
    marketer = Caller(cast.marketer)
    before = len(marketer.listed("/assets/"))
    with CaptureQueriesContext(connection) as few:
        marketer.get("/assets/")
    marketer.post("/assets/", GUIDE)
    marketer.post("/assets/", GUIDE | {"slug": "old", "retired_on": "2026-01-01", "phases": ["purchase"]})
    with CaptureQueriesContext(connection) as many:
        assert len(marketer.listed("/assets/")) == before + 2
    assert len(many) == len(few)
    assert "old" not in marketer.listed("/assets/", in_use="true")
    assert marketer.listed("/assets/", in_use="false", phase="purchase") == ["old"]
    assert "old" not in marketer.listed("/assets/", phase="comparison")
    assert marketer.get("/assets/", colour="red").status_code == 400
