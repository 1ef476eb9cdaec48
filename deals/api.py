"""REST: the pipeline, and the buying committee of a deal."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from content import library
from crm.api.views import ReadView, Resource
from deals import committee, pipeline, suggestions
from deals.filters import DealFilters, SeatFilters
from deals.models import Deal, Stakeholder
from deals.serializers import (
    DealChange,
    DealSerializer,
    Loss,
    Move,
    NewDeal,
    Seat,
    StakeholderSerializer,
    Win,
)

SCOPES = {"read": "deals:read", "write": "deals:write"}


class Deals(Resource):
    required_scopes = SCOPES
    serializer_class = DealSerializer
    input_class = NewDeal
    patch_class = DealChange
    filterset_class = DealFilters
    ordering_fields = {
        "id": "id",
        "opened_at": "opened_at",
        "stage_at": "stage_at",
        "updated_at": "updated_at",
    }

    def rows(self) -> QuerySet[Deal]:
        return Deal.objects.visible_to(self.user).select_related("stage", "product", "lost_reason")

    def add(self, values: dict[str, Any]) -> Deal:
        account = values.pop("account", None)
        opening = pipeline.Opening(
            owner=values.pop("owner", self.user), account_id=account.pk if account else None, **values
        )
        return pipeline.open_by_hand(opening, by=self.user, at=self.at)

    def edit(self, row: Deal, values: dict[str, Any]) -> Deal:
        return pipeline.edit(row, by=self.user, at=self.at, **values)

    @extend_schema(request=Move)
    def move(self, request: Request, pk: int) -> Response:
        told = self.told(Move)
        return self.shown(pipeline.move(self.get_object(), told["stage"], by=self.user, at=self.at).pk)

    @extend_schema(request=Win)
    def win(self, request: Request, pk: int) -> Response:
        told = self.told(Win)
        return self.shown(pipeline.win(self.get_object(), by=self.user, at=self.at, **told).pk)

    @extend_schema(request=Loss)
    def lose(self, request: Request, pk: int) -> Response:
        told = self.told(Loss)
        return self.shown(pipeline.lose(self.get_object(), by=self.user, at=self.at, **told).pk)


class Recommendations(ReadView):
    """What to send next to each role of the buying committee, and to those still missing in it, and why."""

    required_scopes = SCOPES

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: int) -> Response:
        deal = get_object_or_404(Deal.objects.visible_to(self.user).select_related("account"), pk=pk)
        found = suggestions.for_deal(deal, at=self.at)
        return Response({"results": [_told(one) for one in found]})


def _told(one: suggestions.ForRole) -> dict[str, Any]:
    told = [library.told(suggestion) for suggestion in one.suggestions]
    return {"role": one.role, "missing": one.is_missing, "recommendations": told}


class Stakeholders(Resource):
    """The committee of one deal; a POST seats a person, or changes their seat."""

    queryset = Stakeholder.objects.none()  # tells the schema what the rows are
    required_scopes = SCOPES
    serializer_class = StakeholderSerializer
    input_class = Seat
    filterset_class = SeatFilters
    ordering_fields = {"id": "id"}

    @cached_property
    def deal(self) -> Deal:
        return get_object_or_404(Deal.objects.visible_to(self.user), pk=self.kwargs["pk"])

    def rows(self) -> QuerySet[Stakeholder]:
        return Stakeholder.objects.visible_to(self.user).filter(deal=self.deal).with_last_change()

    @extend_schema(request=Seat)
    def create(self, request: Request, **_kwargs: Any) -> Response:
        deal, told = self.deal, self.told(Seat)
        taken = self.rows().filter(contact=told["contact"]).exists()
        seat = committee.seat(deal, told.pop("contact"), by=self.user, at=self.at, **told)
        code = status.HTTP_200_OK if taken else status.HTTP_201_CREATED
        return Response(self.get_serializer(self.rows().get(pk=seat.pk)).data, status=code)
