"""Deals and their buying committees, as the API shows and takes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from crm.api.fields import Amount, Day, Input, Text, Visible
from crm.models import Account, Contact, StakeholderRole, User
from deals.models import Deal, DealStage, LossReason, Product, Stakeholder, Stance
from leads.models import Lead


class DealSerializer(serializers.ModelSerializer):
    """Money is a decimal string with its currency; stage, product and reason are codes."""

    stage: Any = serializers.SlugRelatedField("code", read_only=True)
    outcome = serializers.CharField(source="stage.outcome", read_only=True)
    product: Any = serializers.SlugRelatedField("code", read_only=True)
    lost_reason: Any = serializers.SlugRelatedField("code", read_only=True)
    expected_close = serializers.DateField(source="expected_close_on", read_only=True)

    class Meta:
        model = Deal
        fields = (
            "id", "name", "account", "contact", "lead", "owner", "product", "stage", "outcome", "stage_at", "amount",
            "currency", "expected_close", "opened_at", "engaged_at", "closed_at", "lost_reason", "close_note",
            "external_id", "created_at", "updated_at",
        )  # fmt: skip
        read_only_fields = fields


class DealChange(Input):
    """What may be changed of a deal; stage and outcome have calls of their own."""

    name = Text(required=False)
    amount = Amount(required=False, allow_null=True)
    currency = serializers.RegexField(r"^[A-Z]{3}\Z", required=False)
    expected_close = Day(source="expected_close_on", required=False, allow_null=True)
    account = Visible(queryset=Account.objects.standing(), required=False, allow_null=True)
    contact = Visible(queryset=Contact.objects.standing(), required=False, allow_null=True)
    owner = Visible(queryset=User.objects.sellers(), required=False)
    product = serializers.SlugRelatedField(
        "code", queryset=Product.objects.all(), required=False, allow_null=True
    )


class NewDeal(DealChange):
    name = Text()
    lead = Visible(queryset=Lead.objects.standing(), required=False, allow_null=True)
    stage = serializers.SlugRelatedField("code", queryset=DealStage.objects.all(), required=False)
    external_id = Text(required=False, allow_blank=True, max_length=120)


class Move(Input):
    stage = serializers.SlugRelatedField("code", queryset=DealStage.objects.all())


class Win(Input):
    note = Text(multiline=True, required=False, allow_blank=True)


class Loss(Input):
    reason = serializers.SlugRelatedField("code", queryset=LossReason.objects.all())
    note = Text(multiline=True, required=False, allow_blank=True)


class StakeholderSerializer(serializers.ModelSerializer):
    updated_at = serializers.DateTimeField(read_only=True, allow_null=True)

    class Meta:
        model = Stakeholder
        fields = ("id", "contact", "role", "stance", "note", "updated_at")
        read_only_fields = fields


class Seat(Input):
    contact = Visible(queryset=Contact.objects.standing())
    role = serializers.ChoiceField(StakeholderRole.choices)
    stance = serializers.ChoiceField(Stance.choices, required=False)
    note = Text(required=False, allow_blank=True)
