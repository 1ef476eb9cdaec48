"""What a list of deals may be narrowed by."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from rest_framework.exceptions import ValidationError

from crm.api.filters import Filters
from crm.models import StakeholderRole
from deals.models import DealOutcome, Stance

MOST = 2**63 - 1


class IdFilter(filters.NumberFilter):
    """A whole number."""

    field_class = forms.IntegerField

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{"min_value": 1, "max_value": MOST, **options})


class PersonFilter(filters.CharFilter):
    """The id of a person, or `me`."""

    def filter(self, qs: Any, value: Any) -> Any:
        if not value:
            return qs
        if value == "me":
            return super().filter(qs, self.parent.request.user.pk)
        if not (value.isascii() and value.isdigit() and len(value) < 19):
            raise ValidationError({str(self.label): [_("Give the id of a person, or “me”.")]})
        return super().filter(qs, int(value))


class DealFilters(Filters):
    stage = filters.CharFilter(field_name="stage__code")
    outcome = filters.ChoiceFilter(field_name="stage__outcome", choices=DealOutcome.choices)
    owner = PersonFilter(field_name="owner", label="owner")
    account = IdFilter(field_name="account")
    contact = IdFilter(field_name="contact")
    lead = IdFilter(field_name="lead")
    external_id = filters.CharFilter()


class SeatFilters(Filters):
    role = filters.ChoiceFilter(choices=StakeholderRole.choices)
    stance = filters.ChoiceFilter(choices=Stance.choices)
