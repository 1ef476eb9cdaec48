"""What is told about a request from outside: who sent it, how large it is, and the way that led here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from crm.text import InvalidText, clean_text
from leads.capture.intake import LENGTHS
from leads.capture.origins import place_of
from leads.capture.visitors import new_id
from leads.models import CaptureForm

COOKIE = f"{settings.COOKIE_PREFIX}baton_visitor"
COOKIE_DAYS = 365
# How addresses and hidden fields call the ways, and how we do.
WAYS = {
    "utm_source": "source", "utm_medium": "medium", "utm_campaign": "campaign", "utm_term": "term",
    "utm_content": "content", "referrer": "referrer", "landing_page": "landing_page",
}  # fmt: skip


def sender_of(request: HttpRequest) -> str:
    """The address of the net it came from; behind proxies, what the last one we trust has seen."""
    proxies = settings.AXES_IPWARE_PROXY_COUNT or 0
    passed = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    if proxies and len(passed) >= proxies:
        return passed[-proxies]
    return str(request.META.get("REMOTE_ADDR", ""))


def is_larger_than(request: HttpRequest, most: int) -> bool:
    length = request.META.get("CONTENT_LENGTH") or "0"
    return not length.isdigit() or int(length) > most


def too_large() -> HttpResponse:
    return HttpResponse("Too large.\n", status=413, content_type="text/plain")


def ways_of(told: Mapping[str, str]) -> dict[str, str]:
    """Cut to what is kept: nobody is turned away for the address they came by."""
    return {name: _fitting(told.get(key, ""), name) for key, name in WAYS.items()}


def _fitting(text: str, name: str) -> str:
    try:
        told = clean_text(text)
        return (place_of(told) if name in ("referrer", "landing_page") else told)[: LENGTHS[name]]
    except InvalidText:
        return ""


def own_origin(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"


def visitor_id_of(request: HttpRequest) -> str:
    """What the cookie of this browser says; '' for none or a forged one."""
    return str(request.get_signed_cookie(COOKIE, default="") or "")


def with_cookie(request: HttpRequest, response: HttpResponse, visitor_id: str = "") -> HttpResponse:
    response.set_signed_cookie(
        COOKIE,
        visitor_id or new_id(),
        max_age=COOKIE_DAYS * 86_400,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def framed(response: HttpResponse, form: CaptureForm) -> HttpResponse:
    """The form's sites, and no others, may show the page in a frame and be gone to after sending."""
    response["Content-Language"] = form.language
    response["X-Robots-Tag"] = "noindex"
    if form.origins:
        allow(response, form.origins)
    return response


def allow(response: HttpResponse, origins: Iterable[str]) -> None:
    policy = {"frame-ancestors": [*origins], "form-action": ["'self'", *origins]}
    response._csp_replace = policy  # type: ignore[attr-defined]
    response.xframe_options_exempt = True  # type: ignore[attr-defined]
