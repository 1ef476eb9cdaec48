"""Back-test: only what was received before the handoff counts, against what came of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm import directory
from leads.events import recording, withdrawing
from leads.events.recording import Behaviour
from leads.models import BehaviourEvent, ScoringModel
from leads.scoring import versions
from reports import wishes
from reports.scopes import Scope
from reports.scoring import backtest, samples
from reports.scoring.samples import ACCEPTED, CONVERTED, WON, Sampled
from sla import handoffs
from sla.models import Handoff
from tests.support.cast import Cast
from tests.support.decided import Decided, decided

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def active() -> ScoringModel:
    return versions.active()


def scope_of(cast: Cast, **query: str) -> Scope:
    days = {"from": "2026-06-01", "to": "2026-06-30"}
    return wishes.read(days | query, user=cast.marketer, at=cast.at + 20 * DAY).scope


def read(cast: Cast, outcome: str = ACCEPTED, **query: str) -> Sampled:
    return samples.read(scope_of(cast, **query), outcome, rate=0.8, period_days=30)


def does(lead: int, kind: str, *, at: datetime, occurred_at: datetime | None = None) -> None:
    name = f"{lead}-{kind}-{at}"
    recording.record(
        [Behaviour(kind=kind, external_id=name, source="test", lead=lead, occurred_at=occurred_at or at)],
        by=None, at=at,
    )  # fmt: skip


def answered(cast: Cast, *, accept: bool, kinds: tuple[str, ...] = (), **known: object) -> Handoff:
    """A lead that did something the day before, offered and answered."""
    lead = cast.lead(**known)
    for kind in kinds:
        does(lead.pk, kind, at=cast.at - DAY)
    row = handoffs.hand_over(lead, by=cast.marketer, at=cast.at, assignee=cast.rep)
    if accept:
        return handoffs.accept(row, by=cast.rep, at=cast.at + HOUR)
    return handoffs.reject(row, reason="no-budget", by=cast.rep, at=cast.at + HOUR)


def only(found: Sampled) -> Any:
    [one] = found.samples
    return one


def test_the_score_is_the_one_the_handoff_was_offered_with(cast: Cast) -> None:
    row = answered(cast, accept=True, kinds=("download", "webinar"))
    found = backtest.backtest(scope_of(cast), active(), ACCEPTED, bar=80)
    [told] = found.rows
    assert told.handoff == row.pk
    assert told.score == pytest.approx(row.score_at_handoff, abs=1e-6)
    assert told.score > 0


def test_what_was_received_after_the_handoff_changes_nothing(cast: Cast) -> None:
    row = answered(cast, accept=True, kinds=("download",))
    before = only(read(cast))
    does(row.lead_id, "demo_request", at=row.offered_at + DAY)
    does(row.lead_id, "webinar", at=row.offered_at + DAY, occurred_at=row.offered_at - 2 * DAY)
    assert only(read(cast)) == before


def test_the_guard_would_see_a_leak(cast: Cast) -> None:
    answered(cast, accept=True, kinds=("download",))
    one = only(read(cast))
    with pytest.raises(samples.Leak):
        samples.guarded([replace(one, latest=one.at + HOUR)])


def test_an_event_withdrawn_later_still_counted_then(cast: Cast) -> None:
    row = answered(cast, accept=True, kinds=("download",))
    before = only(read(cast))
    withdrawing.withdraw(
        BehaviourEvent.objects.filter(lead=row.lead_id), reason="bot", by=cast.marketer, at=cast.at + DAY
    )
    assert only(read(cast)) == before


def test_a_company_edited_since_is_what_it_was(cast: Cast) -> None:
    row = answered(cast, accept=True)
    directory.edit_account(row.account, industry="Finance", by=cast.marketer, at=cast.at - HOUR)
    directory.edit_account(row.account, industry="Farming", by=cast.rep, at=cast.at + HOUR)
    directory.edit_account(row.account, industry="Fishing", by=cast.rep, at=cast.at + DAY)
    assert only(read(cast)).profile.industry == "Finance"


def test_what_sales_found_out_of_a_person_is_unknown(cast: Cast) -> None:
    row = answered(cast, accept=True, job_title="Clerk")
    assert only(read(cast)).fields["job_title"] == "clerk"
    directory.edit_contact(row.contact, job_title="CIO", by=cast.rep, at=cast.at + DAY)
    assert "job_title" not in only(read(cast)).fields


def test_outcomes_are_what_came_and_what_did_not(cast: Cast) -> None:
    row = answered(cast, accept=True)
    answered(cast, accept=False)
    cast.handoff()
    found = read(cast, ACCEPTED)
    assert ([one.came for one in found.samples], found.undecided) == ([True, False], 1)
    handoffs.convert(row, handoffs.Opportunity("Deal", 100), by=cast.rep, at=cast.at + 2 * HOUR)
    assert [one.came for one in read(cast, CONVERTED).samples] == [True, False]
    open_deal = read(cast, WON)
    assert ([one.came for one in open_deal.samples], open_deal.undecided) == ([False], 2)


def test_too_few_outcomes_are_said_and_not_judged(cast: Cast) -> None:
    answered(cast, accept=True)
    found = backtest.backtest(scope_of(cast), active(), ACCEPTED, bar=80)
    assert (found.is_enough, found.auc, found.tenths, found.calibration) == (False, None, [], None)
    assert (found.came.part, found.rarer) == (1, 0)


def test_a_version_that_tells_them_apart(cast: Cast) -> None:
    decided(cast, [Decided(True, ("inquiry",))] * 12 + [Decided(False, ("page_view",), "fair")] * 12)
    found = backtest.backtest(scope_of(cast), active(), ACCEPTED, bar=5)
    assert found.auc
    assert found.auc.value == 1
    assert (found.at_bar.precision.part, found.at_bar.precision.whole, found.at_bar.recall.whole) == (
        12,
        12,
        12,
    )
    assert [part.came.whole for part in found.months] == [24]
    narrowed = backtest.backtest(scope_of(cast, source="web"), active(), ACCEPTED, bar=5)
    assert (narrowed.came.whole, narrowed.is_enough) == (12, False)


def test_statements_do_not_grow_with_the_handoffs(cast: Cast) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            backtest.backtest(scope_of(cast), active(), ACCEPTED, bar=80)
        return len(queries)

    answered(cast, accept=True, kinds=("download",))
    before = asked()
    decided(cast, [Decided(False, ("webinar",))] * 3)
    assert asked() == before
