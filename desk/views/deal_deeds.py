"""Changing, moving, winning, losing and reopening a deal, and seating its buying committee."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from crm import access, present
from deals import committee, pipeline
from deals.models import Deal
from desk import presenting
from desk.forms_records import (
    DealForm,
    LoseForm,
    MoveForm,
    NothingToAsk,
    SeatForm,
    WinForm,
    consequences,
)
from desk.views import deals
from desk.views.answers import person
from desk.views.deeds import Deed, Subject, data_of, perform

FIELDS = ("name", "amount", "currency", "expected_close_on")


def _edit(request: HttpRequest, deal: Deal, said: dict[str, Any]) -> Deal:
    return pipeline.edit(deal, by=person(request), at=present.now(), **said)


def _seat(request: HttpRequest, deal: Deal, said: dict[str, Any]) -> None:
    committee.seat(deal, said.pop("contact"), by=person(request), at=present.now(), **said)


def _move(request: HttpRequest, deal: Deal, said: dict[str, Any]) -> Deal:
    return pipeline.move(deal, said["stage"], by=person(request), at=present.now())


def _win(request: HttpRequest, deal: Deal, said: dict[str, Any]) -> Deal:
    return pipeline.win(deal, by=person(request), at=present.now(), note=said["note"])


def _lose(request: HttpRequest, deal: Deal, said: dict[str, Any]) -> Deal:
    return pipeline.lose(deal, reason=said["reason"], by=person(request), at=present.now(), note=said["note"])


def _reopen(request: HttpRequest, deal: Deal, said: dict[str, Any]) -> Deal:
    return pipeline.reopen(deal, by=person(request), at=present.now())


def _deal_form(request: HttpRequest, deal: Deal) -> forms.Form:
    return DealForm(data_of(request), initial={name: getattr(deal, name) for name in FIELDS})


DEEDS = {
    "edit": Deed(
        gettext_lazy("Change the deal"),
        gettext_lazy("Save"),
        gettext_lazy("Saved."),
        _deal_form,
        _edit,
        template="desk/_deed_convert.html",
    ),
    "seat": Deed(
        gettext_lazy("Add to the buying committee"),
        gettext_lazy("Add"),
        gettext_lazy("The buying committee is up to date."),
        lambda request, deal: SeatForm(data_of(request), user=person(request), deal=deal),
        _seat,
    ),
    "move": Deed(
        gettext_lazy("Move the deal"),
        gettext_lazy("Move"),
        gettext_lazy("Moved to %(stage)s."),
        lambda request, deal: MoveForm(
            data_of(request), user=person(request), initial={"stage": deal.stage.code}
        ),
        _move,
    ),
    "win": Deed(
        gettext_lazy("Win the deal"),
        gettext_lazy("Close as won"),
        gettext_lazy("Won. The lead is a customer now."),
        lambda request, deal: WinForm(data_of(request)),
        _win,
    ),
    "lose": Deed(
        gettext_lazy("Lose the deal"),
        gettext_lazy("Close as lost"),
        gettext_lazy("Closed as lost."),
        lambda request, deal: LoseForm(data_of(request), user=person(request)),
        _lose,
        template="desk/_deed_lose.html",
        more=lambda deal: {"notes": consequences()},
        is_grave=True,
    ),
    "reopen": Deed(
        gettext_lazy("Take the deal up again"),
        gettext_lazy("Take up again"),
        gettext_lazy("Open again, in %(stage)s."),
        lambda request, deal: NothingToAsk(data_of(request)),
        _reopen,
    ),
}


def _find(request: HttpRequest, pk: int) -> Deal:
    deal = deals.find(request, pk)
    if not access.may_work(request.user, deal.owner_id):
        raise PermissionDenied(_("Only its owner, their manager or an administrator may move this deal."))
    return deal


def _whom(deal: Deal) -> str:
    return presenting.whom(deal.name, deal.stage)


def _stale(request: HttpRequest, pk: int) -> HttpResponse:
    return deals.page(request, deals.find(request, pk), status=409)


DEAL = Subject("deal", _find, _whom, lambda deal: {"stage": deal.stage}, "desk:deal-detail", _stale)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def deed(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    return perform(request, DEAL, pk, name, DEEDS)
