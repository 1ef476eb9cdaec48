"""The feed of everything that changed, in the order in which it was committed: nothing skipped, nothing twice.

A reader keeps the `cursor` of the last answer and asks again with it, for ever. `next` is there while more waits.
A token hears of what its scopes let it read, and its user of what they may see.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from crm import ledger
from crm.api.filters import insist_on_known
from crm.api.paging import Pages
from crm.api.serializers import PersonBrief
from crm.api.views import ReadView
from crm.models import ApiToken, LedgerEntry

Place = tuple[int, int]
START: Place = (0, 0)
# The scope that lets a token read about each kind of subject; whatever is not named here needs `admin`.
SCOPES = {
    "account": "leads:read",
    "contact": "leads:read",
    "lead": "leads:read",
    "activity": "leads:read",
    "followup": "leads:read",
    "deal": "deals:read",
    "handoff": "handoffs:read",
    "agreement": "handoffs:read",
    "asset": "content:read",
}


class Changes(ReadView):
    required_scopes: dict[str, str] = {}

    @extend_schema(
        parameters=[OpenApiParameter("cursor", str), OpenApiParameter("page_size", int)],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        insist_on_known(request, {"cursor", "page_size"})
        size = Pages().get_page_size(request)
        place = place_of(request.query_params.get("cursor", ""))
        found = list(ledger.changes_after(place, limit=size + 1, among=self._readable()))
        shown = found[:size]
        cursor = cursor_of((shown[-1].xid, shown[-1].pk) if shown else place)
        address = request.build_absolute_uri(request.path)
        following = f"{address}?page_size={size}&cursor={cursor}" if len(found) > size else None
        told = [_told(entry) for entry in shown]
        return Response({"next": following, "previous": None, "cursor": cursor, "results": told})

    def _readable(self) -> QuerySet[LedgerEntry]:
        rows = LedgerEntry.objects.visible_to(self.user).select_related("actor")
        token = self.request.auth
        if not isinstance(token, ApiToken) or "admin" in token.scopes:
            return rows
        return rows.filter(subject_type__in=[kind for kind, scope in SCOPES.items() if scope in token.scopes])


def _told(entry: LedgerEntry) -> dict[str, Any]:
    return {
        "id": entry.pk,
        "kind": entry.kind,
        "subject": {"type": entry.subject_type, "id": entry.subject_id},
        "account": entry.account_id,
        "contact": entry.contact_id,
        "at": entry.at,
        "recorded_at": entry.recorded_at,
        "actor": PersonBrief(entry.actor).data if entry.actor else None,
        "from_state": entry.from_state,
        "to_state": entry.to_state,
        "reason": entry.reason,
        "data": entry.data,
    }


def cursor_of(place: Place) -> str:
    return urlsafe_b64encode(f"{place[0]}.{place[1]}".encode()).decode()


def place_of(cursor: str) -> Place:
    if not cursor:
        return START
    try:
        xid, pk = urlsafe_b64decode(cursor.encode()).decode("ascii").split(".")
        place = int(xid), int(pk)
    except ValueError as error:
        raise _damaged() from error
    if not all(0 <= part < 2**63 for part in place):
        raise _damaged()
    return place


def _damaged() -> ValidationError:
    return ValidationError({"cursor": [_("This cursor is damaged. Start from the first page.")]})
