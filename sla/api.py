"""REST: agreements, the hand-over and its answers, what sales said, and what marketing is to mend."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm import merging as crm_merging
from crm.api.fields import Input
from crm.api.problems import pointing_at
from crm.api.resources import Accounts, Contacts
from crm.api.views import Resource
from leads.api import Leads
from leads.models import Segment
from sla import agreements, data_tasks, handoffs, merging
from sla.filters import AgreementFilters, DataTaskFilters, FeedbackFilters, HandoffFilters
from sla.handoffs import bant
from sla.models import Agreement, DataTask, Feedback, Handoff
from sla.serializers import (
    AccountMerger,
    AgreementSerializer,
    ContactMade,
    Conversion,
    DataTaskSerializer,
    FeedbackSerializer,
    Findings,
    Finish,
    HandoffSerializer,
    HandOver,
    Merger,
    Pausing,
    PeopleMerger,
    Proposal,
    Reassignment,
    Rebasing,
    Rejection,
    Signing,
    TakingBack,
)

SCOPES = {"read": "handoffs:read", "write": "handoffs:write"}


class Agreements(Resource):
    required_scopes = SCOPES
    serializer_class = AgreementSerializer
    filterset_class = AgreementFilters
    ordering_fields = {"id": "id", "version": "version", "updated_at": "updated_at"}

    def rows(self) -> QuerySet[Agreement]:
        rows = Agreement.objects.visible_to(self.user).select_related("definition", "segment", "calendar")
        return rows.prefetch_related("rules__reason", "rules__programme", "steps", "signatures")

    @extend_schema(
        parameters=[OpenApiParameter("segment", str, description="A segment's code; without it everybody's.")]
    )
    def current(self, request: Request) -> Response:
        """The agreement in force for a segment: its own, or else the one for everybody."""
        in_force = Agreement.objects.visible_to(self.user).by_segment()
        segment = self._segment(request.query_params.get("segment", ""))
        agreement = in_force.get(segment) or in_force.get(None)
        if agreement is None:
            raise Http404
        return self.shown(agreement.pk)

    def _segment(self, code: str) -> int | None:
        if not code:
            return None
        known = dict(Segment.objects.visible_to(self.user).values_list("code", "pk")).get(code)
        if known is None:
            raise serializers.ValidationError({"segment": [_("There is no segment of this code.")]})
        return known

    @extend_schema(request=Proposal)
    def propose(self, request: Request, pk: int) -> Response:
        told = self.told(Proposal)
        return self.shown(agreements.propose(self.get_object(), by=self.user, at=self.at, **told).pk)

    @extend_schema(request=Signing)
    def sign(self, request: Request, pk: int) -> Response:
        told = self.told(Signing)
        return self.shown(agreements.sign(self.get_object(), by=self.user, at=self.at, **told).pk)

    @extend_schema(request=TakingBack)
    def take_back(self, request: Request, pk: int) -> Response:
        told = self.told(TakingBack)
        return self.shown(agreements.return_to_draft(self.get_object(), by=self.user, at=self.at, **told).pk)


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
        rows = Handoff.objects.visible_to(self.user).select_related("agreement", "bant")
        return rows.prefetch_related("pauses")

    def versions(self, row: Handoff) -> tuple[Any, ...]:
        return row, getattr(row, "bant", None)

    def add(self, values: dict[str, Any]) -> Handoff:
        return handoffs.hand_over(values.pop("lead"), by=self.user, at=self.at, **values)

    @extend_schema(request=ContactMade)
    def contact(self, request: Request, pk: int) -> Response:
        told = self.told(ContactMade)
        found = told.pop("bant", None)
        return self.shown(
            handoffs.contact(self.get_object(), by=self.user, at=self.at, found=found, **told).pk
        )

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
        told = self.told(Conversion)
        found = told.pop("bant", None)
        row, opportunity = self.get_object(), handoffs.Opportunity(**told)
        with pointing_at("bant", Findings):
            done = handoffs.convert(row, opportunity, by=self.user, at=self.at, found=found)
        return self.shown(done.pk)

    @extend_schema(request=Findings)
    def bant(self, request: Request, pk: int) -> Response:
        told, row = self.told(Findings), self.get_object()
        bant.confirm(row, told, by=self.user, at=self.at)
        return self.shown(row.pk)

    @extend_schema(request=Pausing)
    def pause(self, request: Request, pk: int) -> Response:
        told = self.told(Pausing)
        return self.shown(handoffs.pause(self.get_object(), by=self.user, at=self.at, **told).pk)

    @extend_schema(request=None)
    def resume(self, request: Request, pk: int) -> Response:
        self.told(Input)
        return self.shown(handoffs.resume(self.get_object(), by=self.user, at=self.at).pk)

    @extend_schema(request=Rebasing)
    def rebase(self, request: Request, pk: int) -> Response:
        told = self.told(Rebasing)
        return self.shown(handoffs.rebase(self.get_object(), by=self.user, at=self.at, **told).pk)

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


class MergeableContacts(Contacts):
    """As of leads: both records in one, and the old id leads to it."""

    @extend_schema(request=PeopleMerger)
    def merge(self, request: Request, pk: int) -> Response:
        told = self.told(PeopleMerger)
        row = merging.merge_people(self.get_object(), into=told["into"], by=self.user, at=self.at)
        return self.shown(row.pk)


class MergeableAccounts(Accounts):
    @extend_schema(request=AccountMerger)
    def merge(self, request: Request, pk: int) -> Response:
        told = self.told(AccountMerger)
        row = crm_merging.merge_accounts(self.get_object(), told["into"], by=self.user, at=self.at)
        return self.shown(row.pk)


class FeedbackList(Resource):
    required_scopes = SCOPES
    serializer_class = FeedbackSerializer
    filterset_class = FeedbackFilters
    ordering_fields = {"id": "id", "given_at": "given_at", "updated_at": "updated_at"}

    def rows(self) -> QuerySet[Feedback]:
        rows = Feedback.objects.visible_to(self.user).select_related("handoff__lead", "reason")
        return rows.prefetch_related("handoff__assets")


class DataTasks(Resource):
    required_scopes = SCOPES
    serializer_class = DataTaskSerializer
    filterset_class = DataTaskFilters
    ordering_fields = {"id": "id", "opened_at": "opened_at", "updated_at": "updated_at"}

    def rows(self) -> QuerySet[DataTask]:
        rows = DataTask.objects.visible_to(self.user)
        return rows.select_related("handoff__lead__contact", "handoff__agreement__definition")

    @extend_schema(request=Finish)
    def finish(self, request: Request, pk: int) -> Response:
        told, task = self.told(Finish), self.get_object()
        data_tasks.finish(task, by=self.user, at=self.at, **told)
        return self.shown(task.pk)
