"""Agreements: the list by segment, and the contract itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from crm import downloads, present
from crm.components.tables import Filter, Option
from crm.models import User
from crm.pages import person, url_of
from leads.models import Segment
from sla import agreement_words, agreements, contract, reading
from sla.models import BINDING, Agreement, AgreementStatus

EVERYBODY = "everybody"
FIRST_SHOWN = 6
LOOK_AHEAD = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Row:
    agreement: Agreement
    seats: Sequence[agreement_words.Seat]
    step: str
    is_mine_to_sign: bool


@dataclass(frozen=True, slots=True)
class Group:
    """The agreements for one segment, newest first; `more` older ones are behind the filter."""

    code: str
    name: str
    strip: agreement_words.Strip | None
    rows: list[Row]
    more: int


@login_required
@require_safe
def agreement_list(request: HttpRequest) -> HttpResponse:
    user, at = person(request), present.now()
    found = list(_asked(user, request.GET))
    context = {
        "title": _("SLA"),
        "lede": _("What marketing and sales have promised each other."),
        "filters": _filters(user),
        "groups": _groups(found, user, at, whole=bool(request.GET.get("segment"))),
        "what_if_url": url_of("sla:what-if"),
        "attainment_url": url_of("reports:sla"),
        "now": at,
    }
    return render(request, "sla/agreement_list.html", context)


@login_required
@require_safe
def agreement_export(request: HttpRequest) -> HttpResponseBase:
    user = person(request)
    header = [_("Version"), _("Title"), _("Segment"), _("Status"), _("In force from"), _("In force until")]
    header += [_("Signed for marketing"), _("Signed for sales")]
    rows = (_cells(row) for row in _asked(user, request.GET))
    return downloads.table("agreements", header, rows, request.GET)


def _cells(row: Agreement) -> list[object]:
    segment = str(row.segment) if row.segment else _("Everybody else")
    signed = [str(seat.signature.user) if seat.signature else "" for seat in agreement_words.seats(row)]
    return [
        row.version,
        row.title,
        segment,
        row.get_status_display(),
        row.effective_from,
        row.effective_until,
        *signed,
    ]


def _asked(user: User, query: QueryDict) -> Any:
    rows = Agreement.objects.visible_to(user).with_signatures().order_by("-version")
    if statuses := [status for status in query.getlist("status") if status in AgreementStatus.values]:
        rows = rows.filter(status__in=statuses)
    if segment := query.get("segment"):
        rows = rows.filter(segment=None) if segment == EVERYBODY else rows.filter(segment__code=segment)
    return rows


def _filters(user: User) -> list[Filter]:
    named = Segment.objects.visible_to(user).exclude(agreements=None).order_by("position", "pk").distinct()
    segments = [Option(EVERYBODY, _("Everybody else")), *[Option(row.code, str(row)) for row in named]]
    statuses = [Option(value, label) for value, label in AgreementStatus.choices]
    return [Filter("segment", _("Segment"), segments), Filter("status", _("Status"), statuses, many=True)]


def _groups(rows: Iterable[Agreement], user: User, at: datetime, *, whole: bool) -> list[Group]:
    by_segment: dict[int | None, list[Agreement]] = {}
    for row in rows:
        by_segment.setdefault(row.segment_id, []).append(row)
    groups = sorted(by_segment.values(), key=_place)
    starts = [row.effective_from for group in groups for row in group if row.effective_from]
    ahead = [start + LOOK_AHEAD for start in starts if start > at]
    span = (min(starts), max([at, *ahead])) if starts else None
    return [_group(group, user, span, at, whole) for group in groups]


def _place(group: Sequence[Agreement]) -> tuple[int, int]:
    segment = group[0].segment
    return (segment.position, segment.pk) if segment else (-1, 0)


def _group(
    rows: list[Agreement], user: User, span: tuple[datetime, datetime] | None, at: datetime, whole: bool
) -> Group:
    segment = rows[0].segment
    shown = rows if whole else rows[:FIRST_SHOWN]
    drawn = agreement_words.strip(rows, since=span[0], until=span[1], at=at) if span else None
    return Group(
        code=segment.code if segment else EVERYBODY,
        name=str(segment) if segment else _("Everybody else"),
        strip=drawn if drawn and drawn.bars else None,
        rows=[_row(row, user) for row in shown],
        more=len(rows) - len(shown),
    )


def _row(row: Agreement, user: User) -> Row:
    seats, step = agreement_words.seats(row), agreement_words.next_step(row, user)
    return Row(row, seats, step, agreement_words.waits_for(row, user))


# -- one agreement ------------------------------------------------------------------------------------


@login_required
@require_safe
def agreement_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return page(request, find(request, pk))


def find(request: HttpRequest, pk: int) -> Agreement:
    seen = Agreement.objects.visible_to(person(request)).with_signatures()
    found: Agreement = get_object_or_404(seen, pk=pk)
    return found


def page(request: HttpRequest, row: Agreement, status: int = 200) -> HttpResponse:
    """The contract with its state; `?against=` shows what it says otherwise than another version."""
    user = person(request)
    others = _others(user, row)
    against = _against(others, request.GET.get("against", ""))
    language = _language(request)
    context = {
        "title": str(row),
        "agreement": row,
        "contract": _contract(request, row, against, language),
        "languages": [(code, name, code == language) for code, name in settings.LANGUAGES],
        "against": against,
        "others": others,
        "in_force": next((other for other in others if other.status == AgreementStatus.IN_FORCE), None),
        "step": agreement_words.next_step(row, user),
        "is_mine_to_sign": agreement_words.waits_for(row, user),
        "seats": agreement_words.seats(row),
        "happenings": agreement_words.history(row),
        "drift": reading.drift(row) if row.status != AgreementStatus.DRAFT else [],
        "deeds": agreements.deeds_of(row, user),
        "what_if_url": url_of("sla:what-if"),
        "attainment_url": url_of("reports:sla"),
    }
    return render(request, "sla/agreement_detail.html", context, status=status)


def _contract(request: HttpRequest, row: Agreement, against: Agreement | None, language: str) -> str:
    """The text and its signatures in the language asked for, whatever that of the page around it is."""
    with translation.override(language):
        changes = reading.changes(against, row) if against else []
        values = {
            "agreement": row,
            "language": language,
            "against": against,
            "changes": changes,
            "differing": sum(change.state != contract.SAME for change in changes),
            "clauses": [] if against else reading.clauses(row),
            "seats": agreement_words.seats(row),
            "is_founded": row.status in BINDING and not row.signatures.all(),
            "step": agreement_words.next_step(row, person(request)),
        }
        return render_to_string("sla/_contract.html", values, request)


def _language(request: HttpRequest) -> str:
    """The person's own, unless the page is asked for in another."""
    asked = request.GET.get("in", "")
    return asked if asked in dict(settings.LANGUAGES) else translation.get_language() or "en"


def _others(user: User, row: Agreement) -> list[Agreement]:
    """The versions it can be compared with: for the same leads first, newest first."""
    rows = Agreement.objects.visible_to(user).with_signatures().exclude(pk=row.pk).order_by("-version")
    return sorted(rows[:50], key=lambda other: other.segment_id != row.segment_id)


def _against(others: Iterable[Agreement], version: str) -> Agreement | None:
    return next((other for other in others if str(other.version) == version), None)
