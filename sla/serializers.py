"""What the API says about agreements, handoffs, feedback and data tasks, and what it wants to be told."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from crm.api.fields import Amount, Day, Input, Moment, Text, Truth, Visible
from crm.models import Account, Channel, Contact, Outcome, User
from leads.models import Lead, MqlDefinition
from sla import data_tasks
from sla.models import (
    Agreement,
    Authority,
    Bant,
    Budget,
    DataTask,
    EscalationStep,
    Feedback,
    Handoff,
    Need,
    Pause,
    ReasonRule,
    Side,
    Signature,
    Timing,
)

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
            "fresh_behaviour_only", "max_times",
        )  # fmt: skip
        read_only_fields = fields


class DefinitionSerializer(serializers.ModelSerializer):
    """What makes an MQL under this agreement, beside the threshold."""

    class Meta:
        model = MqlDefinition
        fields = ("threshold", "required_fields", "minimum_grade", "hand_raises", "consent_required")
        read_only_fields = fields


class EscalationStepSerializer(serializers.ModelSerializer):
    """Who is told when so many percent of a promised time have passed; 100 is the breach."""

    class Meta:
        model = EscalationStep
        fields = ("clock", "percent", "tells")
        read_only_fields = fields


class SignatureSerializer(serializers.ModelSerializer):
    """`digest` is the SHA-256 of the text that was signed, as canonical JSON."""

    class Meta:
        model = Signature
        fields = ("side", "user", "signed_at", "digest")
        read_only_fields = fields


class AgreementSerializer(serializers.ModelSerializer):
    """`segment` is null for the agreement that holds for everybody no other one is for."""

    mql_threshold = serializers.FloatField(read_only=True)
    segment: Any = serializers.SlugRelatedField("code", read_only=True)
    calendar: Any = serializers.SlugRelatedField("name", read_only=True)
    definition = DefinitionSerializer(read_only=True)
    steps = serializers.SerializerMethodField()
    reasons = serializers.SerializerMethodField()
    signatures = SignatureSerializer(many=True, read_only=True)

    class Meta:
        model = Agreement
        fields = (
            "id", "version", "title", "status", "segment", "effective_from", "effective_until", "mql_threshold",
            "definition", "response_hours", "response_counts", "attempts", "channels", "business_hours", "calendar",
            "leave_stops_clock", "accept_hours", "feedback_hours", "expire_hours", "after_expiry", "routing",
            "max_pauses", "pause_days", "sql_fields", "max_rounds", "monthly_mqls", "acceptance_rate", "completeness",
            "steps", "reasons", "note", "proposed_at", "signatures", "updated_at",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(EscalationStepSerializer(many=True))
    def get_steps(self, agreement: Agreement) -> Any:
        steps = sorted(agreement.steps.all(), key=lambda step: (step.clock, step.percent))
        return EscalationStepSerializer(steps, many=True).data

    @extend_schema_field(ReasonRuleSerializer(many=True))
    def get_reasons(self, agreement: Agreement) -> Any:
        rules = sorted(agreement.rules.all(), key=lambda rule: (rule.reason.position, rule.reason.code))
        return ReasonRuleSerializer(rules, many=True).data


class BantSerializer(serializers.ModelSerializer):
    """What sales confirmed; blank is not known yet."""

    class Meta:
        model = Bant
        fields = ("budget", "authority", "need", "timing", "problem", "found_by", "found_at")
        read_only_fields = fields


class PauseSerializer(serializers.ModelSerializer):
    """Why the clocks stand still, since when, and until when at the latest."""

    class Meta:
        model = Pause
        fields = ("reason", "starts_at", "until", "by")
        read_only_fields = fields


class HandoffSerializer(serializers.ModelSerializer):
    """`created_at` is when it was offered: what the due times count from. `agreement` is its version.

    While `paused` is given, the due times still ahead stand where they were when the pause began.
    """

    agreement = serializers.IntegerField(source="agreement.version", read_only=True)
    fit_grade = serializers.CharField(source="grade", read_only=True)
    created_at = serializers.DateTimeField(source="offered_at", read_only=True)
    bant = serializers.SerializerMethodField()
    paused = serializers.SerializerMethodField()

    class Meta:
        model = Handoff
        fields = (
            "id", "lead", "contact", "account", "agreement", "status", "round", "assignee", "team", "note",
            "score_at_handoff", "fit_grade", "brief", "created_at", "respond_by", "accept_by", "expires_at",
            "first_contact_at", "feedback_by", "responded_in_time", "accepted_in_time", "feedback_in_time",
            "accepted_at", "decided_at", "deal", "bant", "paused", "updated_at",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(BantSerializer(allow_null=True))
    def get_bant(self, row: Handoff) -> Any:
        known = getattr(row, "bant", None)
        return BantSerializer(known).data if known else None

    @extend_schema_field(PauseSerializer(allow_null=True))
    def get_paused(self, row: Handoff) -> Any:
        held = next((one for one in row.pauses.all() if one.ends_at is None), None)
        return PauseSerializer(held).data if held else None


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


class DataTaskSerializer(serializers.ModelSerializer):
    """What marketing is to mend before a lead is offered again; `missing` are the required fields nobody knows yet."""

    lead = serializers.IntegerField(source="handoff.lead_id", read_only=True)
    missing = serializers.SerializerMethodField()

    class Meta:
        model = DataTask
        fields = (
            "id", "handoff", "lead", "kind", "asked", "missing", "opened_at", "done_at", "done_by", "result",
            "updated_at",
        )  # fmt: skip
        read_only_fields = fields

    def get_missing(self, row: DataTask) -> list[str]:
        return [field.value for field in data_tasks.missing(row)]


# -- wishes ---------------------------------------------------------------------------------------


class HandOver(Input):
    lead = Visible(queryset=Lead.objects.standing())
    assignee = Visible(queryset=User.objects.active(), required=False, allow_null=True)
    note = Text(multiline=True, required=False, allow_blank=True)


class Findings(Input):
    """Budget, authority, need, timing; what is left out or blank stays as it was."""

    budget = serializers.ChoiceField(Budget.choices, required=False, allow_blank=True)
    authority = serializers.ChoiceField(Authority.choices, required=False, allow_blank=True)
    need = serializers.ChoiceField(Need.choices, required=False, allow_blank=True)
    timing = serializers.ChoiceField(Timing.choices, required=False, allow_blank=True)
    problem = Text(required=False, allow_blank=True, max_length=300)


class Merger(Input):
    into = Visible(queryset=Lead.objects.standing().select_related("contact"))


class PeopleMerger(Input):
    into = Visible(queryset=Contact.objects.standing())


class AccountMerger(Input):
    into = Visible(queryset=Account.objects.standing())


class ContactMade(Input):
    channel = serializers.ChoiceField(Channel.choices)
    outcome = serializers.ChoiceField(Outcome.choices)
    occurred_at = Moment(required=False, allow_null=True)
    note = Text(multiline=True, required=False, allow_blank=True)
    external_id = Text(required=False, allow_blank=True, max_length=120)
    bant = Findings(required=False)


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
    bant = Findings(required=False)


class Pausing(Input):
    reason = Text(max_length=200)


class Rebasing(Input):
    note = Text(max_length=200)


class Reassignment(Input):
    assignee = Visible(queryset=User.objects.all())
    note = Text(multiline=True, required=False, allow_blank=True)


class Proposal(Input):
    """`effective_from` is when it is to begin; without it as soon as both sides have signed."""

    effective_from = Moment(required=False, allow_null=True)


class Signing(Input):
    """Only an administrator says for which side; everybody else signs for their own."""

    side = serializers.ChoiceField(Side.choices, required=False)


class TakingBack(Input):
    reason = Text(required=False, allow_blank=True, max_length=200)


class Finish(Input):
    """What was mended. With `offer_again` off the lead goes back to nurture."""

    result = Text(max_length=200)
    offer_again = Truth(required=False)
