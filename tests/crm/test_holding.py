"""Lists of what holds some words: the same rows whether they are named by their keys, met on the way, or sorted."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm import grams, holding
from crm.models import Account, Contact
from leads.models import Lead
from tests.support.cast import Cast

pytestmark = pytest.mark.django_db
WAYS = {"named by their keys": (9, 9), "met on the way": (0, 99), "sorted": (0, 0)}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    few, reach = WAYS[request.param]
    monkeypatch.setattr(holding, "FEW", few)
    monkeypatch.setattr(holding, "REACH", reach)
    return request.param


@pytest.fixture
def leads(cast: Cast) -> list[Lead]:
    """Two of アルファ商事, one of another company, one of none, one that was merged."""
    told = [("小野寺", "アルファ商事"), ("三浦", "アルファ商事"), ("小野寺", "Beta GmbH"), ("小野", "")]
    leads = [cast.lead(last_name=name, company=company) for name, company in told]
    merged = cast.lead(last_name="小野寺")
    Lead.objects.filter(pk=merged.pk).update(merged_into=leads[0])
    return leads


def found(asked: str, rows: holding.HoldingQuerySet | None = None) -> list[int]:
    """The places of those a page of the list has."""
    rows = Lead.objects.standing() if rows is None else rows
    return [row.pk for row in rows.holding(*grams.words(asked)).order_by("pk")[:50]]


@pytest.mark.parametrize(
    ("asked", "places"),
    [
        ("小野寺", [0, 2]),
        ("小野", [0, 2, 3]),
        ("アルファ", [0, 1]),
        ("ｱﾙﾌｧ", [0, 1]),
        ("小野寺 アルファ", [0]),
        ("beta 小野寺", [2]),
        ("三浦 beta", []),
        ("%", []),
        ("'", []),
        ("%s", []),
        ("", [0, 1, 2, 3]),
    ],
)
def test_a_page_has_those_that_hold_the_words(
    way: str, leads: list[Lead], asked: str, places: list[int]
) -> None:
    assert found(asked) == [leads[place].pk for place in places]


def test_the_whole_list_and_its_pages_are_the_same_rows(way: str, cast: Cast) -> None:
    for number in range(7):
        cast.lead(last_name="小野" if number % 2 else "三浦")
    rows = Lead.objects.standing().holding("小野").order_by("-pk")
    pages = [row.pk for start in range(0, 8, 2) for row in rows[start : start + 2]]
    assert pages == list(rows.values_list("pk", flat=True))
    assert len(pages) == 3


def test_who_sees_a_part_finds_in_that_part(way: str, cast: Cast) -> None:
    own, other = cast.handoff(last_name="小野寺").lead, cast.lead(last_name="小野寺")
    assert found("小野寺", Lead.objects.visible_to(cast.rep)) == [own.pk]
    assert found("小野寺", Lead.objects.visible_to(cast.marketer)) == [own.pk, other.pk]


def test_filters_before_and_after_the_words_hold(way: str, leads: list[Lead]) -> None:
    last = Lead.objects.filter(pk__gt=leads[0].pk).holding("小野").filter(account=None).standing()
    assert list(last[:9]) == [leads[3]]


def test_rows_told_as_values_are_told_of_a_page(way: str, leads: list[Lead]) -> None:
    rows = Lead.objects.standing().holding("小野寺").values("pk", "contact__last_name").order_by("pk")
    assert list(rows[1:3]) == [{"pk": leads[2].pk, "contact__last_name": "小野寺"}]


def test_what_is_counted_is_there(way: str, leads: list[Lead]) -> None:
    rows = Lead.objects.standing().holding("小野")
    least, is_all = rows.tally(9)
    assert (least, is_all) == ((1, False) if way == "sorted" else (3, True))
    assert rows.tally(2)[0] <= 2
    assert rows.count() == 3


def test_a_page_of_what_many_hold_does_not_ask_the_index_for_all(
    leads: list[Lead], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "FEW", 0)
    rows = Lead.objects.standing().holding("小野").order_by("pk")
    with CaptureQueriesContext(connection) as queries:
        assert len(rows[:2]) == 2
    assert not any("crm_grams" in query["sql"] for query in queries)


def test_rows_are_looked_at_until_the_page_is_full(
    leads: list[Lead], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By what the plan says was read, since a list of a million must not be looked through for its first page."""
    monkeypatch.setattr(holding, "FEW", 0)
    people = Contact.objects.bulk_create(Contact(last_name="小野", email_key=f"{n}") for n in range(40))
    company, moment = Account.objects.create(name="x", name_key="x"), leads[0].captured_at
    Lead.objects.bulk_create(
        Lead(contact=person, account=company, stage_at=moment, captured_at=moment) for person in people
    )
    with CaptureQueriesContext(connection) as queries:
        list(Lead.objects.standing().holding("小野").order_by("-pk")[:5])
    walk = next(query["sql"] for query in queries if "AS listed" in query["sql"])
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, COSTS OFF) {walk}")
        plan = [line for (line,) in cursor.fetchall()]
    look = next(place for place, line in enumerate(plan) if line.strip().startswith("SubPlan"))
    assert "loops=5" in next(line for line in plan[look:] if "loops=" in line)
