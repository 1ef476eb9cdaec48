"""The filters of the lead list."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters import rest_framework as filters
from rest_framework.exceptions import ValidationError

from crm import grams
from crm.api.filters import ChangedFilter, Filters, Number
from crm.api.resources import email_key_asked
from leads import lifecycle
from leads.models import Stage


class LeadFilters(Filters):
    updated_since = ChangedFilter(
        label="updated_since",
        help_text=gettext_lazy(
            "Leads that changed, or whose person or company did, at this moment or later, such as "
            "2026-01-31T09:00:00+09:00."
        ),
    )
    stage = filters.MultipleChoiceFilter(choices=Stage.choices, distinct=False)
    min_score = filters.NumberFilter(method="by_score")
    max_score = filters.NumberFilter(method="by_score")
    source = filters.CharFilter()
    campaign = filters.CharFilter()
    owner = filters.CharFilter(method="by_owner")
    account = Number(field_name="account_id")
    email = filters.CharFilter(method="by_email")
    external_id = filters.CharFilter()
    neglected_days = Number(method="by_neglect", min_value=1, max_value=36_500)
    q = filters.CharFilter(method="by_words", max_length=200)

    def by_score(self, rows: Any, name: str, value: Any) -> Any:
        bar = lifecycle.current_decay().bar_at(float(value), self.at)
        return rows.scored_from(bar) if name == "min_score" else rows.filter(score__rank__lte=bar)

    def by_owner(self, rows: Any, name: str, value: str) -> Any:
        if value == "me":
            return rows.filter(owner=self.request.user)
        if not (value.isascii() and value.isdigit() and len(value) < 19):
            raise ValidationError({"owner": [_("Give the id of a user, or me.")]})
        return rows.filter(owner=int(value))

    def by_email(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(contact__email_key=email_key_asked(value))

    def by_neglect(self, rows: Any, name: str, value: int) -> Any:
        return rows.neglected(self.at, days=int(value))

    def by_words(self, rows: Any, name: str, value: str) -> Any:
        """Each word in the name, the address or the company."""
        return rows.holding(*grams.words(value))
