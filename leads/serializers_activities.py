"""What the API tells and takes about activities with a person."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from crm.api.answers import Answer
from crm.api.fields import Input, Moment, Text, Visible
from crm.models import Activity, Channel, Contact, Direction, Outcome
from leads.models import Lead


class ActivityAnswer(Answer):
    contact = serializers.IntegerField(source="contact_id", read_only=True, allow_null=True)
    account = serializers.IntegerField(source="account_id", read_only=True, allow_null=True)
    by = serializers.IntegerField(source="by_id", read_only=True, allow_null=True)

    class Meta:
        model = Activity
        fields = (
            "id", "contact", "account", "channel", "direction", "outcome", "occurred_at", "note", "by", "external_id",
            "logged_at", "updated_at",
        )  # fmt: skip
        read_only_fields = fields


class ActivityInput(Input):
    """Something that was done with a person, named as a contact or by a lead of theirs.

    Only what went out to the person and reached or tried them can answer a handoff; automatic replies and bounces
    cannot. The same `external_id` again is the same activity; told again as bounced, it has bounced.
    """

    contact = Visible(queryset=Contact.objects.standing(), required=False)
    lead = Visible(queryset=Lead.objects.standing().select_related("contact"), required=False)
    channel = serializers.ChoiceField(Channel.choices)
    direction = serializers.ChoiceField(Direction.choices, required=False)
    outcome = serializers.ChoiceField(Outcome.choices, required=False)
    occurred_at = Moment(required=False, allow_null=True)
    note = Text(multiline=True, required=False, allow_blank=True)
    external_id = Text(required=False, allow_blank=True, max_length=120)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Whom it was with, whichever way it was said."""
        lead = attrs.pop("lead", None)
        person = attrs.get("contact") or (lead.contact if lead else None)
        if person is None:
            raise serializers.ValidationError({"contact": [_("Give a contact or a lead.")]}, code="required")
        if lead and lead.contact_id != person.pk:
            raise serializers.ValidationError({"lead": [_("This lead is somebody else.")]})
        return {**attrs, "contact": person}
