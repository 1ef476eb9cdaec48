"""What the API says about agreements, handoffs and feedback, and what it wants to be told."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from crm.api.fields import Amount, Day, Input, Moment, Text, Visible
from crm.models import Channel, Outcome, User
from leads.models import Lead
from sla.models import Agreement, Feedback, Handoff, ReasonRule

# -- answers --------------------------------------------------------------------------------------


class ReasonRuleSerializer(serializers.ModelSerializer):
    """A reason sales may name, with what follows from it."""

    code = serializers.CharField(source="reason.code")
    name = serializers.CharField(source="reason.__str__")
    recycle_after_days = serializers.IntegerField(source="wait_days")
    programme: Any = serializers.SlugRelatedField("code", read_only=True)

    class Meta:
        model = ReasonRule
        fields = (
            "code", "name", "disposition", "recycle_after_days", "programme", "comment_required", "asks_date",
            "fresh_behaviour_only",
        )  # fmt: skip
        read_only_fields = fields


class AgreementSerializer(serializers.ModelSerializer):
    mql_threshold = serializers.FloatField(read_only=True)
    reasons = serializers.SerializerMethodField()

    class Meta:
        model = Agreement
        fields = (
            "id", "version", "title", "status", "effective_from", "effective_until", "mql_threshold", "response_hours",
            "response_counts", "business_hours", "feedback_hours", "expire_hours", "warn_percent", "max_rounds",
            "monthly_mqls", "acceptance_rate", "reasons", "updated_at",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(ReasonRuleSerializer(many=True))
    def get_reasons(self, agreement: Agreement) -> Any:
        rules = sorted(agreement.rules.all(), key=lambda rule: (rule.reason.position, rule.reason.code))
        return ReasonRuleSerializer(rules, many=True).data


class HandoffSerializer(serializers.ModelSerializer):
    """`created_at` is when it was offered: what the due times count from. `agreement` is its version."""

    agreement = serializers.IntegerField(source="agreement.version", read_only=True)
    fit_grade = serializers.CharField(source="grade", read_only=True)
    created_at = serializers.DateTimeField(source="offered_at", read_only=True)

    class Meta:
        model = Handoff
        fields = (
            "id", "lead", "contact", "account", "agreement", "status", "round", "assignee", "team", "note",
            "score_at_handoff", "fit_grade", "brief", "created_at", "respond_by", "expires_at", "first_contact_at",
            "feedback_by", "responded_in_time", "feedback_in_time", "accepted_at", "decided_at", "deal", "updated_at",
        )  # fmt: skip
        read_only_fields = fields


class FeedbackSerializer(serializers.ModelSerializer):
    lead = serializers.IntegerField(source="handoff.lead_id", read_only=True)
    assignee = serializers.IntegerField(source="handoff.assignee_id", read_only=True, allow_null=True)
    source: Any = serializers.CharField(source="handoff.lead.source", read_only=True)
    campaign = serializers.CharField(source="handoff.lead.campaign", read_only=True)
    reason: Any = serializers.SlugRelatedField("code", read_only=True)
    assets = serializers.SerializerMethodField()

    class Meta:
        model = Feedback
        fields = (
            "id", "handoff", "lead", "assignee", "verdict", "reason", "disposition", "comment", "not_before", "source",
            "campaign", "assets", "given_by", "given_at", "reviewed_by", "reviewed_at", "conclusion", "updated_at",
        )  # fmt: skip
        read_only_fields = fields

    def get_assets(self, row: Feedback) -> list[str]:
        """Slugs of what the lead had read before it was handed over."""
        return sorted(asset.slug for asset in row.handoff.assets.all())


# -- wishes ---------------------------------------------------------------------------------------


class HandOver(Input):
    lead = Visible(queryset=Lead.objects.standing())
    assignee = Visible(queryset=User.objects.active(), required=False, allow_null=True)
    note = Text(multiline=True, required=False, allow_blank=True)


class Merger(Input):
    into = Visible(queryset=Lead.objects.standing().select_related("contact"))


class ContactMade(Input):
    channel = serializers.ChoiceField(Channel.choices)
    outcome = serializers.ChoiceField(Outcome.choices)
    occurred_at = Moment(required=False, allow_null=True)
    note = Text(multiline=True, required=False, allow_blank=True)
    external_id = Text(required=False, allow_blank=True, max_length=120)


class Rejection(Input):
    reason = Text(max_length=40)
    comment = Text(multiline=True, required=False, allow_blank=True)
    not_before = Day(required=False, allow_null=True)


class Conversion(Input):
    """The deal that a converted lead opens."""

    name = Text(max_length=200)
    amount = Amount(required=False, allow_null=True)
    currency = serializers.RegexField(r"^[A-Z]{3}\Z", required=False)
    expected_close = Day(source="expected_close_on", required=False, allow_null=True)
    external_id = Text(required=False, allow_blank=True, max_length=120)


class Reassignment(Input):
    assignee = Visible(queryset=User.objects.all())
    note = Text(multiline=True, required=False, allow_blank=True)
