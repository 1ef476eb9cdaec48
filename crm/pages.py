"""How a page answers a deed: done, refused, or too late; with htmx and without. For the pages of every app."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from crm.models import User
from crm.states import Refused


def person(request: HttpRequest) -> User:
    """The signed-in person; pages ask for a login first."""
    assert isinstance(request.user, User)
    return request.user


def url_of(name: str, *args: Any) -> str:
    """The address of a page, or nothing where this installation has none."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def go(request: HttpRequest, url: str) -> HttpResponse:
    """To another page, whether htmx asked or a plain form did."""
    if is_htmx(request):
        return HttpResponseClientRedirect(url)
    return HttpResponseRedirect(url)


def is_htmx(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))


def own_path(request: HttpRequest, path: str | None, otherwise: str) -> str:
    """An address sent along, if it is one of ours."""
    is_ours = path and url_has_allowed_host_and_scheme(path, allowed_hosts={request.get_host()})
    return path if path and is_ours else otherwise


def explain(form: forms.BaseForm, refused: Refused) -> None:
    """Put a deed's refusal beside the field it is about."""
    form.add_error(refused.field if refused.field in form.fields else None, str(refused))


def came_from(request: HttpRequest) -> str:
    """The page htmx was on."""
    htmx: Any = getattr(request, "htmx", None)
    return (htmx.current_url_abs_path or "") if htmx else ""
