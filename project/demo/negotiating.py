"""How the demo company came by its agreements: the first was renewed, large companies got their own, a third waits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from project.demo.cast import Cast
from project.demo.timeline import Timeline
from sla import agreements
from sla.models import Agreement, AgreementStatus

RENEWED_AFTER, LARGE_AFTER, PROPOSED_BEFORE = timedelta(days=90), timedelta(days=150), timedelta(days=2)
# The largest companies of the demo, so that most handoffs stay under the agreement for everybody.
LARGE = 2000


def plan(timeline: Timeline, cast: Cast, start: datetime, end: datetime) -> None:
    def renew(at: datetime) -> None:
        current = Agreement.objects.current()
        assert current
        _sign(_revised(current, cast, at, accept_hours=36, monthly_mqls=15, acceptance_rate=0.55), cast, at)

    def agree_on_large(at: datetime) -> None:
        draft = Agreement.objects.get(status=AgreementStatus.DRAFT)
        segment = draft.segment
        assert segment
        segment.min_employees = LARGE
        segment.save()
        _sign(draft, cast, at)

    def propose(at: datetime) -> None:
        current = Agreement.objects.current()
        assert current
        draft = _revised(current, cast, at, response_hours=16, attempts=2, acceptance_rate=0.65)
        agreements.propose(draft, by=cast.marketers[0], at=at)
        agreements.sign(draft, by=cast.marketers[0], at=at)

    timeline.plan(start + RENEWED_AFTER, renew)
    timeline.plan(start + LARGE_AFTER, agree_on_large)
    timeline.plan(end - PROPOSED_BEFORE, propose)


def _revised(current: Agreement, cast: Cast, at: datetime, **changes: Any) -> Agreement:
    draft = agreements.draft_from(current, by=cast.marketers[0], at=at)
    for name, value in changes.items():
        setattr(draft, name, value)
    draft.save()
    return draft


def _sign(draft: Agreement, cast: Cast, at: datetime) -> None:
    agreements.propose(draft, by=cast.marketers[0], at=at)
    agreements.sign(draft, by=cast.marketers[0], at=at)
    agreements.sign(draft, by=cast.managers[0], at=at)
