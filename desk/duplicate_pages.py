"""What the pages about duplicates show: pairs with both records, and the two side by side, field by field."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from crm import merging
from crm.matching import rules
from crm.models import Contact, DuplicatePair, RecordKind, User
from leads.models import Lead
from sla.models import Handoff

FIELDS = {
    RecordKind.CONTACT: (
        "last_name", "first_name", "account", "job_title", "stakeholder_role", "email", "phone", "owner", "external_id",
    ),
    RecordKind.ACCOUNT: (
        "name", "corporate_number", "domain", "industry", "employee_count", "country", "address", "owner",
        "external_id",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """A pair in a list: both records, and why they may be one."""

    pair: Any
    low: Any
    high: Any
    reasons: list[Any]

    @property
    def companies(self) -> str:
        """Where the two people work, said once where it is the same."""
        named = [str(row.account) for row in (self.low, self.high) if getattr(row, "account", None)]
        return " · ".join(dict.fromkeys(named))


@dataclass(frozen=True, slots=True)
class Line:
    """One field of both: which value stays is a choice only where both have one and they differ."""

    name: str
    label: Any
    low: str
    high: str
    is_choice: bool
    keeps_high: bool


def reason_words(codes: Iterable[str]) -> list[Any]:
    return [rules.WORDS.get(code, code) for code in codes]


def with_records(rows: Sequence[Any], user: User, sides: tuple[str, str] = ("low", "high")) -> list[Shown]:
    """Both records of each row, in one query per kind; a row one of whose records is gone is left out."""
    known: dict[tuple[str, int], Any] = {}
    for kind, model in merging.MODELS.items():
        wanted = {getattr(row, side) for row in rows if row.kind == kind for side in sides}
        found: Any = model.objects.visible_to(user).filter(pk__in=wanted)
        related = ("account", "owner") if model is Contact else ("owner",)
        known |= {(str(kind), one.pk): one for one in found.select_related(*related)} if wanted else {}
    found_rows: list[Shown] = []
    for row in rows:
        one, other = (known.get((row.kind, getattr(row, side))) for side in sides)
        if one is not None and other is not None:
            found_rows.append(Shown(row, one, other, reason_words(getattr(row, "reasons", ()))))
    return found_rows


def beside(shown: Shown, winner: int) -> list[Line]:
    """Field by field; the value of the record that stays is kept unless it has none."""
    return [_line(name, shown, winner) for name in FIELDS[RecordKind(shown.pair.kind)]]


def _line(name: str, shown: Shown, winner: int) -> Line:
    low, high = (_words(row, name) for row in (shown.low, shown.high))
    is_choice = bool(low and high and low != high)
    keeps_high = winner == shown.high.pk if is_choice else not low
    label = shown.low._meta.get_field(name).verbose_name
    return Line(name, label, low, high, is_choice, keeps_high)


def _words(row: Any, name: str) -> str:
    display = getattr(row, f"get_{name}_display", None)
    value = display() if display else getattr(row, name)
    return "" if value is None else str(value)


def likely_winner(shown: Shown) -> int:
    """The record sales works now, else the one of which more is known, else the older one."""
    worked = _worked(shown)
    fields = FIELDS[RecordKind(shown.pair.kind)]
    rank = {
        row.pk: (row.pk in worked, sum(bool(_words(row, name)) for name in fields), -row.pk)
        for row in (shown.low, shown.high)
    }
    return max(rank, key=lambda pk: rank[pk])


def _worked(shown: Shown) -> set[int]:
    both = [shown.low.pk, shown.high.pk]
    if shown.pair.kind == RecordKind.ACCOUNT:
        return set()
    return set(Handoff.objects.running().filter(contact__in=both).values_list("contact", flat=True))


def address_of(kind: str, row: Any) -> tuple[str, int] | None:
    """The page of a record: a company's own, a person's newest lead."""
    if kind == RecordKind.ACCOUNT:
        return ("desk:account-detail", row.pk)
    lead = Lead.objects.standing().filter(contact=row.pk).order_by("-pk").values_list("pk", flat=True).first()
    return ("desk:lead-detail", lead) if lead else None


def possible(kind: str, pk: int | None, user: User) -> DuplicatePair | None:
    """The likeliest open pair of a record, for the note on its page."""
    if pk is None:
        return None
    pairs = DuplicatePair.objects.visible_to(user).open().touching(kind, pk)
    found: DuplicatePair | None = pairs.likeliest_first().first()
    return found
