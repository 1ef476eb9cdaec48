"""Deals from files: who may bring in or change whose, stages of other pipelines, and blanks that erase nothing."""

from __future__ import annotations

import pytest

from deals.models import Deal, DealStage
from tests.support.files import brought, counts, table

pytestmark = pytest.mark.django_db
HEADER = ("external_id", "owner", "amount", "stage", "closed_at")


def deals(cast, rows, by=None, header=HEADER, **more):
    return brought(table(header, rows), by or cast.marketer, cast.at, "deals", **more)


def reasons(run) -> list[tuple[int, str]]:
    return [(row.line, row.problems[0][0]) for row in run.bad_rows.order_by("line")]


def test_a_file_without_owners_takes_no_deal_away_from_its_owner(cast):
    deals(cast, [("d1", "rep", 5, "", "")], by=cast.admin)
    run = deals(cast, [("d1", 6)], by=cast.admin, header=("external_id", "amount"))
    deal = Deal.objects.get(external_id="d1")
    assert (counts(run), deal.owner, deal.amount) == ((0, 1, 0, 0), cast.rep, 6)


def test_marketing_brings_deals_in_but_changes_none_of_sales(cast):
    assert counts(deals(cast, [("d1", "rep", 5, "", "")])) == (1, 0, 0, 0)
    run = deals(cast, [("d1", "rep", 6, "", ""), ("d2", "rep", 1, "", "")])
    assert (counts(run), reasons(run)) == ((1, 0, 0, 1), [(2, "")])
    assert Deal.objects.get(external_id="d1").amount == 5
    assert counts(deals(cast, [("d1", "rep", 5, "", "")])) == (0, 0, 1, 0)


def test_marketing_does_not_close_a_deal_of_sales_by_a_file(cast):
    deals(cast, [("d1", "rep", 5, "", "")])
    run = deals(cast, [("d1", "rep", 5, "won", "2026-05-01")])
    assert (counts(run), Deal.objects.get(external_id="d1").stage.outcome) == ((0, 0, 0, 1), "open")


def test_a_manager_brings_in_and_changes_the_teams_deals_alone(cast):
    deals(cast, [("foreign", "stranger", 5, "", "")], by=cast.admin)
    rows = [("d1", "rep", 5, "", ""), ("d2", "stranger", 5, "", ""), ("foreign", "", 6, "", "")]
    run = deals(cast, rows, by=cast.manager)
    assert (counts(run), reasons(run)) == ((1, 0, 0, 2), [(3, "owner"), (4, "")])
    assert counts(deals(cast, [("d1", "rep", 7, "", "")], by=cast.manager)) == (0, 1, 0, 0)


def test_a_stage_we_do_not_have_is_added_by_marketing_and_asked_for_by_a_manager(cast):
    run = deals(cast, [("d1", "rep", 5, "Prospecting", "")])
    assert (counts(run), DealStage.objects.filter(code="prospecting").count()) == ((1, 0, 0, 0), 1)
    assert "Prospecting" in run.notes[0]["message"]
    run = deals(cast, [("d2", "rep", 5, "Elsewhere", "")], by=cast.manager)
    assert reasons(run) == [(2, "stage")]


def test_a_column_mapped_wrongly_does_not_flood_the_pipeline(cast):
    before = DealStage.objects.count()
    run = deals(cast, [(f"d{n}", "rep", 5, f"Note {n}", "") for n in range(30)])
    assert (run.created, run.rejected, DealStage.objects.count() - before) == (20, 10, 20)


def test_a_check_adds_no_stage(cast):
    from tests.support.files import checked

    before = DealStage.objects.count()
    checked(table(HEADER, [("d1", "rep", 5, "Prospecting", "")]), cast.marketer, cast.at, "deals")
    assert DealStage.objects.count() == before


def test_one_deal_in_two_rows_is_one_deal(cast):
    rows = [("d1", "rep", 5, "", ""), ("d1", "rep", 6, "", ""), ("d1", "rep", "", "", "")]
    assert counts(deals(cast, rows)) == (1, 0, 2, 0)
    assert Deal.objects.get(external_id="d1").amount == 5
