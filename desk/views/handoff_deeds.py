"""The deeds with a handoff: each asks on a page or in a dialog, calls one deed, and answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from crm import present
from crm.components import formats
from crm.components.faces import Words
from crm.states import Refused, UnableToMove
from desk import presenting
from desk.forms import AcceptForm, ContactForm, ConvertForm, ReassignForm, RejectForm, opening_values
from desk.views.answers import came_from, explain, go, is_htmx, own_path, person
from desk.views.handoffs import find, page
from leads.models import Programme
from sla import handoffs
from sla.handoffs import Opportunity
from sla.models import Handoff, RejectionReason

Make = Callable[[HttpRequest, Handoff], forms.Form]
Do = Callable[[HttpRequest, Handoff, dict[str, Any]], Handoff]


@dataclass(frozen=True)
class Deed:
    """A form that asks, the deed it calls, and the words around them."""

    title: Words
    button: Words
    done: Words
    make: Make
    do: Do
    template: str = "desk/_deed.html"
    more: Callable[[Handoff], dict[str, Any]] = field(default=lambda row: {})


def _data(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _contact(request: HttpRequest, row: Handoff, said: dict[str, Any]) -> Handoff:
    return handoffs.contact(row, by=person(request), at=present.now(), **said)


def _accept(request: HttpRequest, row: Handoff, said: dict[str, Any]) -> Handoff:
    return handoffs.accept(row, by=person(request), at=present.now())


def _claim(request: HttpRequest, row: Handoff, said: dict[str, Any]) -> Handoff:
    return handoffs.claim(row, by=person(request), at=present.now())


def _reject(request: HttpRequest, row: Handoff, said: dict[str, Any]) -> Handoff:
    return handoffs.reject(row, by=person(request), at=present.now(), **said)


def _convert(request: HttpRequest, row: Handoff, said: dict[str, Any]) -> Handoff:
    return handoffs.convert(row, Opportunity(**said), by=person(request), at=present.now())


def _reassign(request: HttpRequest, row: Handoff, said: dict[str, Any]) -> Handoff:
    return handoffs.reassign(
        row, to=said["assignee"], note=said["note"], by=person(request), at=present.now()
    )


def _reject_form(request: HttpRequest, row: Handoff) -> forms.Form:
    offered = RejectionReason.objects.filter(code__in=row.rules).order_by("position", "code")
    return RejectForm(_data(request), reasons=list(offered))


def _consequences(row: Handoff) -> dict[str, Any]:
    programmes = {programme.code: str(programme) for programme in Programme.objects.all()}
    return {
        "notes": {code: presenting.consequence(rule, programmes) for code, rule in row.rules.items()},
    }


def _convert_form(request: HttpRequest, row: Handoff) -> forms.Form:
    return ConvertForm(_data(request), initial=opening_values(row, formats.local(present.now()).date()))


DEEDS = {
    "contact": Deed(
        gettext_lazy("Log a contact"),
        gettext_lazy("Log"),
        gettext_lazy("Logged. What you found is kept with %(person)s."),
        lambda request, row: ContactForm(_data(request)),
        _contact,
        template="desk/_deed_contact.html",
    ),
    "accept": Deed(
        gettext_lazy("Accept"),
        gettext_lazy("Accept"),
        gettext_lazy("Accepted. %(person)s is yours."),
        lambda request, row: AcceptForm(_data(request)),
        _accept,
    ),
    "claim": Deed(
        gettext_lazy("Claim"),
        gettext_lazy("Claim"),
        gettext_lazy("Claimed. %(person)s is yours."),
        lambda request, row: AcceptForm(_data(request)),
        _claim,
    ),
    "reject": Deed(
        gettext_lazy("Reject with a reason"),
        gettext_lazy("Reject"),
        gettext_lazy("Rejected. Marketing hears why %(person)s came back."),
        _reject_form,
        _reject,
        template="desk/_deed_reject.html",
        more=_consequences,
    ),
    "convert": Deed(
        gettext_lazy("Convert into a deal"),
        gettext_lazy("Open the deal"),
        gettext_lazy("The deal with %(person)s is open."),
        _convert_form,
        _convert,
    ),
    "reassign": Deed(
        gettext_lazy("Give to somebody else"),
        gettext_lazy("Reassign"),
        gettext_lazy("%(person)s has a new owner."),
        lambda request, row: ReassignForm(_data(request), viewer=person(request)),
        _reassign,
    ),
}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def deed(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """GET asks; POST does it."""
    row, wanted = find(request, pk), DEEDS[name]
    form = wanted.make(request, row)
    if request.method != "POST":
        return _ask(request, row, name, form)
    if not form.is_valid():
        return _ask(request, row, name, form, status=422)
    try:
        wanted.do(request, row, form.cleaned_data)
    except UnableToMove as late:
        return _too_late(request, row, str(late))
    except Refused as refused:
        explain(form, refused)
        return _ask(request, row, name, form, status=422)
    messages.success(request, wanted.done % {"person": row.contact})
    return go(request, _next_page(request, row))


def _ask(request: HttpRequest, row: Handoff, name: str, form: forms.Form, status: int = 200) -> HttpResponse:
    wanted = DEEDS[name]
    template = wanted.template if is_htmx(request) else "desk/handoff_deed.html"
    context = {
        "title": wanted.title,
        "deed": wanted,
        "form": form,
        "handoff": row,
        "action": reverse(f"desk:handoff-{name}", args=[row.pk]),
        "back": reverse("desk:handoff", args=[row.pk]),
        "in_dialog": is_htmx(request),
    }
    return render(request, template, context | wanted.more(row), status=status)


def _too_late(request: HttpRequest, row: Handoff, words: str) -> HttpResponse:
    """Somebody was faster: say so, on the page as it is now."""
    messages.error(request, words)
    if is_htmx(request):
        return go(request, reverse("desk:handoff", args=[row.pk]))
    return page(request, find(request, row.pk), status=409)


def _next_page(request: HttpRequest, row: Handoff) -> str:
    """Back to the inbox when the deed was done there; the next one waits."""
    here = reverse("desk:handoff", args=[row.pk])
    return own_path(request, came_from(request), here)
