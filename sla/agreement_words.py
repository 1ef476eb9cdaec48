"""Agreements in words: where each stands, what it waits for, what happened to it, and when which was in force."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.components import formats
from crm.components.faces import Words
from crm.components.happenings import Happening
from crm.models import LedgerEntry, User
from sla import agreements
from sla.models import BINDING, Agreement, AgreementStatus, Side, Signature

SHOWN = 60


@dataclass(frozen=True, slots=True)
class Seat:
    """One side of an agreement and whoever signed for it."""

    side: str
    label: str
    signature: Signature | None


def seats(row: Agreement) -> list[Seat]:
    signed = {signature.side: signature for signature in row.signatures.all()}
    return [Seat(side.value, str(side.label), signed.get(side.value)) for side in Side]


def missing_sides(row: Agreement) -> list[Seat]:
    return [seat for seat in seats(row) if seat.signature is None]


def waits_for(row: Agreement, user: User) -> bool:
    """Whether this person's own signature is what it waits for."""
    return bool(agreements.side_of(user)) and "sign" in agreements.deeds_of(row, user)


def next_step(row: Agreement, user: User) -> str:
    """“Waits for your signature”, “In force since 1 Apr 2026”."""
    if row.status == AgreementStatus.PROPOSED:
        return _("Waits for your signature") if waits_for(row, user) else _waits(row)
    if row.status == AgreementStatus.DRAFT:
        return _("Being written")
    assert row.effective_from
    since = formats.day(row.effective_from)
    if row.status == AgreementStatus.SIGNED:
        return _("Begins on %(day)s") % {"day": since}
    if row.effective_until:
        return _("In force from %(since)s to %(until)s") % {
            "since": since,
            "until": formats.day(row.effective_until),
        }
    return _("In force since %(day)s") % {"day": since}


def _waits(row: Agreement) -> str:
    sides = [seat.side for seat in missing_sides(row)]
    if len(sides) == len(Side):
        return _("Waits for both signatures")
    if Side.SALES in sides:
        return _("Waits for the signature of sales")
    return _("Waits for the signature of marketing")


# -- what happened ------------------------------------------------------------------------------------

# kind of a ledger entry → words, icon, tone
SENTENCES: dict[str, tuple[Words, str, str]] = {
    "agreement.drafted": (gettext_lazy("Drafted"), "pencil", "plain"),
    "agreement.revised": (gettext_lazy("Draft changed"), "pencil", "plain"),
    "agreement.proposed": (gettext_lazy("Proposed to both sides"), "send", "accent"),
    "agreement.draft": (gettext_lazy("Taken back to be changed; signatures are void"), "undo", "hold"),
    "agreement.signed": (gettext_lazy("Both sides have signed"), "check", "ok"),
    "agreement.in_force": (gettext_lazy("Came into force"), "sla", "ok"),
    "agreement.superseded": (gettext_lazy("The next version took its place"), "lock", "plain"),
}
SIGNED_FOR: dict[str, Words] = {
    Side.MARKETING: gettext_lazy("Signed for marketing"),
    Side.SALES: gettext_lazy("Signed for sales"),
}


def history(row: Agreement) -> list[Happening]:
    """Whoever may read the agreement may read what happened to it."""
    entries = LedgerEntry.objects.about("agreement", row.pk).select_related("actor")
    return [_told(entry) for entry in entries.newest_first()[:SHOWN]]


def _told(entry: LedgerEntry) -> Happening:
    words, icon, tone = SENTENCES.get(entry.kind, (gettext_lazy("Something was recorded"), "note", "plain"))
    if entry.kind == "agreement.side_signed":
        words, icon, tone = SIGNED_FOR[entry.data["side"]], "check", "accent"
    by = _("by %(name)s") % {"name": entry.actor} if entry.actor else ""
    return Happening(at=entry.at, text=words, icon=icon, tone=tone, by=by, body=entry.reason)


# -- what was in force when -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bar:
    """A period of a strip of time, in hundredths of its width."""

    row: Agreement
    x: float
    width: float
    words: str


@dataclass(frozen=True, slots=True)
class Strip:
    first_day: str
    last_day: str
    now: float
    bars: Sequence[Bar]

    @property
    def is_ahead(self) -> bool:
        """Whether it goes on after today."""
        return self.now < 100


def strip(rows: Iterable[Agreement], *, since: datetime, until: datetime, at: datetime) -> Strip:
    """When each agreement was or will be in force, between two moments."""
    whole = max(until - since, timedelta(days=1))

    def place(moment: datetime) -> float:
        return round(100 * min(max((moment - since) / whole, 0), 1), 2)

    bars = []
    for row in sorted(_binding(rows), key=lambda row: row.effective_from or since):
        start, end = place(row.effective_from or since), place(row.effective_until or until)
        bars.append(Bar(row, start, max(round(end - start, 2), 0.8), _period(row)))
    return Strip(formats.day(since), formats.day(until), place(at), bars)


def _binding(rows: Iterable[Agreement]) -> list[Agreement]:
    return [row for row in rows if row.effective_from and row.status in BINDING]


def _period(row: Agreement) -> str:
    assert row.effective_from
    until = formats.day(row.effective_until) if row.effective_until else _("open end")
    values: dict[str, Any] = {
        "version": row.version,
        "since": formats.day(row.effective_from),
        "until": until,
    }
    return _("Version %(version)s: %(since)s – %(until)s") % values
