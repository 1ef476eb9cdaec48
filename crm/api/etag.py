"""ETags of single objects, so that nobody overwrites what they have not seen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.utils.http import parse_etags
from django.utils.translation import gettext as _
from rest_framework.request import Request

from crm.api.problems import Stale


def etag_of(*rows: Any) -> str:
    """A tag that changes whenever one of the rows does; None among them is fine."""
    return etag_of_stamps((row._meta.label, row.pk, row.updated_at) for row in rows if row is not None)


def etag_of_stamps(stamps: Iterable[tuple[str, int, datetime]]) -> str:
    """The same of rows that are told by their model, their key and when they were changed."""
    parts = [f"{label}:{pk}:{updated_at.isoformat()}" for label, pk, updated_at in stamps]
    return f'"{sha256("|".join(parts).encode()).hexdigest()[:32]}"'


def insist_on_match(request: Request, tag: str) -> None:
    wanted = parse_etags(request.headers.get("If-Match", ""))
    if wanted and tag not in wanted and "*" not in wanted:
        raise Stale(_("This record has changed since you read it. Read it again, then change it."))
