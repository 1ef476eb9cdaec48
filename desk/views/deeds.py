"""A deed on the desk: a form that asks, in a dialog or on a page of its own; one call; and the answer.

The modules beside this one name their deeds and say how the record of one is found, named and shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from crm import present
from crm.components.faces import Words
from crm.states import Refused, UnableToMove
from desk.views.answers import came_from, explain, go, is_htmx, own_path


def nothing_more(row: Any) -> dict[str, Any]:
    return {}


def moves_on(said: Mapping[str, Any]) -> bool:
    """A deed is the last word for now, and the list goes on to the next person."""
    return False


def data_of(request: HttpRequest) -> Any:
    """What was sent, for a form that also has to be shown empty."""
    return request.POST if request.method == "POST" else None


@dataclass(frozen=True)
class Deed:
    """A form that asks, the deed it calls, and the words around them. `do` may give the row as it is afterwards.

    `stays` says of what was sent whether the same person's next move follows at once.
    """

    title: Words
    button: Words
    done: Words
    make: Callable[[HttpRequest, Any], forms.Form]
    do: Callable[[HttpRequest, Any, dict[str, Any]], Any]
    template: str = "desk/_deed.html"
    more: Callable[[Any], dict[str, Any]] = nothing_more
    is_grave: bool = False
    stays: Callable[[Mapping[str, Any]], bool] = moves_on


@dataclass(frozen=True)
class Subject:
    """What deeds of one kind are done to. `find` raises 404 or 403; `stale` is the record's page as it is now."""

    kind: str
    find: Callable[[HttpRequest, int], Any]
    whom: Callable[[Any], str]
    words: Callable[[Any], dict[str, Any]]
    page: str
    stale: Callable[[HttpRequest, int], HttpResponse]

    def url(self, name: str, pk: int) -> str:
        return reverse(f"desk:{self.kind}-{name}", args=[pk])

    def home(self, pk: int) -> str:
        return reverse(self.page, args=[pk])


def perform(
    request: HttpRequest, subject: Subject, pk: int, name: str, deeds: Mapping[str, Deed]
) -> HttpResponse:
    """GET asks; POST does it."""
    row, deed = subject.find(request, pk), deeds[name]
    form = deed.make(request, row)
    if request.method != "POST":
        return _ask(request, subject, row, name, deed, form)
    if not form.is_valid():
        return _ask(request, subject, row, name, deed, form, status=422)
    try:
        after = deed.do(request, row, form.cleaned_data) or row
    except UnableToMove as late:
        return _too_late(request, subject, pk, str(late))
    except Refused as refused:
        explain(form, refused)
        return _ask(request, subject, row, name, deed, form, status=422)
    messages.success(request, str(deed.done) % subject.words(after))
    answer = go(request, _next_page(request, subject.home(after.pk)))
    if deed.stays(form.cleaned_data):
        answer["Baton-Stays"] = "1"
    return answer


def _ask(
    request: HttpRequest,
    subject: Subject,
    row: Any,
    name: str,
    deed: Deed,
    form: forms.Form,
    status: int = 200,
) -> HttpResponse:
    template = deed.template if is_htmx(request) else "desk/deed.html"
    context = {
        "title": deed.title,
        "deed": deed,
        "form": form,
        "whom": subject.whom(row),
        "action": subject.url(name, row.pk),
        "back": subject.home(row.pk),
        "in_dialog": is_htmx(request),
        "now": present.now(),
    }
    return render(request, template, context | deed.more(row), status=status)


def _too_late(request: HttpRequest, subject: Subject, pk: int, words: str) -> HttpResponse:
    """Somebody was faster: say so, on the page as it is now."""
    messages.error(request, words)
    if is_htmx(request):
        return go(request, subject.home(pk))
    return subject.stale(request, pk)


def _next_page(request: HttpRequest, home: str) -> str:
    """Back to the list when the deed was done there; the next one waits."""
    return own_path(request, request.POST.get("next") or came_from(request), home)
