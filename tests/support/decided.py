"""Many handoffs that are decided, made quickly: one goes through the deeds, the others are like it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from leads.capture import door
from leads.capture.intake import Inquiry
from leads.events import recording
from leads.events.recording import Behaviour
from leads.models import Lead
from sla import handoffs
from sla.models import Handoff, Status
from tests.support.cast import Cast

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Decided:
    """Whether sales took it on, and what the lead did the day before it was offered."""

    accept: bool
    kinds: tuple[str, ...] = ()
    source: str = "web"
    known: dict[str, object] = field(default_factory=dict)


def decided(cast: Cast, wanted: Sequence[Decided]) -> list[Handoff]:
    """The rep's, offered at the cast's time and answered an hour later."""
    first = Lead.objects.count()
    rows = [
        Inquiry(
            email=f"decided{first + number}@example{first + number}.jp", last_name=f"Z{number}",
            company=f"Decided {first + number}", source=one.source, **one.known,
        )
        for number, one in enumerate(wanted)
    ]  # fmt: skip
    captured = [done.lead for done in door.capture(rows, by=cast.marketer, at=cast.at - DAY)]
    leads = Lead.objects.in_bulk(captured)
    _do(cast, [(pk, kind) for pk, one in zip(captured, wanted, strict=True) for kind in one.kinds])
    model = handoffs.hand_over(leads[captured[0]], by=cast.marketer, at=cast.at, assignee=cast.rep)
    made = [_like(model, leads[pk], cast, one) for pk, one in zip(captured, wanted, strict=True)]
    Handoff.objects.filter(pk=model.pk).delete()
    return Handoff.objects.bulk_create(made)


def _do(cast: Cast, done: Sequence[tuple[int, str]]) -> None:
    at = cast.at - DAY
    events = [
        Behaviour(kind=kind, external_id=f"decided-{lead}-{kind}", source="test", lead=lead, occurred_at=at)
        for lead, kind in done
    ]
    if events:
        recording.record(events, by=None, at=at)


def _like(model: Handoff, lead: Lead, cast: Cast, one: Decided) -> Handoff:
    row = Handoff.objects.get(pk=model.pk)
    row.pk, row._state.adding = None, True
    row.lead, row.contact_id, row.account_id = lead, lead.contact_id, lead.account_id
    row.status = Status.ACCEPTED if one.accept else Status.REJECTED
    at = cast.at + HOUR
    row.accepted_at, row.decided_at = (at, None) if one.accept else (None, at)
    return row
