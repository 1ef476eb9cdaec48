"""The inbox: what waits for a person."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from crm import present
from desk import waiting
from desk.views.answers import person


@login_required
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    user, at = person(request), present.now()
    groups = waiting.grouped(user, at)
    context = {"title": _("Inbox"), "groups": groups, "lede": waiting.lede(user, groups, at), "now": at}
    context["next_comes"] = waiting.next_comes(user)
    return render(request, "desk/inbox.html", context)
