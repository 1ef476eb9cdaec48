"""What the API tells and takes about companies and people."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from crm.api.answers import Answer
from crm.api.fields import Input, Moment, Text, Whole
from crm.models import Account, Consent, Contact, StakeholderRole, User


class PersonBrief(Answer):
    """A user, as they appear beside their records."""

    name = serializers.CharField(source="full_name", read_only=True)

    class Meta:
        model = User
        fields = ("id", "name")


class AccountBrief(Answer):
    class Meta:
        model = Account
        fields = ("id", "name", "domain", "external_id")


class ContactBrief(Answer):
    name = serializers.CharField(source="full_name", read_only=True)

    class Meta:
        model = Contact
        fields = ("id", "name", "email", "phone", "job_title", "department", "stakeholder_role")


class AccountAnswer(Answer):
    owner = PersonBrief(read_only=True)

    class Meta:
        model = Account
        fields = (
            "id", "name", "domain", "industry", "employee_count", "country", "address", "corporate_number",
            "external_id", "owner", "created_at", "updated_at",
        )  # fmt: skip
        read_only_fields = fields


class ContactAnswer(Answer):
    account = AccountBrief(read_only=True)
    owner = PersonBrief(read_only=True)

    class Meta:
        model = Contact
        fields = (
            "id", "email", "first_name", "last_name", "job_title", "department", "stakeholder_role", "phone",
            "external_id",
            "account", "owner", "consent", "consent_at", "consent_text", "created_at", "updated_at",
        )  # fmt: skip
        read_only_fields = fields


class VisibleKey(serializers.PrimaryKeyRelatedField[Any]):
    """The id of a record the caller sees; another one does not exist for them."""

    def __init__(self, model: Any = None, **options: Any) -> None:
        self.model = model
        super().__init__(queryset=model.objects.all() if model else None, **options)

    def get_queryset(self) -> Any:
        return self.model.objects.visible_to(self.context["user"])

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, int) or isinstance(data, bool) or not 0 <= data < 2**63:
            self.fail("incorrect_type", data_type=type(data).__name__)
        return super().to_internal_value(data)


class AccountInput(Input):
    name = Text()
    domain = Text(required=False, allow_blank=True, max_length=253)
    industry = Text(required=False, allow_blank=True, max_length=80)
    employee_count = Whole(required=False, allow_null=True, max_value=10_000_000)
    country = Text(required=False, allow_blank=True, max_length=80)
    address = Text(required=False, allow_blank=True, max_length=300)
    corporate_number = Text(required=False, allow_blank=True, max_length=20)
    external_id = Text(required=False, allow_blank=True, max_length=120)
    owner = VisibleKey(User, required=False, allow_null=True)


class ContactInput(Input):
    email = Text(required=False, allow_blank=True, max_length=254)
    first_name = Text(required=False, allow_blank=True, max_length=80)
    last_name = Text(required=False, allow_blank=True, max_length=80)
    job_title = Text(required=False, allow_blank=True, max_length=160)
    department = Text(required=False, allow_blank=True, max_length=120)
    stakeholder_role = serializers.ChoiceField(
        choices=StakeholderRole.choices, required=False, allow_blank=True
    )
    phone = Text(required=False, allow_blank=True, max_length=40)
    external_id = Text(required=False, allow_blank=True, max_length=120)
    account = VisibleKey(Account, required=False, allow_null=True)
    consent = serializers.ChoiceField(choices=Consent.choices, required=False)
    consent_at = Moment(required=False, allow_null=True)
    consent_text = Text(required=False, allow_blank=True, multiline=True)
