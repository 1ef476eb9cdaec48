"""REST: agreements, the hand-over and its answers, and what sales said."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.fields import Input
from crm.api.views import Resource
from leads.api import Leads
from sla import handoffs, merging
from sla.filters import FeedbackFilters, HandoffFilters
from sla.models import Agreement, AgreementStatus, Feedback, Handoff
from sla.serializers import (
    AgreementSerializer,
    ContactMade,
    Conversion,
    FeedbackSerializer,
    HandoffSerializer,
    HandOver,
    Merger,
    Reassignment,
    Rejection,
)

SCOPES = {"read": "handoffs:read", "write": "handoffs:write"}


class Agreements(Resource):
    required_scopes = SCOPES
    serializer_class = AgreementSerializer
    ordering_fields = {"id": "id", "version": "version", "updated_at": "updated_at"}

    def rows(self) -> QuerySet[Agreement]:
        agreements = Agreement.objects.visible_to(self.user).select_related("definition")
        return agreements.prefetch_related("rules__reason", "rules__programme")

    def current(self, request: Request) -> Response:
        agreement = self.rows().filter(status=AgreementStatus.IN_FORCE).first()
        if agreement is None:
            raise Http404
        return self.shown(agreement.pk)


class Handoffs(Resource):
    required_scopes = SCOPES
    serializer_class = HandoffSerializer
    input_class = HandOver
    filterset_class = HandoffFilters
    ordering_fields = {
        "id": "id",
        "created_at": "offered_at",
        "respond_by": "respond_by",
        "feedback_by": "feedback_by",
        "score_at_handoff": "score_at_handoff",
        "updated_at": "updated_at",
    }

    def rows(self) -> QuerySet[Handoff]:
        return Handoff.objects.visible_to(self.user).select_related("agreement")

    def add(self, values: dict[str, Any]) -> Handoff:
        return handoffs.hand_over(values.pop("lead"), by=self.user, at=self.at, **values)

    @extend_schema(request=ContactMade)
    def contact(self, request: Request, pk: int) -> Response:
        told = self.told(ContactMade)
        return self.shown(handoffs.contact(self.get_object(), by=self.user, at=self.at, **told).pk)

    @extend_schema(request=None)
    def accept(self, request: Request, pk: int) -> Response:
        self.told(Input)
        return self.shown(handoffs.accept(self.get_object(), by=self.user, at=self.at).pk)

    @extend_schema(request=Rejection)
    def reject(self, request: Request, pk: int) -> Response:
        told = self.told(Rejection)
        return self.shown(handoffs.reject(self.get_object(), by=self.user, at=self.at, **told).pk)

    @extend_schema(request=Conversion)
    def convert(self, request: Request, pk: int) -> Response:
        opportunity = handoffs.Opportunity(**self.told(Conversion))
        return self.shown(handoffs.convert(self.get_object(), opportunity, by=self.user, at=self.at).pk)

    @extend_schema(request=Reassignment)
    def reassign(self, request: Request, pk: int) -> Response:
        told = self.told(Reassignment)
        to = told.pop("assignee")
        return self.shown(handoffs.reassign(self.get_object(), to=to, by=self.user, at=self.at, **told).pk)

    @extend_schema(request=None)
    def claim(self, request: Request, pk: int) -> Response:
        self.told(Input)
        return self.shown(handoffs.claim(self.get_object(), by=self.user, at=self.at).pk)


class MergeableLeads(Leads):
    """Merging concerns what sales holds as well, so the call stands here, beside the leads of the layer below."""

    @extend_schema(request=Merger)
    def merge(self, request: Request, pk: int) -> Response:
        told = self.told(Merger)
        return self.shown(merging.merge(self.get_object(), into=told["into"], by=self.user, at=self.at).pk)


class FeedbackList(Resource):
    required_scopes = SCOPES
    serializer_class = FeedbackSerializer
    filterset_class = FeedbackFilters
    ordering_fields = {"id": "id", "given_at": "given_at", "updated_at": "updated_at"}

    def rows(self) -> QuerySet[Feedback]:
        rows = Feedback.objects.visible_to(self.user).select_related("handoff__lead", "reason")
        return rows.prefetch_related("handoff__assets")
