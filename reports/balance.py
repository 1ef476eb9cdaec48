"""Both sides' promises beside what became of them, as the lines of one sheet; and the worst deviations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from crm.components import formats
from crm.components.faces import Words
from reports import links
from reports.answers import Answers
from reports.attainment import Line, Sales
from reports.figures import CLOCKS
from reports.marketing import Against, Marketing
from reports.scopes import Scope
from reports.tables import CLOCK_LABELS, interval, of
from sla.judging import LATE
from sla.models import Agreement, Side

KEPT, MISSED, OPEN = "kept", "missed", "open"
WORST = 3


@dataclass(frozen=True, slots=True)
class Promise:
    """`shortfall` is the share of the promise that was not kept, 0 to 1; None where nothing can be said yet.

    `fell_short` is the sentence about it, where it was not kept.
    """

    code: str
    side: str
    label: Words
    promised: str
    became: str
    note: str = ""
    shortfall: float | None = None
    fell_short: str = ""
    url: str = ""

    @property
    def state(self) -> str:
        if self.shortfall is None:
            return OPEN
        return MISSED if self.shortfall > 0 else KEPT


def balance(scope: Scope, sold: Sales, passed_on: Marketing, said: Answers) -> list[Promise]:
    hours = _hours(scope)
    sales = [_clock(scope, sold, clock, hours[clock]) for clock in CLOCKS]
    return [
        *sales,
        _volume(scope, passed_on),
        _acceptance(scope, passed_on, said),
        _completeness(scope, passed_on),
    ]


def _hours(scope: Scope) -> dict[str, str]:
    """The hours agreed for each promise; several where the handoffs fell under several agreements."""
    under = Agreement.objects.filter(pk__in=scope.handoffs().order_by().values("agreement")).order_by("pk")
    agreed = list(under.values_list("response_hours", "accept_hours", "feedback_hours"))
    return {clock: _several({row[place] for row in agreed}) for place, clock in enumerate(CLOCKS)}


def _several(hours: Iterable[float]) -> str:
    numbers = " / ".join(formats.number(value, 1).removesuffix(".0") for value in sorted(hours))
    return _("within %(hours)s h") % {"hours": numbers} if numbers else "–"


def _clock(scope: Scope, sold: Sales, clock: str, promised: str) -> Promise:
    kept = sold.total.kept(clock)
    worst = max(sold.people, key=lambda line: (line.tally.kept(clock).late, line.key), default=None)
    return Promise(
        code=clock,
        side=Side.SALES,
        label=CLOCK_LABELS[clock],
        promised=promised,
        became=f"{formats.percent(kept.rate)} ({of(kept.in_time, kept.judged)})" if kept.judged else "–",
        note=_("%(count)s still running") % {"count": formats.number(kept.running)} if kept.running else "",
        shortfall=kept.late / kept.judged if kept.judged else None,
        fell_short=_sentence(
            _("%(what)s: %(late)s later than agreed (%(promised)s)")
            % {"what": CLOCK_LABELS[clock], "late": of(kept.late, kept.judged), "promised": promised},
            _most_late(worst, clock),
        ),
        url=links.handoffs(scope, **{clock: LATE}) if kept.late else "",
    )


def _most_late(worst: Line | None, clock: str) -> str:
    if worst is None or not worst.tally.kept(clock).late:
        return ""
    words = {"person": worst.name or _("nobody (open queue)"), "late": worst.tally.kept(clock).late}
    return _("most with %(person)s: %(late)s") % words


def _volume(scope: Scope, passed_on: Marketing) -> Promise:
    due = passed_on.due
    return Promise(
        code="volume",
        side=Side.MARKETING,
        label=_("MQLs"),
        promised=formats.number(due, 1) if due is not None else "–",
        became=formats.number(passed_on.mqls),
        note=_volume_note(passed_on),
        shortfall=max(0.0, 1 - passed_on.mqls / due) if due else None,
        fell_short=_sentence(
            _("MQLs: %(count)s of %(due)s promised so far")
            % {
                "count": formats.number(passed_on.mqls),
                "due": formats.number(due or 0, 1),
            }
        ),
        url=links.figure(scope, "mqls") if passed_on.mqls else "",
    )


def _volume_note(passed_on: Marketing) -> str:
    if passed_on.due is None or passed_on.planned is None:
        return _("promised for all leads, not for a part")
    if passed_on.due < passed_on.planned:
        return _("of %(planned)s for the whole period") % {"planned": formats.number(passed_on.planned, 1)}
    return _("prorated over parts of months") if any(not m.promise.is_whole for m in passed_on.months) else ""


def _acceptance(scope: Scope, passed_on: Marketing, said: Answers) -> Promise:
    first = said.reasons[0] if said.reasons else None
    where = (
        _("most often “%(reason)s”: %(count)s") % {"reason": first.name, "count": first.rejected}
        if first
        else ""
    )
    url = links.handoffs(scope, said="rejected") if said.rejected else ""
    return _share("acceptance", _("Acceptance rate"), passed_on.acceptance, where, url)


def _completeness(scope: Scope, passed_on: Marketing) -> Promise:
    found = passed_on.completeness
    url = links.figure(scope, "incomplete") if found.share.part < found.share.whole else ""
    return _share("completeness", _("Complete data"), found, "", url)


def _share(code: str, label: str, found: Against, where: str, url: str) -> Promise:
    rate, promised = found.share.rate, found.promised
    shortfall = max(0.0, 1 - rate / promised) if rate is not None and promised else None
    range_ = _("likely range %(range)s") % {"range": interval(found.share)} if found.share.whole else ""
    chance = _("could be chance") if found.is_uncertain and shortfall else ""
    return Promise(
        code=code,
        side=Side.MARKETING,
        label=label,
        promised=formats.percent(promised),
        became=f"{formats.percent(rate)} ({of(found.share.part, found.share.whole)})"
        if rate is not None
        else "–",
        note="; ".join(part for part in (range_, chance) if part),
        shortfall=shortfall,
        fell_short=_sentence(
            _("%(what)s: %(rate)s instead of %(promised)s")
            % {
                "what": label,
                "rate": formats.percent(rate),
                "promised": formats.percent(promised),
            },
            where,
            chance,
        ),
        url=url,
    )


def worst(found: Sequence[Promise]) -> list[Promise]:
    """The promises that fell shortest, at most three."""
    missed = [promise for promise in found if promise.shortfall]
    return sorted(missed, key=lambda promise: (-(promise.shortfall or 0), promise.code))[:WORST]


def _sentence(*parts: str) -> str:
    return _("%(said)s.") % {"said": _("; ").join(part for part in parts if part)}
