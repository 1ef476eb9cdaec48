"""What holds for every request: what cannot be read, what a person has chosen, and when they must log in again."""

import zoneinfo
from collections.abc import Callable
from functools import cached_property, lru_cache
from http import HTTPStatus

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render, resolve_url
from django.template.response import SimpleTemplateResponse
from django.urls import ResolverMatch, get_urlconf, resolve
from django.utils import timezone, translation
from django_htmx.http import HttpResponseClientRedirect

from crm import statements
from crm.api.authentication import names_token
from crm.states import Refused, UnableToMove
from project.errors import API

Answer = Callable[[HttpRequest], HttpResponseBase]


class ReadableQueryMiddleware:
    """No database text holds NUL, so a query with one asks for nothing. Forms and the API say so themselves."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "%00" in request.META.get("QUERY_STRING", "") and not request.path.startswith(API):
            raise BadRequest("The query holds a NUL character.")
        return self.get_response(request)


# What csp's decorators leave on an answer.
_OWN_POLICY = frozenset(
    f"_csp_{what}{suffix}" for what in ("exempt", "config", "update", "replace") for suffix in ("", "_ro")
)


class PolicyMiddleware(CSPMiddleware):
    """Most answers have the usual policy, which is put together once and not for each of them."""

    usual = cached_property(lambda _self: build_policy())

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        has_its_own = HEADER in response or not _OWN_POLICY.isdisjoint(vars(response))
        if has_its_own or hasattr(request, "_csp_nonce") or settings.DEBUG:
            return super().process_response(request, response)
        response[HEADER] = self.usual
        return response


class PlannedStatementsMiddleware:
    """A page or a call asks the same few statements each time."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with statements.planned_once():
            return self.get_response(request)


class CallsMiddleware:
    """A call with a token has no session and no form, and tells a page nothing: it goes straight to its view."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not _is_call(request):
            return self.get_response(request)
        found = request.resolver_match = _view_at(request.path_info, get_urlconf())
        response: HttpResponseBase = found.func(request, *found.args, **found.kwargs)
        return response.render() if isinstance(response, SimpleTemplateResponse) else response


def _is_call(request: HttpRequest) -> bool:
    """Whoever names a token is asked for nothing else (`crm.api.authentication`)."""
    return request.path.startswith(API) and names_token(request)


@lru_cache(maxsize=512)
def _view_at(path: str, urlconf: str | None) -> ResolverMatch:
    """Most calls go to the same few addresses."""
    return resolve(path, urlconf)


class RefusedMiddleware:
    """A refusal that a page did not expect is still told in its own words; the API has its problems for it."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, Refused | UnableToMove):
            return None
        return render(request, "409.html", {"why": str(error)}, status=HTTPStatus.CONFLICT)


class PersonalSettingsMiddleware:
    """Runs after LocaleMiddleware, so the person's choice wins over the browser's."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        user = request.user
        if not user.is_authenticated:
            return self.get_response(request)
        translation.activate(user.language)
        request.LANGUAGE_CODE = translation.get_language()
        with timezone.override(_zone(user.time_zone)):
            return self.get_response(request)


def _zone(name: str) -> zoneinfo.ZoneInfo | None:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return None


class LoginAgainMiddleware:
    """A part of a page asked for after the session ended: the whole page goes to the login, not the part."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        asked = getattr(request, "htmx", None)
        if not asked or not _is_to_login(response):
            return response
        back = asked.current_url_abs_path or settings.LOGIN_REDIRECT_URL
        return HttpResponseClientRedirect(redirect_to_login(back).url)


def _is_to_login(response: HttpResponseBase) -> bool:
    return response.headers.get("Location", "").startswith(resolve_url(settings.LOGIN_URL))
