"""Errors as RFC 9457 problem details.

Views raise; nobody builds an error answer by hand. A deed's `UnableToMove` is 409 with the state, `Refused` is 400
with a pointer to the field (409 with the code "conflict"), `PermissionDenied` 403, a bad identity 400.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from django.core.exceptions import (
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.core.exceptions import (
    ValidationError as InvalidModel,
)
from django.db import IntegrityError
from django.utils.translation import gettext as _
from psycopg.errors import UniqueViolation
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import exception_handler

from crm.api.fields import Input
from crm.identity import InvalidDomain, InvalidIdentity, InvalidText
from crm.states import Refused, UnableToMove

CONTENT_TYPE = "application/problem+json"


class Stale(exceptions.APIException):
    """The row changed since the caller read it."""

    status_code, default_code = status.HTTP_412_PRECONDITION_FAILED, "stale"


class KeyReused(exceptions.APIException):
    """An idempotency key that came with another body before."""

    status_code, default_code = status.HTTP_422_UNPROCESSABLE_ENTITY, "key_reused"


@contextmanager
def pointing_at(name: str, form: type[Input]) -> Iterator[None]:
    """A deed's refusal of a field that came inside another one is pointed at there: /bant/timing, not /timing."""
    try:
        yield
    except Refused as refused:
        if refused.field in form().fields:
            refused.field = f"{name}/{refused.field}"
        raise


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER."""
    answer = _of_deed(error)
    if answer is not None:
        return answer
    plain = exception_handler(error, context)
    if plain is None:
        return None
    fields = {"errors": pointed(error.detail)} if isinstance(error, exceptions.ValidationError) else {}
    answer = problem(plain.status_code, _detail(error, plain), **fields)
    for name in ("WWW-Authenticate", "Retry-After", "Allow"):
        if name in plain.headers:
            answer[name] = plain.headers[name]
    return answer


def problem(code: int, detail: str, **more: Any) -> Response:
    title = HTTPStatus(code).phrase
    body = {"type": "about:blank", "title": title, "status": code, "detail": detail, **more}
    return Response(body, status=code, content_type=CONTENT_TYPE)


def _of_deed(error: Exception) -> Response | None:
    if isinstance(error, UnableToMove):
        return problem(status.HTTP_409_CONFLICT, str(error), state=error.state, subject=error.subject)
    if isinstance(error, Refused):
        conflict = error.code == "conflict"
        code = status.HTTP_409_CONFLICT if conflict else status.HTTP_400_BAD_REQUEST
        return problem(code, str(error), errors=[_entry(error.field, str(error), error.code)])
    if isinstance(error, (InvalidIdentity, InvalidDomain, InvalidText)):
        return problem(status.HTTP_400_BAD_REQUEST, str(error), errors=[_entry("", str(error), "invalid")])
    if isinstance(error, InvalidModel):
        detail = " ".join(error.messages)
        return problem(status.HTTP_400_BAD_REQUEST, detail, errors=[_entry("", detail, "invalid")])
    if isinstance(error, RequestDataTooBig):
        return problem(
            status.HTTP_413_REQUEST_ENTITY_TOO_LARGE, _("Send fewer rows at once; this body is too large.")
        )
    if isinstance(error, IntegrityError):
        return _of_database(error)
    if isinstance(error, SuspiciousOperation):
        return problem(status.HTTP_400_BAD_REQUEST, _("This request cannot be read."))
    return None


def _of_database(error: IntegrityError) -> Response:
    """What only the constraints caught, such as two calls at the same moment."""
    if isinstance(error.__cause__, UniqueViolation):
        return problem(status.HTTP_409_CONFLICT, _("Another record has one of these values already."))
    return problem(status.HTTP_400_BAD_REQUEST, _("These values do not go together."))


def _detail(error: Exception, plain: Response) -> str:
    if isinstance(error, exceptions.ValidationError):
        return _("Some values cannot be taken; errors names each.")
    if isinstance(error, exceptions.NotAuthenticated):
        return _("Send a token: “Authorization: Bearer TOKEN”. An administrator issues them.")
    if plain.status_code == status.HTTP_404_NOT_FOUND:
        return _("There is no such record, or you may not see it.")
    return str(plain.data.get("detail", "")) if isinstance(plain.data, dict) else ""


def _entry(field: str, detail: str, code: str) -> dict[str, str]:
    return {"pointer": f"/{field}" if field else "", "detail": detail, "code": code}


def pointed(detail: Any, pointer: str = "") -> list[dict[str, str]]:
    """DRF's nested error detail as a flat list with JSON pointers."""
    return list(_walk(detail, pointer))


def _walk(detail: Any, pointer: str) -> Iterator[dict[str, str]]:
    if isinstance(detail, dict):
        for name, value in detail.items():
            own = name == api_settings.NON_FIELD_ERRORS_KEY
            yield from _walk(value, pointer if own else f"{pointer}/{_escaped(name)}")
    elif isinstance(detail, (list, tuple)):
        for place, value in enumerate(detail):
            yield from _walk(value, pointer if isinstance(value, str) else f"{pointer}/{place}")
    else:
        yield {"pointer": pointer, "detail": str(detail), "code": getattr(detail, "code", "invalid")}


def _escaped(name: Any) -> str:
    return str(name).replace("~", "~0").replace("/", "~1")
