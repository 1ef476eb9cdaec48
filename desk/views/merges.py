"""What was merged lately, and taking it back."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crm import present
from crm.models import MergeRecord
from crm.states import Refused
from desk import duplicate_pages as pages
from desk.record_lists import page_of
from desk.views.answers import person
from leads import merging


@login_required
@require_safe
def merge_list(request: HttpRequest) -> HttpResponse:
    user, at = person(request), present.now()
    found = MergeRecord.objects.visible_to(user).undoable(at).light().select_related("merged_by")
    page = page_of(found.newest_first(), request.GET)
    context = {
        "title": _("Recently merged"),
        "lede": _("A merge can be undone for 30 days. What came since stays with the record that stayed."),
        "page": page,
        "rows": pages.with_records(page.rows, user, ("loser", "winner")),
        "now": at,
    }
    return render(request, "desk/merge_list.html", context)


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
