"""Answers to what no view could take: a problem for callers of the API, a page for people."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views import defaults

API = "/api/"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not request.path.startswith(API):
        return defaults.bad_request(request, exception)
    said = _("This request cannot be read.")
    return _problem(HTTPStatus.BAD_REQUEST, said, errors=[{"pointer": "", "detail": said, "code": "invalid"}])


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not request.path.startswith(API):
        return defaults.page_not_found(request, exception)
    return _problem(HTTPStatus.NOT_FOUND, _("There is no such address. /api/v1/docs/ lists them."))


def failed(request: HttpRequest) -> HttpResponse:
    if not request.path.startswith(API):
        return defaults.server_error(request)
    return _problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        _("This is our fault. Nothing was changed; send it again later with the same Idempotency-Key."),
    )


def _problem(status: HTTPStatus, detail: str, **more: Any) -> HttpResponse:
    body = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail, **more}
    return JsonResponse(body, status=status, content_type="application/problem+json")
