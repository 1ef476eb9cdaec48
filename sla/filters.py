"""What lists of agreements, handoffs, feedback and data tasks may be narrowed by."""

from __future__ import annotations

from typing import Any

from django_filters import rest_framework as filters

from crm.api.filters import Filters, MomentFilter
from deals.filters import IdFilter, PersonFilter
from sla.models import AgreementStatus, Disposition, Handoff, Status, Verdict
from sla.models.answers import TASK_KINDS


class HandoffFilters(Filters):
    status = filters.MultipleChoiceFilter(choices=Status.choices, distinct=False)
    assignee = PersonFilter(field_name="assignee", label="assignee")
    team = IdFilter(field_name="team")
    lead = IdFilter(field_name="lead")
    breached = filters.ChoiceFilter(choices=[("true", "true"), ("false", "false")], method="late")
    due_before = MomentFilter(field_name="respond_by", lookup_expr="lt", label="due_before")

    def late(self, rows: Any, _name: str, value: str) -> Any:
        if value == "true":
            return rows.breached(self.at)
        return rows.exclude(pk__in=Handoff.objects.breached(self.at).values("pk"))


class AgreementFilters(Filters):
    status = filters.MultipleChoiceFilter(choices=AgreementStatus.choices, distinct=False)
    segment = filters.CharFilter(field_name="segment__code")


class DataTaskFilters(Filters):
    done = filters.ChoiceFilter(choices=[("true", "true"), ("false", "false")], method="finished")
    kind = filters.ChoiceFilter(choices=TASK_KINDS)
    lead = IdFilter(field_name="handoff__lead")

    def finished(self, rows: Any, _name: str, value: str) -> Any:
        return rows.filter(done_at__isnull=value == "false")


class FeedbackFilters(Filters):
    verdict = filters.ChoiceFilter(choices=Verdict.choices)
    reason = filters.CharFilter(field_name="reason__code")
    disposition = filters.ChoiceFilter(choices=Disposition.choices)
    source = filters.CharFilter(field_name="handoff__lead__source")
    campaign = filters.CharFilter(field_name="handoff__lead__campaign")
    asset = filters.CharFilter(field_name="handoff__assets__slug")
    assignee = PersonFilter(field_name="handoff__assignee", label="assignee")
    since = MomentFilter(field_name="given_at", lookup_expr="gte", label="since")
    until = MomentFilter(field_name="given_at", lookup_expr="lt", label="until")
