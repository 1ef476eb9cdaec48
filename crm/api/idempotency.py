"""A POST sent twice has one effect and one answer.

With an `Idempotency-Key` the view runs inside one transaction that also keeps its answer: effect and answer are
committed together or not at all. The unique key makes a second, simultaneous request wait for the first. A refused
call has no effect, so its answer is not kept and a repeat is judged anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.problems import KeyReused
from crm.models import IdempotencyRecord

HEADER = "Idempotency-Key"
_META = "HTTP_IDEMPOTENCY_KEY"
LONGEST = 200
Handler = Callable[..., Response]


def is_asked_of(request: Request) -> bool:
    """Answers are kept for people; what a tool signs, without a token, has ids of its own."""
    # `META` is where the headers are, before they are all read for `request.headers`.
    return _META in request.META and bool(request.user.is_authenticated)


def once(handler: Handler, request: Request, *args: Any, **kwargs: Any) -> Response:
    """Run a handler unless its key has been answered already."""
    key = request.headers[HEADER].strip()
    if not key or len(key) > LONGEST or not key.isascii() or not key.isprintable():
        raise ValidationError({HEADER: [_("Use 1 to 200 printable ASCII characters.")]})
    with transaction.atomic():
        kept = _claimed(request, key)
        if kept.status_code is not None:
            return _replayed(kept)
        response = handler(request, *args, **kwargs)
        kept.status_code, kept.answer = response.status_code, JSONRenderer().render(response.data)
        kept.save(update_fields=["status_code", "answer"])
    return response


def in_one_transaction(handler: Handler, request: Request, *args: Any, **kwargs: Any) -> Response:
    """For PATCH: the row that was compared with If-Match stays locked until it is changed."""
    with transaction.atomic():
        return handler(request, *args, **kwargs)


def forget(*, before: datetime, limit: int = 10_000) -> int:
    """Drop answers kept for calls that nobody will repeat any more; how many."""
    old = IdempotencyRecord.objects.filter(created_at__lt=before).order_by("pk").values("pk")[:limit]
    return IdempotencyRecord.objects.filter(pk__in=old).delete()[0]


def _claimed(request: Request, key: str) -> IdempotencyRecord:
    """This key's record, locked: fresh, or the kept answer of the same request."""
    mark = _fingerprint(request)
    fresh = IdempotencyRecord(user=request.user, key=key, fingerprint=mark)
    IdempotencyRecord.objects.bulk_create([fresh], ignore_conflicts=True)
    kept = IdempotencyRecord.objects.select_for_update().get(user=request.user, key=key)
    if kept.fingerprint != mark:
        raise KeyReused(_("This Idempotency-Key came with another request before. Use a new key."))
    return kept


def _fingerprint(request: Request) -> str:
    head = f"{request.method} {request.get_full_path()}\n".encode()
    return sha256(head + request._request.body).hexdigest()


def _replayed(kept: IdempotencyRecord) -> Response:
    response = Response(json.loads(bytes(kept.answer) or b"null"), status=kept.status_code)
    response["Idempotency-Replayed"] = "true"
    return response
