"""The deeds with an agreement: each asks on a page or in a dialog, calls one deed, and answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from crm import access, present
from crm.components.faces import Words
from crm.pages import explain, go, is_htmx, person
from crm.states import Refused, UnableToMove
from sla import agreements
from sla.drafts import EDITORS
from sla.forms_agreement import DraftForm, ProposeForm, ReturnForm, SignForm
from sla.models import Agreement
from sla.views.agreements import find, page

Make = Callable[[HttpRequest, Agreement], forms.Form]
Do = Callable[[HttpRequest, Agreement, dict[str, Any]], Agreement]


@dataclass(frozen=True)
class Deed:
    """A form that asks, the deed it calls, and the words around them."""

    title: Words
    button: Words
    done: Words
    why: Words
    make: Make
    do: Do
    lands_on: str = "sla:agreement"


def _data(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _draft(request: HttpRequest, row: Agreement, said: dict[str, Any]) -> Agreement:
    return agreements.draft_from(row, by=person(request), at=present.now())


def _propose(request: HttpRequest, row: Agreement, said: dict[str, Any]) -> Agreement:
    return agreements.propose(row, by=person(request), at=present.now(), **said)


def _sign(request: HttpRequest, row: Agreement, said: dict[str, Any]) -> Agreement:
    return agreements.sign(row, by=person(request), at=present.now(), side=said.get("side", ""))


def _return(request: HttpRequest, row: Agreement, said: dict[str, Any]) -> Agreement:
    return agreements.return_to_draft(row, by=person(request), at=present.now(), reason=said["reason"])


DEEDS = {
    "draft": Deed(
        gettext_lazy("Draft the next version"),
        gettext_lazy("Draft it"),
        gettext_lazy("Version %(version)s is drafted. Change what should be different."),
        gettext_lazy(
            "A new draft with the same terms. Nothing changes for anybody until both sides have signed it."
        ),
        lambda request, row: DraftForm(_data(request)),
        _draft,
        lands_on="sla:agreement-edit",
    ),
    "propose": Deed(
        gettext_lazy("Propose to both sides"),
        gettext_lazy("Propose"),
        gettext_lazy("Version %(version)s is proposed. Both sides can sign it now."),
        gettext_lazy("From now on its text stands still, until it is signed or taken back."),
        lambda request, row: ProposeForm(_data(request), agreement=row, at=present.now()),
        _propose,
    ),
    "sign": Deed(
        gettext_lazy("Sign for my side"),
        gettext_lazy("Sign"),
        gettext_lazy("You have signed version %(version)s."),
        gettext_lazy("Your name will stand under exactly this text; its fingerprint is kept with it."),
        lambda request, row: SignForm(
            _data(request), agreement=row, side=agreements.side_of(person(request))
        ),
        _sign,
    ),
    "return": Deed(
        gettext_lazy("Take back to be changed"),
        gettext_lazy("Take back"),
        gettext_lazy("Version %(version)s is a draft again; signatures on it are void."),
        gettext_lazy(
            "It becomes a draft again. Signatures on it are void; the agreement before it stays in force."
        ),
        lambda request, row: ReturnForm(_data(request)),
        _return,
    ),
}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def deed(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """GET asks; POST does it."""
    row, wanted = find(request, pk), DEEDS[name]
    access.require_role(request.user, *EDITORS)
    form = wanted.make(request, row)
    if request.method != "POST":
        return _ask(request, row, name, form)
    if not form.is_valid():
        return _ask(request, row, name, form, status=422)
    try:
        done = wanted.do(request, row, form.cleaned_data)
    except UnableToMove as late:
        return _too_late(request, row, str(late))
    except Refused as refused:
        explain(form, refused)
        return _ask(request, row, name, form, status=422)
    messages.success(request, str(wanted.done) % {"version": done.version})
    return go(request, reverse(wanted.lands_on, args=[done.pk]))


def _ask(
    request: HttpRequest, row: Agreement, name: str, form: forms.Form, status: int = 200
) -> HttpResponse:
    template = "sla/_deed.html" if is_htmx(request) else "sla/agreement_deed.html"
    context = {
        "title": DEEDS[name].title,
        "deed": DEEDS[name],
        "form": form,
        "agreement": row,
        "action": reverse(f"sla:agreement-{name}", args=[row.pk]),
        "back": reverse("sla:agreement", args=[row.pk]),
        "in_dialog": is_htmx(request),
    }
    return render(request, template, context, status=status)


def _too_late(request: HttpRequest, row: Agreement, words: str) -> HttpResponse:
    """Somebody was faster: say so, on the page as it is now."""
    messages.error(request, words)
    if is_htmx(request):
        return go(request, reverse("sla:agreement", args=[row.pk]))
    return page(request, find(request, row.pk), status=409)
