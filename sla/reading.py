"""An agreement as its readers see it: the text both sides hold, its names in their language, and what comes next."""

from __future__ import annotations

from typing import Any

from leads.models import Programme, Segment
from sla import contract, terms
from sla.contract import Clause, ClauseChange, Names
from sla.models import Agreement, RejectionReason


def names() -> Names:
    """What the catalogues call their codes in the language of the reader."""
    return Names(
        segments={row.code: str(row) for row in Segment.objects.all()},
        reasons={row.code: str(row) for row in RejectionReason.objects.order_by("position", "code")},
        programmes={row.code: str(row) for row in Programme.objects.all()},
    )


def text_of(agreement: Agreement) -> dict[str, Any]:
    """What was proposed and signed; of a draft what it says now."""
    return agreement.text or terms.contract_body(agreement)


def clauses(agreement: Agreement) -> list[Clause]:
    return contract.clauses(text_of(agreement), names())


def changes(old: Agreement, new: Agreement) -> list[ClauseChange]:
    """What `new` says otherwise than `old`."""
    known = names()
    return contract.diff(contract.clauses(text_of(old), known), contract.clauses(text_of(new), known))


def drift(agreement: Agreement) -> list[ClauseChange]:
    """Clauses whose calendar or segment has been changed since the text was laid down."""
    if agreement.text is None:
        return []
    known = names()
    now = contract.clauses(terms.contract_body(agreement), known)
    found = contract.diff(contract.clauses(agreement.text, known), now)
    return [change for change in found if change.state != contract.SAME]
