"""Activities over REST: what telephones, mail servers and calendars know of talks with a person."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from crm import activities
from crm.api.fields import Input
from crm.api.filters import Filters, MomentFilter, Number
from crm.api.views import Resource
from crm.models import Activity, Channel, Direction, Outcome
from leads.models import Lead
from leads.serializers_activities import ActivityAnswer, ActivityInput


class ActivityFilters(Filters):
    contact = Number(field_name="contact_id")
    account = Number(field_name="account_id")
    lead = Number(method="of_lead")
    channel = filters.ChoiceFilter(choices=Channel.choices)
    direction = filters.ChoiceFilter(choices=Direction.choices)
    outcome = filters.ChoiceFilter(choices=Outcome.choices)
    by = Number(field_name="by_id")
    external_id = filters.CharFilter()
    since = MomentFilter(field_name="occurred_at", lookup_expr="gte", label="since")
    until = MomentFilter(field_name="occurred_at", lookup_expr="lt", label="until")

    def of_lead(self, rows: Any, name: str, value: int) -> Any:
        """Those with the person behind a lead."""
        return rows.filter(contact__in=Lead.objects.filter(pk=value).values("contact"))


class Activities(Resource):
    required_scopes = {"read": ("handoffs:read", "leads:read"), "write": ("handoffs:write", "leads:write")}
    serializer_class, input_class = ActivityAnswer, ActivityInput
    filterset_class = ActivityFilters
    ordering_fields = {"id": "id", "occurred_at": "occurred_at", "updated_at": "updated_at"}

    def rows(self) -> QuerySet[Activity]:
        return Activity.objects.visible_to(self.user)

    def add(self, values: dict[str, Any]) -> tuple[Activity, bool]:
        return activities.log_once(activities.Entry(**values), by=self.user, at=self.at)

    @extend_schema(request=None)
    def bounce(self, request: Request, pk: int) -> Response:
        self.told(Input)
        return self.shown(activities.report_bounce(self.get_object(), by=self.user, at=self.at).pk)
