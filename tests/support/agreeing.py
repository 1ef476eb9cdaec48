"""Agreements brought to where a test needs them, by the deeds people use."""

from __future__ import annotations

from datetime import datetime, timedelta

from leads.models import Segment
from sla import agreements
from sla.models import Agreement, AgreementStatus
from tests.support.cast import Cast

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def drafted(cast: Cast, *, at: datetime | None = None, segment: Segment | None = None) -> Agreement:
    """A draft made from the founded agreement; with `segment` one for its leads alone."""
    moment = at or cast.at + HOUR
    draft = agreements.draft_from(Agreement.objects.current(), by=cast.marketer, at=moment)
    if segment:
        draft = agreements.revise(draft, segment=segment, by=cast.marketer, at=moment)
    return draft


def proposed(cast: Cast, *, at: datetime | None = None, start: datetime | None = None) -> Agreement:
    moment = at or cast.at + HOUR
    return agreements.propose(drafted(cast, at=moment), by=cast.marketer, at=moment, effective_from=start)


def signed(cast: Cast, row: Agreement, *, at: datetime | None = None) -> Agreement:
    """Both sides put their names under a proposal."""
    moment = at or cast.at + 2 * HOUR
    agreements.sign(row, by=cast.marketer, at=moment)
    return agreements.sign(row, by=cast.manager, at=moment)


def brought(cast: Cast, status: str) -> Agreement:
    """An agreement in a state, one of `AgreementStatus`."""
    if status == AgreementStatus.DRAFT:
        return drafted(cast)
    if status == AgreementStatus.PROPOSED:
        return proposed(cast)
    if status == AgreementStatus.SIGNED:
        return signed(cast, proposed(cast, start=cast.at + 10 * DAY))
    row = signed(cast, proposed(cast))
    if status == AgreementStatus.SUPERSEDED:
        later = cast.at + DAY
        signed(cast, proposed(cast, at=later), at=later + HOUR)
    return Agreement.objects.get(pk=row.pk)
