"""Possible duplicates: the list, one pair side by side, and the decision about it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from crm import duplicates, present
from crm.components.tables import Column, Filter, Option
from crm.matching import rules
from crm.models import DuplicatePair, RecordKind
from crm.querysets_duplicates import LIKELY
from crm.states import Refused
from desk import duplicate_pages as pages
from desk.record_lists import EXPORTED, Order, columns_of, export, ordered, page_of
from desk.views.answers import person
from leads.models import Lead
from sla import auto_merging

COLUMNS = [
    Column("pair", gettext_lazy("Records")),
    Column("score", gettext_lazy("Likeness"), "score", numeric=True, falls_first=True),
    Column("reasons", gettext_lazy("Reasons")),
    Column("found", gettext_lazy("Found"), "found", falls_first=True, optional=True),
]
ORDERS = {"score": Order("score"), "found": Order("found_at")}
DEFAULT, STRONG, SURE, SOURCES = "-score", 70, 100, 30
# Likeness from and below; the list opens on the pairs that are rather one than two.
BOUNDS = {
    "rather": (LIKELY, SURE + 1), "strong": (STRONG, SURE + 1), "likely": (LIKELY, STRONG), "possible": (0, LIKELY),
    "any": (0, SURE + 1),
}  # fmt: skip


def _columns(query: QueryDict) -> list[Column]:
    """People are told by where they work as well."""
    if _kind(query) != RecordKind.CONTACT:
        return COLUMNS
    return [COLUMNS[0], Column("companies", gettext_lazy("Company")), *COLUMNS[1:]]


@login_required
@require_safe
def pair_list(request: HttpRequest) -> HttpResponse:
    user, query = person(request), request.GET
    page = page_of(_found(user, query), query)
    context = {
        "title": _("Duplicates"),
        "lede": _("Records that may be one person or one company, with the reasons. You decide."),
        **columns_of(_columns(query), query),
        "default": DEFAULT,
        "filters": _filters(user),
        "page": page,
        "rows": pages.with_records(page.rows, user),
        "exact": _exact(user, query).count(),
        "kind": _kind(query),
        "now": present.now(),
    }
    return render(request, "desk/duplicate_list.html", context)


@login_required
@require_safe
def pair_export(request: HttpRequest) -> HttpResponseBase:
    user = person(request)
    rows = pages.with_records(list(_found(user, request.GET)[:EXPORTED]), user)
    header = [_("One record"), _("The other record"), _("Likeness"), _("Reasons"), _("Found")]
    return export("duplicates", header, rows, _cells)


def _cells(shown: Any) -> Iterable[object]:
    yield from (str(shown.low), str(shown.high), shown.pair.score)
    yield from ("; ".join(map(str, shown.reasons)), shown.pair.found_at.isoformat())


def _kind(query: QueryDict) -> str:
    asked = str(query.get("kind", ""))
    return asked if asked in RecordKind.values else RecordKind.CONTACT


def _found(user: Any, query: QueryDict) -> Any:
    rows = DuplicatePair.objects.visible_to(user).open().filter(kind=_kind(query))
    if (reason := query.get("reason", "")) in rules.WORDS:
        rows = rows.filter(reasons__contains=[reason])
    least, below = BOUNDS.get(query.get("score", ""), BOUNDS["rather"])
    rows = rows.filter(score__gte=least, score__lt=below)
    if source := query.get("source", "").replace("\0", ""):
        leads = Lead.objects.visible_to(user).filter(source=source).order_by()
        rows = rows.with_one_of(leads.values("contact" if _kind(query) == RecordKind.CONTACT else "account"))
    return ordered(rows, query, ORDERS, DEFAULT)


def _exact(user: Any, query: QueryDict) -> Any:
    return DuplicatePair.objects.visible_to(user).exact().filter(kind=_kind(query))


def _filters(user: Any) -> list[Filter]:
    sources = Lead.objects.sources_seen_by(user, most=SOURCES)
    table = [*rules.PEOPLE.values(), *rules.COMPANIES.values()]
    codes = {rule.code: rule.words for rule in table if rule.points > 0}
    return [
        Filter("reason", _("Reason"), [Option(code, words) for code, words in codes.items()]),
        Filter(
            "score",
            _("Likeness"),
            [
                Option("rather", _("Rather one than two")),
                Option("strong", _("Strong")),
                Option("likely", _("Likely")),
                Option("possible", _("Possible")),
                Option("any", _("Any")),
            ],
            default="rather",
        ),
        Filter("source", _("Source"), [Option(source, source) for source in sources]),
    ]


@login_required
@require_safe
def pair_page(request: HttpRequest, pk: int) -> HttpResponse:
    shown = _shown(request, pk)
    winner = pages.likely_winner(shown)
    if str(shown.low.pk) == request.GET.get("stays") or str(shown.high.pk) == request.GET.get("stays"):
        winner = int(request.GET["stays"])
    context = {
        "title": _("Are these two the same?"),
        "shown": shown,
        "winner": winner,
        "lines": pages.beside(shown, winner),
        "places": [pages.address_of(shown.pair.kind, row) for row in (shown.low, shown.high)],
        "now": present.now(),
    }
    return render(request, "desk/duplicate_pair.html", context)


def _shown(request: HttpRequest, pk: int) -> pages.Shown:
    user = person(request)
    pair = get_object_or_404(DuplicatePair.objects.visible_to(user).open(), pk=pk)
    [shown] = pages.with_records([pair], user)
    return shown


@login_required
@require_POST
def pair_merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Merge into the record that stays; a field whose value is the other's was chosen of it."""
    shown = _shown(request, pk)
    is_high = request.POST.get("stays") == str(shown.high.pk)
    winner, other = (shown.high, "low") if is_high else (shown.low, "high")
    wanted = {line.name for line in pages.beside(shown, winner.pk) if request.POST.get(line.name) == other}
    try:
        auto_merging.merge_pair(
            shown.pair, winner=winner.pk, by=person(request), at=present.now(), chosen=wanted
        )
    except (Refused, PermissionDenied) as refusal:
        messages.error(request, str(refusal))
        return redirect("desk:duplicate", pk)
    messages.success(request, _("Merged. You can undo it for 30 days under “Recently merged”."))
    return _next_pair(request, shown.pair.kind)


@login_required
@require_POST
def pair_apart(request: HttpRequest, pk: int) -> HttpResponse:
    pair = _shown(request, pk).pair
    duplicates.keep_apart(pair.kind, pair.low, pair.high, by=person(request), at=present.now())
    messages.success(request, _("Noted: not the same. They will not be suggested again."))
    return _next_pair(request, pair.kind)


def _next_pair(request: HttpRequest, kind: str) -> HttpResponse:
    """A queue is worked through: the likeliest of those left comes next, and the list when none is."""
    rows = DuplicatePair.objects.visible_to(person(request)).open().filter(kind=kind, score__gte=LIKELY)
    following = rows.likeliest_first().first()
    if following:
        return redirect("desk:duplicate", following.pk)
    return redirect(f"{reverse('desk:duplicate-list')}?kind={kind}")


@login_required
def merge_exact(request: HttpRequest) -> HttpResponse:
    """GET asks whether all exact ones shall be merged; POST does it, a page full at a time."""
    user = person(request)
    found = _exact(user, request.GET if request.method != "POST" else request.POST)
    rows = pages.with_records(list(found.likeliest_first()[: auto_merging.AT_ONCE]), user)
    if request.method != "POST":
        context = {"title": _("Merge exact duplicates"), "rows": rows, "kind": _kind(request.GET)}
        return render(request, "desk/duplicate_exact.html", context | {"now": present.now()})
    pairs = [(row.pair, pages.likely_winner(row)) for row in rows]
    done, refused = auto_merging.merge_all(pairs, by=user, at=present.now())
    words = ngettext("%(count)d pair was merged.", "%(count)d pairs were merged.", done) % {"count": done}
    messages.success(request, words)
    if refused:
        messages.error(
            request, _("%(count)d could not be merged; open them to see why.") % {"count": refused}
        )
    return redirect("desk:duplicate-list")
