"""The script for our web sites, and where it tells what happened there."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe
from rest_framework.exceptions import ParseError

from crm import present
from crm.api.parsing import loads
from leads.capture import beacon, limits
from leads.capture.beacon import Seen
from leads.capture.views import strangers
from leads.events.bots import is_program

SCRIPT = (Path(__file__).parent / "beacon.js").read_text()
MOST_BYTES = 4 * 1024
# A person reads a few dozen pages a day; more of them must not lift a score.
VISITOR_A_DAY, SENDER_A_MINUTE = 300, 600
KEYS = {"v": 32, "p": 2000, "a": 120, "k": 400}


@require_safe
@cache_control(max_age=3600, public=True)
def script(_request: HttpRequest) -> HttpResponse:
    response = HttpResponse(SCRIPT, content_type="text/javascript; charset=utf-8")
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@csrf_exempt
@require_http_methods(["POST", "OPTIONS"])
def note(request: HttpRequest) -> HttpResponse:
    """204 for whatever a site of ours may send, counted or not; nothing is ever told back."""
    origin = request.headers.get("Origin", "")
    site = beacon.site_of(origin)
    if site is None:
        return HttpResponse(status=403)
    if request.method == "POST":
        return _to(origin, _noted(request, site))
    return _to(origin, HttpResponse(status=204))


def _noted(request: HttpRequest, site: Any) -> HttpResponse:
    if strangers.is_larger_than(request, MOST_BYTES):
        return strangers.too_large()
    seen = _seen(request)
    if seen is None:
        return HttpResponse("Not understood.\n", status=400, content_type="text/plain")
    if _asks_for_privacy(request) or is_program(request.headers):
        return HttpResponse(status=204)
    at = present.now()
    if _is_too_much(seen.visitor_id, strangers.sender_of(request), at):
        return HttpResponse(status=429)
    beacon.note(site, seen, at=at)
    return HttpResponse(status=204)


def _is_too_much(visitor: str, sender: str, at: datetime) -> bool:
    by_sender = limits.count("beacon.sender", sender, per=limits.MINUTE, at=at)
    by_visitor = limits.count("beacon.visitor", visitor, per=limits.DAY, at=at)
    return by_sender > SENDER_A_MINUTE or by_visitor > VISITOR_A_DAY


def _seen(request: HttpRequest) -> Seen | None:
    try:
        told = loads(request.body.decode())
    except (ParseError, UnicodeDecodeError):
        return None
    if not isinstance(told, dict) or not beacon.ID.fullmatch(str(told.get("v", ""))):
        return None
    values = {key: told.get(key, "") for key in KEYS}
    if any(not isinstance(value, str) or len(value) > KEYS[key] for key, value in values.items()):
        return None
    return Seen(visitor_id=values["v"], path=values["p"], asset=values["a"], mail_key=values["k"])


def _asks_for_privacy(request: HttpRequest) -> bool:
    return request.headers.get("Sec-GPC") == "1" or request.headers.get("DNT") == "1"


def _to(origin: str, response: HttpResponse) -> HttpResponse:
    """Only the site's own pages may send, and without cookies."""
    response["Access-Control-Allow-Origin"] = origin
    response["Access-Control-Allow-Methods"] = "POST"
    response["Access-Control-Allow-Headers"] = "content-type"
    patch_vary_headers(response, ["Origin"])
    return response
