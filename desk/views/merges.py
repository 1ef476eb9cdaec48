"""What was merged lately, and taking it back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crm import present
from crm.models import MergeRecord, User
from crm.states import Refused
from desk import duplicate_pages as pages
from desk.record_lists import EXPORTED, export, page_of
from desk.views.answers import person
from leads import merging


@login_required
@require_safe
def merge_list(request: HttpRequest) -> HttpResponse:
    user, at = person(request), present.now()
    page = page_of(_undoable(user, at), request.GET)
    context = {
        "title": _("Recently merged"),
        "lede": _("A merge can be undone for 30 days. What came since stays with the record that stayed."),
        "page": page,
        "rows": pages.with_records(page.rows, user, ("loser", "winner")),
        "now": at,
    }
    return render(request, "desk/merge_list.html", context)


def _undoable(user: User, at: datetime) -> QuerySet[MergeRecord]:
    rows = MergeRecord.objects.visible_to(user).undoable(at).light().select_related("merged_by")
    found: QuerySet[MergeRecord] = rows.newest_first()
    return found


@login_required
@require_safe
def merge_export(request: HttpRequest) -> HttpResponseBase:
    user = person(request)
    rows = pages.with_records(list(_undoable(user, present.now())[:EXPORTED]), user, ("loser", "winner"))
    header = [_("Merged record"), _("Record that stayed"), _("By"), _("When")]
    return export("merged", header, rows, _cells, request.GET)


def _cells(shown: Any) -> Iterable[object]:
    by = shown.pair.merged_by or _("By rule")
    yield from (str(shown.low), str(shown.high), str(by), shown.pair.merged_at)


@login_required
@require_POST
def merge_undo(request: HttpRequest, merge: int) -> HttpResponse:
    record = get_object_or_404(MergeRecord.objects.visible_to(person(request)), pk=merge)
    try:
        merging.undo(record, by=person(request), at=present.now())
    except (Refused, PermissionDenied) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Undone. Both records are there again."))
    return redirect("desk:merge-list")
