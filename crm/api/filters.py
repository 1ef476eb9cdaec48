"""Filters of lists: an unknown one is refused, never ignored.

    class LeadFilters(Filters):
        stage = filters.ChoiceFilter(choices=Stage.choices)

`updated_since` is there already where the model has `updated_at`; set `filterset_class` on the view.
"""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.db.models import QuerySet
from django.utils.choices import flatten_choices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters import rest_framework as filters
from rest_framework.exceptions import ValidationError

from crm.api.fields import Moment

COMMON = frozenset({"cursor", "page_size", "ordering", "updated_since"})


class MomentFilter(filters.CharFilter):
    """A time with an offset."""

    def filter(self, qs: Any, value: Any) -> Any:
        if not value:
            return qs
        try:
            moment = Moment().to_internal_value(value)
        except ValidationError as error:
            raise ValidationError({str(self.label): error.detail}) from error
        return self.since(qs, moment)

    def since(self, rows: Any, moment: datetime) -> Any:
        return super().filter(rows, moment)


class ChangedFilter(MomentFilter):
    """Whatever of it the list shows."""

    def since(self, rows: Any, moment: datetime) -> Any:
        return rows.changed_since(moment)


class Number(filters.NumberFilter):
    """A whole number that the database can hold, such as an id."""

    field_class = forms.IntegerField

    def get_max_validator(self) -> MaxValueValidator:
        return MaxValueValidator(2**63 - 1)


class Filters(filters.FilterSet):
    updated_since = MomentFilter(
        field_name="updated_at",
        lookup_expr="gte",
        label="updated_since",
        help_text=gettext_lazy(
            "Rows that changed themselves at this moment or later, such as 2026-01-31T09:00:00+09:00. "
            "What a row shows of another record, such as the name of a lead's person, changes with that one: "
            "ask for its list, or the changes."
        ),
    )

    def get_form_class(self) -> type[forms.Form]:
        """What is chosen from a list says the list when it is not in it."""
        form: type[forms.Form] = super().get_form_class()
        for field in form.base_fields.values():
            if isinstance(field, forms.ChoiceField):
                values = [str(value) for value, _label in flatten_choices(field.choices) if value]
                field.error_messages["invalid_choice"] = _("Choose one of: %s.") % ", ".join(values)
        return form

    @property
    def at(self) -> Any:
        """The moment of this call, for filters that depend on it."""
        return self.request.parser_context["view"].at


def insist_on_known(request: Any, known: Set[str]) -> None:
    """Refuse a query that asks for something the list does not know."""
    unknown = sorted(set(request.query_params) - known)
    if unknown:
        message = _("There is no such filter. Known are: %(names)s.") % {"names": ", ".join(sorted(known))}
        raise ValidationError({name: [message] for name in unknown}, code="unknown")


class StrictFilterBackend(filters.DjangoFilterBackend):
    def filter_queryset(self, request: Any, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        names = set(self._names(view))
        insist_on_known(request, names | COMMON)
        if names.isdisjoint(request.query_params):  # a form that was sent nothing would only cost time
            return queryset
        filtered: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return filtered

    def _names(self, view: Any) -> list[str]:
        chosen = getattr(view, "filterset_class", None)
        return list(chosen.base_filters) if chosen else []
