"""What a list of assets may be narrowed by."""

from __future__ import annotations

from typing import Any

from django_filters import rest_framework as filters

from content.models import AssetKind, Phase
from crm.api.filters import Filters
from crm.models import Language, StakeholderRole


class AssetFilters(Filters):
    kind = filters.ChoiceFilter(choices=AssetKind.choices)
    phase = filters.ChoiceFilter(choices=Phase.choices, method="for_phase")
    stakeholder_role = filters.ChoiceFilter(choices=StakeholderRole.choices, method="for_role")
    language = filters.ChoiceFilter(choices=Language.choices)
    in_use = filters.ChoiceFilter(choices=[("true", "true"), ("false", "false")], method="still_in_use")

    def for_phase(self, rows: Any, _name: str, value: str) -> Any:
        return rows.for_phase(value)

    def for_role(self, rows: Any, _name: str, value: str) -> Any:
        return rows.filter(stakeholder_roles__contains=[value])

    def still_in_use(self, rows: Any, _name: str, value: str) -> Any:
        today = self.at.date()
        return rows.in_use(today) if value == "true" else rows.filter(retired_on__lte=today)
