"""Webhooks over REST: who listens, what was sent to them, and sending it again."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.answers import Answer
from crm.api.fields import Input, Text, Truth
from crm.api.filters import Filters
from crm.api.serializers import PersonBrief, VisibleKey
from crm.api.views import Resource
from crm.models import User, Webhook, WebhookAttempt, WebhookDelivery
from crm.webhooks import registry

SCOPES = {"read": "admin", "write": "admin"}
STATES = {
    "waiting": {"delivered_at": None, "failed_at": None},
    "delivered": {"delivered_at__isnull": False},
    "failed": {"failed_at__isnull": False},
}


class WebhookAnswer(Answer):
    owner = PersonBrief(read_only=True)
    active = serializers.BooleanField(source="is_active", read_only=True)
    reason = serializers.CharField(source="disabled_reason", read_only=True)

    class Meta:
        model = Webhook
        fields = (
            "id", "name", "url", "topics", "owner", "active", "disabled_at", "reason", "failing_since",
            "created_at", "updated_at",
        )  # fmt: skip
        read_only_fields = fields


class NewWebhookAnswer(WebhookAnswer):
    """With the secret, which is told once."""

    secret = serializers.CharField(read_only=True)

    class Meta(WebhookAnswer.Meta):
        fields = (*WebhookAnswer.Meta.fields, "secret")  # type: ignore[assignment]


class WebhookInput(Input):
    url = Text(max_length=500)
    topics = serializers.ListField(child=Text(max_length=64), min_length=1, max_length=50)
    name = Text(required=False, allow_blank=True, max_length=120)
    owner = VisibleKey(User, required=False)


class WebhookPatch(Input):
    url = Text(required=False, max_length=500)
    topics = serializers.ListField(child=Text(max_length=64), min_length=1, max_length=50, required=False)
    name = Text(required=False, allow_blank=True, max_length=120)
    active = Truth(required=False)


class Webhooks(Resource):
    required_scopes = SCOPES
    serializer_class, input_class, patch_class = WebhookAnswer, WebhookInput, WebhookPatch
    filterset_class = Filters
    secret = ""

    def rows(self) -> QuerySet[Webhook]:
        return Webhook.objects.visible_to(self.user).select_related("owner")

    def add(self, values: dict[str, Any]) -> Webhook:
        told = {"owner": self.user, **values}
        row, self.secret = registry.register(by=self.user, at=self.at, **told)
        return row

    def edit(self, row: Webhook, values: dict[str, Any]) -> Webhook:
        return registry.edit(row, by=self.user, at=self.at, **values)

    @extend_schema(request=WebhookInput, responses={201: NewWebhookAnswer})
    def create(self, request: Request, **kwargs: Any) -> Response:
        return super().create(request, **kwargs)

    @extend_schema(request=None, responses=NewWebhookAnswer)
    def rotate(self, request: Request, **_kwargs: Any) -> Response:
        self.told(Input)
        row = self.get_object()
        self.secret = registry.rotate(row, by=self.user, at=self.at)
        return self.shown(row.pk)

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        """The secret joins the answer at the end: what is kept to answer a repeated call must not hold it."""
        if self.secret:
            response.data = {**response.data, "secret": self.secret}
        return super().finalize_response(request, response, *args, **kwargs)


class AttemptAnswer(Answer):
    status = serializers.IntegerField(source="status_code", read_only=True)
    ms = serializers.IntegerField(source="milliseconds", read_only=True)
    error = serializers.CharField(source="trouble", read_only=True)

    class Meta:
        model = WebhookAttempt
        fields = ("at", "status", "ms", "error")


class DeliveryAnswer(Answer):
    message = serializers.CharField(source="message_id", read_only=True)
    topic = serializers.CharField(source="entry.kind", read_only=True)
    state = serializers.SerializerMethodField()
    next_attempt_at = serializers.SerializerMethodField()
    error = serializers.CharField(source="trouble", read_only=True)
    attempts = AttemptAnswer(many=True, read_only=True)

    class Meta:
        model = WebhookDelivery
        fields = (
            "id", "message", "topic", "state", "queued_at", "next_attempt_at", "delivered_at", "failed_at", "error",
            "attempts", "updated_at",
        )  # fmt: skip

    def get_state(self, row: WebhookDelivery) -> str:
        if row.delivered_at:
            return "delivered"
        return "failed" if row.failed_at else "waiting"

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_next_attempt_at(self, row: WebhookDelivery) -> Any:
        return row.due_at if row.is_waiting else None


class DeliveryFilters(Filters):
    state = filters.ChoiceFilter(method="in_state", choices=[(name, name) for name in STATES])
    topic = filters.CharFilter(field_name="entry__kind")

    def in_state(self, rows: Any, _name: str, value: str) -> Any:
        return rows.filter(**STATES[value])


class Deliveries(Resource):
    """What one webhook was sent, newest first, with every attempt."""

    required_scopes = SCOPES
    serializer_class = DeliveryAnswer
    filterset_class = DeliveryFilters
    lookup_url_kwarg = "delivery"

    def rows(self) -> QuerySet[WebhookDelivery]:
        rows = WebhookDelivery.objects.visible_to(self.user).filter(webhook=self.kwargs.get("pk"))
        attempts = WebhookAttempt.objects.order_by("pk")
        return rows.select_related("entry", "webhook").prefetch_related(Prefetch("attempts", attempts))

    def list(self, request: Request, **kwargs: Any) -> Response:
        get_object_or_404(Webhook.objects.visible_to(self.user), pk=self.kwargs["pk"])
        return super().list(request, **kwargs)

    @extend_schema(request=None)
    def retry(self, request: Request, **_kwargs: Any) -> Response:
        self.told(Input)
        row = self.get_object()
        registry.retry([row], by=self.user, at=self.at)
        return self.shown(row.pk)
