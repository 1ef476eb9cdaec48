"""The review pack: what marketing and sales look at together, once a week and once a quarter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from django.utils.translation import gettext as _

from crm.components import formats
from crm.components.faces import Words
from reports import answers, attainment, balance, breaches, causes
from reports.answers import Answers
from reports.attainment import Sales
from reports.balance import Promise
from reports.breaches import Breach
from reports.facets import Lens
from reports.marketing import Marketing, marketing
from reports.periods import QUARTER, WEEK, Period, containing
from reports.scopes import Scope
from reports.tables import hours
from sla.models import Side

KINDS = {"week": WEEK, "quarter": QUARTER}
DEFAULT = "week"


@dataclass(frozen=True, slots=True)
class Pack:
    """Everything on the sheet; `late` counts all late first contacts, of which `breaches` holds the worst."""

    scope: Scope
    sales: Sales
    marketing: Marketing
    answers: Answers
    balance: list[Promise]
    breaches: list[Breach]

    @property
    def late(self) -> int:
        return self.sales.total["response_late"]

    @property
    def worst(self) -> list[Promise]:
        return balance.worst(self.balance)


def pack(scope: Scope, lens: Lens) -> Pack:
    sold, passed_on = attainment.sales(scope, lens), marketing(scope, lens)
    said = answers.answers(scope, lens)
    return Pack(
        scope,
        sold,
        passed_on,
        said,
        balance.balance(scope, sold, passed_on, said),
        breaches.breaches(scope, lens),
    )


def period_of(kind: str, on: date | None, *, at: datetime, zone: tzinfo) -> Period:
    """The week or quarter a day lies in; without a day the last one that is over."""
    unit = KINDS.get(kind, KINDS[DEFAULT])
    now = containing(unit, at.astimezone(zone).date(), zone)
    return containing(unit, on or now.first - timedelta(days=1), zone)


# -- as rows --------------------------------------------------------------------------------------

HEADER: tuple[Words, ...] = ("section", "item", "value", "promised", "note")
Line = tuple[object, ...]


def rows(found: Pack) -> Iterator[Line]:
    """The same sheet as a CSV: section, item, value, promised, note."""
    yield (_("Period"), found.scope.period.label, "", "", "")
    yield from (_promise(promise) for promise in found.balance)
    yield from (
        (_("Largest deviation"), promise.label, promise.fell_short, "", "") for promise in found.worst
    )
    yield from (_breach(breach) for breach in found.breaches)
    yield from _said(found.answers)


def _promise(promise: Promise) -> Line:
    return (str(Side(promise.side).label), promise.label, promise.became, promise.promised, promise.note)


def _breach(breach: Breach) -> Line:
    row = breach.handoff
    told = "; ".join(causes.words(cause) for cause in breach.causes)
    late = _("%(hours)s late") % {"hours": hours(breach.late / timedelta(hours=1))}
    who = str(row.assignee or _("nobody (open queue)"))
    lead, due = f"{row.contact} / {row.account or ''}", formats.exact(row.respond_by)
    return _("Late first contact"), lead, late, due, f"{who}: {told}"


def _said(said: Answers) -> Iterable[Line]:
    for reason in said.reasons:
        for source, count in reason.sources.items():
            yield (_("Rejected"), reason.name, count, "", source)
        if reason.unreviewed:
            yield (_("Not read yet"), reason.name, reason.unreviewed, "", "")
    yield from ((_("Conclusion"), one.text, one.count, "", "") for one in said.conclusions)
