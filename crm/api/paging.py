"""Cursor pages: `{"next", "previous", "results"}`, at most 500 rows, stable under inserts.

A view names what a caller may order by: `ordering_fields = {"id": "id", "score": "rank"}` (name → column or
annotation that is never null). The first is the default, newest first; the id breaks ties.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError as InvalidModel
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination

MOST = 500


class Pages(CursorPagination):
    page_size, max_page_size = 50, MOST
    page_size_query_param = "page_size"
    ordering = "-id"

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> Any:
        try:
            return super().paginate_queryset(self._bounded(queryset, request, view), request, view)
        except (NotFound, InvalidModel, ValueError, OverflowError) as error:
            raise ValidationError(
                {"cursor": [_("This cursor is damaged. Start from the first page.")]}
            ) from error

    def _bounded(self, queryset: Any, request: Any, view: Any) -> Any:
        """`twin_of_id` of a view names a joined column that equals the id. The planner does not see that what bounds
        the one bounds the other, and reads the joined table from its end."""
        twin, ordering = getattr(view, "twin_of_id", ""), self.get_ordering(request, queryset, view)[0]
        cursor = self.decode_cursor(request) if twin and ordering.lstrip("-") == "id" else None
        if cursor is None or cursor.position is None:
            return queryset
        is_below = cursor.reverse != ordering.startswith("-")
        return queryset.filter(**{f"{twin}__{'lt' if is_below else 'gt'}": cursor.position})

    def get_page_size(self, request: Any) -> int:
        told = request.query_params.get(self.page_size_query_param)
        if told is None:
            return self.page_size
        if not (told.isascii() and told.isdigit() and len(told) < 5 and 1 <= int(told) <= MOST):
            raise ValidationError({"page_size": [_("Ask for 1 to %(most)d rows.") % {"most": MOST}]})
        return int(told)

    def get_ordering(self, request: Any, queryset: Any, view: Any) -> tuple[str, ...]:
        known: dict[str, str] = view.ordering_fields
        told = request.query_params.get("ordering")
        if told is None:
            return ("-id",)
        name = told.removeprefix("-")
        if name not in known:
            message = _("Order by one of: %(names)s.") % {"names": ", ".join(known)}
            raise ValidationError({"ordering": [message]})
        sign = "-" if told.startswith("-") else ""
        return (sign + known[name],) if known[name] == "id" else (sign + known[name], sign + "id")
