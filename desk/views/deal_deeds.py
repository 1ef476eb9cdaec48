"""Moving, winning, losing and reopening a deal: a form to read first, and the deed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from crm import access, present
from crm.components.faces import Words
from crm.models import User
from crm.states import Refused, UnableToMove
from deals import pipeline
from deals.models import Deal
from desk.forms_records import DeedForm, LoseForm, MoveForm, ReopenForm, WinForm


@dataclass(frozen=True, slots=True)
class Deed:
    """`do` takes the deal, what was entered, who, and when."""

    name: str
    title: Words
    verb: Words
    done: Words
    form: type[DeedForm]
    do: Callable[[Deal, dict[str, Any], User, datetime], Deal]


MOVE = Deed(
    "move",
    gettext_lazy("Move the deal"),
    gettext_lazy("Move"),
    gettext_lazy("Moved to %(stage)s."),
    MoveForm,
    lambda deal, said, by, at: pipeline.move(deal, said["stage"], by=by, at=at),
)
WIN = Deed(
    "win",
    gettext_lazy("Win the deal"),
    gettext_lazy("Close as won"),
    gettext_lazy("Won. The lead is a customer now."),
    WinForm,
    lambda deal, said, by, at: pipeline.win(deal, by=by, at=at, note=said["note"]),
)
LOSE = Deed(
    "lose",
    gettext_lazy("Lose the deal"),
    gettext_lazy("Close as lost"),
    gettext_lazy("Closed as lost."),
    LoseForm,
    lambda deal, said, by, at: pipeline.lose(deal, reason=said["reason"], by=by, at=at, note=said["note"]),
)
REOPEN = Deed(
    "reopen",
    gettext_lazy("Take the deal up again"),
    gettext_lazy("Take up again"),
    gettext_lazy("Open again, in %(stage)s."),
    ReopenForm,
    lambda deal, _said, by, at: pipeline.reopen(deal, by=by, at=at),
)


def _page(deed: Deed) -> Callable[..., HttpResponse]:
    @login_required
    @require_http_methods(["GET", "HEAD", "POST"])
    def page(request: HttpRequest, pk: int) -> HttpResponse:
        return _answer(request, pk, deed)

    return page


def _answer(request: HttpRequest, pk: int, deed: Deed) -> HttpResponse:
    user: Any = request.user
    deal = get_object_or_404(Deal.objects.visible_to(user).with_people(), pk=pk)
    if not access.may_work(user, deal.owner_id):
        raise PermissionDenied(_("Only its owner, their manager or an administrator may move this deal."))
    form = deed.form(request.POST if request.method == "POST" else None, user=user)
    if not form.is_valid():
        return _form_page(request, deal, deed, form, 422 if form.is_bound else 200)
    try:
        moved = deed.do(deal, form.cleaned_data, user, present.now())
    except UnableToMove as error:
        form.add_error(None, str(error))
        return _form_page(request, deal, deed, form, 409)
    except Refused as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return _form_page(request, deal, deed, form, 422)
    messages.success(request, str(deed.done) % {"stage": moved.stage})
    return redirect(_back(request, moved))


def _back(request: HttpRequest, deal: Deal) -> str:
    """Where the person came from, if that is ours; else the deal."""
    wanted = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if wanted and ours else reverse("desk:deal-detail", args=[deal.pk])


def _form_page(request: HttpRequest, deal: Deal, deed: Deed, form: DeedForm, status: int) -> HttpResponse:
    context: dict[str, Any] = {
        "title": deed.title,
        "deal": deal,
        "deed": deed,
        "form": form,
        "notes": form.notes(),
    }
    context["now"] = present.now()
    return render(request, "desk/deal_deed.html", context, status=status)


move, win, lose, reopen = _page(MOVE), _page(WIN), _page(LOSE), _page(REOPEN)
