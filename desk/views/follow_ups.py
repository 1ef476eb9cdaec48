"""Ticking a next step off, and taking that back."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm import activities, present
from crm.models import FollowUp
from desk.views.answers import came_from, go, own_path, person


@login_required
@require_POST
def done(request: HttpRequest, pk: int) -> HttpResponse:
    step = activities.finish(_find(request, pk), by=person(request), at=present.now())
    words = _("Done: %(what)s") % {"what": step.note}
    messages.success(request, words, extra_tags=reverse("desk:follow-up-undo", args=[step.pk]))
    return _back(request)


@login_required
@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    activities.take_up_again(_find(request, pk), by=person(request), at=present.now())
    messages.success(request, _("It is back on your list."))
    return _back(request)


def _find(request: HttpRequest, pk: int) -> FollowUp:
    mine = FollowUp.objects.visible_to(person(request)).select_related("contact")
    found: FollowUp = get_object_or_404(mine, pk=pk)
    return found


def _back(request: HttpRequest) -> HttpResponse:
    return go(
        request, own_path(request, request.POST.get("next") or came_from(request), reverse("desk:inbox"))
    )
