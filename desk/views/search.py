"""Search: a page of its own, and the list inside the palette."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from crm import present
from desk import search

PALETTE = "palette-list"


@login_required
@require_safe
@vary_on_headers("HX-Target")
def find(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    text = request.GET.get("q", "").strip()
    groups = search.find(user, text)
    if request.headers.get("HX-Target") == PALETTE:
        return render(request, "desk/search_palette.html", {"groups": groups})
    context = {"title": _("Search"), "groups": groups, "text": text, "now": present.now()}
    return render(request, "desk/search.html", context)
