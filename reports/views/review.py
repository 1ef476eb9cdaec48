"""The review pack on one page, and as a CSV."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_safe

from crm.components.faces import Words
from crm.models.base import FIRST_DAY, LAST_DAY
from reports import balance, breaches, causes, exporting, links, tables
from reports import review as packs
from reports.facets import Lens
from reports.periods import Period
from reports.review import Pack
from reports.views import frame
from reports.views.frame import Asked
from sla.causes import LABELS
from sla.judging import LATE
from sla.models import Side

TITLES: dict[str, Words] = {
    "week": gettext_lazy("Weekly review"),
    "quarter": gettext_lazy("Quarterly review"),
}
STATES: dict[str, tuple[Words, str, str]] = {
    balance.KEPT: (pgettext_lazy("promise", "Kept"), "ok", "on-track"),
    balance.MISSED: (gettext_lazy("Missed"), "late", "breached"),
    balance.OPEN: (gettext_lazy("Cannot be said"), "plain", "more"),
}
DECISIONS, SHOWN = range(5), 12


@login_required
@require_safe
def review(request: HttpRequest) -> HttpResponse:
    wish, kind = _asked(request)
    pack = packs.pack(wish.scope, wish.lens)
    context = frame.context(
        request,
        wish,
        title=TITLES[kind],
        lede=wish.scope.period.label,
        kinds=_kinds(kind),
        around=_around(kind, wish),
        export_url=_address("reports:review-export", kind, wish.scope.period.first),
        pack=pack,
        sides=_sides(pack),
        breaches=[
            (breach, [causes.words(cause) for cause in breach.causes]) for breach in pack.breaches[:SHOWN]
        ],
        late_url=links.handoffs(wish.scope, response=LATE),
        by_cause=[(LABELS[name], count) for name, count in breaches.by_cause(pack.breaches)],
        reasons=tables.reasons(wish.scope, pack.answers.reasons),
        sources=tables.sources(wish.scope, pack.marketing.sources),
        unread_url=links.handoffs(wish.scope, said="rejected", reviewed="no"),
        decisions=DECISIONS,
    )
    return render(request, "reports/review.html", context)


@login_required
@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    wish, kind = _asked(request)
    header = [_("Section"), _("Item"), _("Value"), _("Promised"), _("Note")]
    name = f"review-{kind}-{wish.scope.period.first}"
    return exporting.table(name, header, packs.rows(packs.pack(wish.scope, wish.lens)))


def _asked(request: HttpRequest) -> tuple[Asked, str]:
    """`kind` is week or quarter, `on` a day in it; team, person, segment and source as in every report."""
    wish, kind = frame.asked(request), request.GET.get("kind", "")
    kind = kind if kind in packs.KINDS else packs.DEFAULT
    zone = wish.scope.period.zone
    period = packs.period_of(kind, _day(request.GET.get("on", "")), at=wish.at, zone=zone)
    return Asked(wish.scope.during(period), Lens(wish.at, zone), wish.complaints), kind


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_DAY < day < LAST_DAY else None


def _address(name: str, kind: str, on: date | None = None) -> str:
    return links.address(reverse(name), {"kind": kind, **({"on": str(on)} if on else {})})


def _kinds(current: str) -> list[frame.Tab]:
    return [
        frame.Tab(title, _address("reports:review", kind), kind == current) for kind, title in TITLES.items()
    ]


def _around(kind: str, wish: Asked) -> dict[str, str]:
    """The week or quarter before, and the one after where it has begun."""
    period: Period = wish.scope.period
    before, after = period.first - timedelta(days=1), period.last + timedelta(days=1)
    has_begun = after <= wish.at.astimezone(period.zone).date()
    return {
        "before": _address("reports:review", kind, before),
        "after": _address("reports:review", kind, after) if has_begun else "",
    }


def _sides(pack: Pack) -> list[tuple[Any, list[tuple[Any, Any]]]]:
    return [
        (side.label, [(promise, STATES[promise.state]) for promise in pack.balance if promise.side == side])
        for side in (Side.SALES, Side.MARKETING)
    ]
