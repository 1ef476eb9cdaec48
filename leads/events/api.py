"""Events of other tools in their own shape, and taking events back."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.batches import insist_on_rows
from crm.api.fields import Input, Moment, Text, Truth, Whole
from crm.api.views import Api
from crm.models import User
from leads.api import BATCH_PARSERS
from leads.events import mappings, withdrawing
from leads.events.mappings.signatures import Posted, insist_on_signature
from leads.events.recording import Refusal
from leads.models import EventMapping

SCOPES: dict[str, str | tuple[str, ...]] = {"write": "events:write"}


class MappedEvents(Api):
    """What another tool sends, read through a mapping; each event counts once however often it is sent.

    Where the mapping names a signature, a call that the tool did not sign a short while ago is refused (403), and one
    that it did sign needs no token: tools that sign their webhooks mostly cannot be given a header.
    """

    required_scopes = SCOPES
    parser_classes = BATCH_PARSERS

    def check_permissions(self, request: Request) -> None:
        if self.by or not self.mapping:
            super().check_permissions(request)

    @cached_property
    def by(self) -> User | None:
        """None where the tool itself calls, by its signature."""
        return self.user if self.user.is_authenticated else None

    @cached_property
    def mapping(self) -> EventMapping | None:
        """Who has no token finds only those that ask for a signature."""
        rows: QuerySet[EventMapping] = EventMapping.objects.exclude(signer="")
        if self.by:
            rows = EventMapping.objects.visible_to(self.by)
        return rows.filter(code=self.kwargs["slug"]).first()

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request, slug: str) -> Response:  # type: ignore[override]  # `initial` wraps it
        mapping = self.mapping
        if mapping is None:
            raise Http404
        payload = request.data if isinstance(request.data, dict) else insist_on_rows(request.data)
        if mapping.signer:
            insist_on_signature(mapping.signer, mapping.signing_key, _posted(request), at=self.at)
        outcome = mappings.bring_in(mapping, payload, by=self.by, at=self.at)
        return Response(_told(outcome))


def _posted(request: Request) -> Posted:
    """The address is the one the outside knows, whatever a proxy made of it."""
    url = settings.BASE_URL.rstrip("/") + request.get_full_path()
    return Posted(request.headers, request._request.body, request.data, url)


def _told(outcome: mappings.Outcome) -> dict[str, Any]:
    return {
        "accepted": outcome.accepted,
        "duplicates": outcome.duplicates,
        "waiting": outcome.waiting,
        "ignored": outcome.ignored,
        "scanners": outcome.scanners,
        "unmapped": dict(outcome.unmapped),
        "rejected": [_refused(no) for no in outcome.refused],
    }


def _refused(no: Refusal) -> dict[str, Any]:
    pointer = f"/{no.field}" if no.field else ""
    return {"index": no.index, "errors": [{"pointer": pointer, "detail": no.detail, "code": no.code}]}


class WithdrawInput(Input):
    source = Text(required=False, max_length=80)  # type: ignore[assignment]
    external_ids = serializers.ListField(child=Text(max_length=200), required=False, max_length=10_000)
    lead = Whole(required=False)
    kind = Text(required=False, max_length=24)
    since, until = Moment(required=False), Moment(required=False)
    preview = Truth(required=False)


class ReasonedInput(WithdrawInput):
    reason = Text(max_length=200)


class Withdrawal(Api):
    """Take events back: by their ids at their source, or all of a period of one source or lead.

    `preview` counts them only. The scores of their leads are summed anew.
    """

    required_scopes = SCOPES

    @extend_schema(request=ReasonedInput, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request) -> Response:  # type: ignore[override]  # `initial` wraps it
        told = self.told(ReasonedInput)
        reason, preview = told.pop("reason"), told.pop("preview", False)
        rows = withdrawing.chosen(withdrawing.Choice(**told), seen_by=self.user).counted()
        if preview:
            return Response({"matching": rows.count()})
        return Response({"withdrawn": withdrawing.withdraw(rows, reason=reason, by=self.user, at=self.at)})


class Restoration(Api):
    """Count events again that were taken back."""

    required_scopes = SCOPES

    @extend_schema(request=WithdrawInput, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request) -> Response:  # type: ignore[override]  # `initial` wraps it
        told = self.told(WithdrawInput)
        preview = told.pop("preview", False)
        rows = withdrawing.chosen(withdrawing.Choice(**told), seen_by=self.user).withdrawn()
        if preview:
            return Response({"matching": rows.count()})
        return Response({"restored": withdrawing.restore(rows, by=self.user, at=self.at)})
