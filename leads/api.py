"""Leads over REST: capture, bulk, reading, correcting, and sending back."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db.models import F, Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from content import library
from crm import access
from crm.api import answers
from crm.api.batches import checked_rows, insist_on_rows
from crm.api.etag import etag_of_stamps
from crm.api.filters import insist_on_known
from crm.api.paging import Pages
from crm.api.parsing import NDJSONParser, StrictJSONParser
from crm.api.views import Api, ReadView, Resource
from crm.models import Account
from leads import listing, steering, suggestions, timeline
from leads.capture import door
from leads.capture.intake import Complaint, Inquiry
from leads.events import recording, waiting
from leads.events.recording import Behaviour
from leads.filters import LeadFilters
from leads.models import BehaviourEvent, Lead
from leads.scoring import buying_group, explaining, reading
from leads.scoring.reading import Rules
from leads.serializers import (
    EventInput,
    LeadAnswer,
    LeadDetail,
    LeadInput,
    LeadPatch,
    ReasonInput,
    ScoreQuery,
    cursor_of,
    explained,
    grouped,
    happened,
    place_of,
)

SCOPES = {"read": "leads:read", "write": "leads:write"}
BATCH_PARSERS: list[type[BaseParser]] = [StrictJSONParser, NDJSONParser]


class Leads(Resource):
    required_scopes = SCOPES
    serializer_class, input_class, patch_class = LeadAnswer, LeadInput, LeadPatch
    filterset_class = LeadFilters
    twin_of_id = "score__lead"
    ordering_fields = {
        "id": "id",
        "score": "rank",
        "captured_at": "captured_at",
        "stage_at": "stage_at",
        "updated_at": "updated_at",
    }

    def get_serializer_class(self) -> type[LeadAnswer]:
        return LeadDetail if self.action == "retrieve" else LeadAnswer

    def rows(self) -> QuerySet[Lead]:
        read = BehaviourEvent.objects.counted().filter(asset__isnull=False).select_related("asset")
        read = read.only("lead", "kind", "beyond", "occurred_at", "asset__slug", "asset__phases")
        rows = Lead.objects.visible_to(self.user).standing().filter(score__isnull=False).with_people()
        rows = rows.annotate(rank=F("score__rank"))
        found: QuerySet[Lead] = rows.prefetch_related(Prefetch("events", read, to_attr="read_events"))
        return found

    def listed(self) -> Any:
        return listing.standing().visible_to(self.user)

    def told_of(self, page: Any) -> Any:
        return listing.told(page, answers.moments(), at=self.at)

    @cached_property
    def rules(self) -> Rules:
        return reading.in_force()

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "at": self.at, "rules": self.rules}

    def versions(self, row: Lead) -> tuple[Any, ...]:
        return row, row.contact, row.account

    def get_object(self) -> Lead:
        """The id of a lead that was merged leads to where it went."""
        asked = Lead.objects.visible_to(self.user).filter(pk=self.kwargs["pk"], merged_into__isnull=False)
        if (into := asked.values_list("merged_into", flat=True).first()) and self.request.method == "GET":
            self.kwargs["pk"] = into
        return super().get_object()

    def create(self, request: Request, **_kwargs: Any) -> Response:
        [done] = door.capture([_inquiry(self.told(LeadInput))], by=self.user, at=self.at)
        if done.lead is None:
            raise ValidationError(_by_field(done.complaints))
        is_new = done.status == door.CREATED
        return self.shown(done.lead, status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)

    def shown(self, pk: int, code: int = status.HTTP_200_OK) -> Response:
        row = listing.of_one(pk) if self._sees(pk) else None
        if row is None:
            return Response({"id": pk}, status=code)
        answer = Response(self.told_of([row])[0], status=code)
        answer["ETag"] = etag_of_stamps(listing.stamps(row))
        return answer

    def _sees(self, pk: int) -> bool:
        return access.sees_everything(self.user) or Lead.objects.visible_to(self.user).filter(pk=pk).exists()

    def edit(self, row: Lead, values: dict[str, Any]) -> Lead:
        return steering.edit(row, by=self.user, at=self.at, **values)

    @extend_schema(request=ReasonInput)
    def recycle(self, request: Request, **_kwargs: Any) -> Response:
        lead = self.get_object()
        steering.recycle(lead, by=self.user, at=self.at, **self.told(ReasonInput))
        return self.shown(lead.pk)

    @extend_schema(request=ReasonInput)
    def disqualify(self, request: Request, **_kwargs: Any) -> Response:
        lead = self.get_object()
        steering.disqualify(lead, by=self.user, at=self.at, **self.told(ReasonInput))
        return self.shown(lead.pk)


def _inquiry(values: dict[str, Any]) -> Inquiry:
    return Inquiry(**{name: value for name, value in values.items() if value is not None})


def _by_field(complaints: list[Complaint]) -> dict[str, list[Any]]:
    return {said.field: ValidationError(said.detail, code=said.code).detail for said in complaints}  # type: ignore[misc]


class LeadsInBulk(Api):
    """Up to 10 000 leads; each row gets its own answer, and good rows are kept when others are bad."""

    required_scopes = SCOPES
    parser_classes = BATCH_PARSERS

    @extend_schema(request=LeadInput(many=True), responses=OpenApiTypes.OBJECT)
    def post(self, request: Request) -> Response:
        good, bad = checked_rows(LeadInput, insist_on_rows(request.data))
        captured = door.capture([_inquiry(row) for _place, row in good], by=self.user, at=self.at)
        answers = [{"index": place, "status": "rejected", "id": None, "errors": said} for place, said in bad]
        answers += [_captured(place, done) for (place, _row), done in zip(good, captured, strict=True)]
        return Response(sorted(answers, key=lambda answer: int(str(answer["index"]))))


def _captured(place: int, done: door.Captured) -> dict[str, Any]:
    status = door.UPDATED if done.status == door.UNCHANGED else done.status
    errors = [
        {"pointer": f"/{said.field}", "detail": said.detail, "code": said.code} for said in done.complaints
    ]
    return {"index": place, "status": status, "id": done.lead, "errors": errors}


class LeadScore(ReadView):
    """Why the score is what it is (`at` a past moment, under `version` of the model); the parts sum to the total."""

    required_scopes = SCOPES

    @extend_schema(parameters=[ScoreQuery], responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: int) -> Response:
        rows = Lead.objects.visible_to(self.user).standing().select_related("contact", "account", "score")
        lead = get_object_or_404(rows, pk=pk)
        insist_on_known(request, {"at", "version"})
        asked = ScoreQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        return Response(explained(lead, explaining.explain(lead, now=self.at, **asked.validated_data)))


class Recommendations(ReadView):
    """What to send this lead next, and why; the reasons of each sum to its points."""

    required_scopes = SCOPES

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: int) -> Response:
        rows = Lead.objects.visible_to(self.user).standing().select_related("contact", "account")
        found = suggestions.for_lead(get_object_or_404(rows, pk=pk), at=self.at)
        return Response({"results": [library.told(one) for one in found]})


class BuyingGroup(ReadView):
    """A company's people: who is active, in which role, since when; missing roles; and their buying phases."""

    required_scopes = SCOPES

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: int) -> Response:
        account = get_object_or_404(Account.objects.visible_to(self.user).standing(), pk=pk)
        insist_on_known(request, set())
        return Response(grouped(buying_group.group_of(account, seen_by=self.user, at=self.at)))


class Events(Api):
    """What leads did: one event, an array, or NDJSON; each counts once however often it is sent."""

    required_scopes = {"write": "events:write"}
    parser_classes = BATCH_PARSERS

    @extend_schema(request=EventInput(many=True), responses=OpenApiTypes.OBJECT)
    def post(self, request: Request) -> Response:
        told = [request.data] if isinstance(request.data, dict) else request.data
        good, bad = checked_rows(EventInput, insist_on_rows(told))
        receipt = waiting.receive([_behaviour(row) for _place, row in good], by=self.user, at=self.at)
        refused = [{"index": place, "errors": said} for place, said in bad]
        refused += [_refused(good[no.index][0], no) for no in receipt.refused]
        refused.sort(key=lambda row: int(str(row["index"])))
        return Response(answered(receipt, refused))


def answered(receipt: recording.Receipt, refused: list[dict[str, Any]]) -> dict[str, Any]:
    """What became of a batch; `waiting` is told where there is something to tell."""
    told: dict[str, Any] = {"accepted": receipt.accepted, "duplicates": receipt.duplicates}
    if receipt.waiting:
        told["waiting"] = receipt.waiting
    return told | {"rejected": refused}


def _behaviour(values: dict[str, Any]) -> Behaviour:
    return Behaviour(**{name: value for name, value in values.items() if value is not None})


def _refused(place: int, said: recording.Refusal) -> dict[str, Any]:
    error = {"pointer": f"/{said.field}", "detail": said.detail, "code": said.code}
    return {"index": place, "errors": [error]}


class Timeline(ReadView):
    """Everything that happened to a lead, newest first."""

    required_scopes = SCOPES

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: int) -> Response:
        lead = get_object_or_404(Lead.objects.visible_to(self.user).standing(), pk=pk)
        insist_on_known(request, {"cursor", "page_size"})
        size = Pages().get_page_size(request)
        after = place_of(request.query_params.get("cursor", ""))
        items = timeline.page(lead, seen_by=self.user, size=size + 1, after=after)
        following = cursor_of(items[size - 1].place) if len(items) > size else None
        address = request.build_absolute_uri(request.path)
        following_page = f"{address}?page_size={size}&cursor={following}" if following else None
        return Response(
            {"next": following_page, "previous": None, "results": [happened(item) for item in items[:size]]}
        )
