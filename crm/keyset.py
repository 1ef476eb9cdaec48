"""Pages of a list by the key of their last row: row 500,000 costs what the first one does, and new rows shift nothing.

An order is one column (or an annotation), rows without a value last; the primary key breaks ties. Where each row has a
value that is not said, or the index of the values would not order the rows. The cursor in the address holds the two of
the row a page begins after; a damaged one is the first page.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, Q, QuerySet

AFTER, BEFORE = "a", "b"
LONGEST = 600


@dataclass(frozen=True, slots=True)
class Order:
    """`field` may follow relations; `falls` puts the largest first."""

    field: str
    falls: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, and the cursors of the pages around them; '' where there is none."""

    rows: list[Any]
    following: str
    preceding: str


def order_of(asked: str, orders: Mapping[str, str], default: str) -> Order:
    """What `?sort=-name` means; a name nobody knows is the default."""
    name = asked if asked.removeprefix("-") in orders else default
    return Order(orders[name.removeprefix("-")], name.startswith("-"))


def ordered(rows: QuerySet, order: Order) -> QuerySet:
    return rows.order_by(*_columns(rows, order, backwards=False))


def page(rows: QuerySet, order: Order, cursor: str, *, size: int) -> Page:
    """Two queries, whichever page it is: the keys first, for which the database joins and sorts no more than the order
    needs."""
    place = _read(cursor, rows, order)
    backwards = place is not None and place.side == BEFORE
    asked = rows.filter(_beyond(rows, order, place)) if place else rows
    columns = _columns(rows, order, backwards=backwards)
    keys = list(asked.order_by(*columns).values_list("pk", flat=True)[: size + 1])
    more, shown = len(keys) > size, list(rows.filter(pk__in=keys[:size]).order_by(*columns))
    if backwards:
        shown.reverse()
    has_next, has_previous = (True, more) if backwards else (more, place is not None)
    return Page(
        rows=shown,
        following=_written(AFTER, shown[-1], order) if has_next and shown else "",
        preceding=_written(BEFORE, shown[0], order) if has_previous and shown else "",
    )


def _columns(rows: QuerySet, order: Order, *, backwards: bool) -> list[Any]:
    column, falls = F(order.field), order.falls is not backwards
    ends = {"nulls_first" if backwards else "nulls_last": True} if _may_lack(rows, order) else {}
    by_key = "-pk" if falls else "pk"
    return [column.desc(**ends) if falls else column.asc(**ends), by_key]


@dataclass(frozen=True, slots=True)
class _Place:
    side: str
    value: Any
    pk: int


def _beyond(rows: QuerySet, order: Order, place: _Place) -> Q:
    """Rows that come after the place, or before it; those without a value are last."""
    backwards = place.side == BEFORE
    way = "lt" if order.falls is not backwards else "gt"
    by_key = Q(**{f"pk__{way}": place.pk})
    valueless = Q(**{f"{order.field}__isnull": True})
    if place.value is None:
        among = valueless & by_key
        return among | ~valueless if backwards else among
    # What an index can begin at, and what of that is left out.
    further = Q(**{f"{order.field}__{way}e": place.value})
    further &= Q(**{f"{order.field}__{way}": place.value}) | by_key
    return further if backwards or not _may_lack(rows, order) else further | valueless


def _may_lack(rows: QuerySet, order: Order) -> bool:
    """Whether there may be rows without a value."""
    return order.field in rows.query.annotations or any(step.null for step in _way(rows.model, order.field))


def _written(side: str, row: Any, order: Order) -> str:
    value = row
    for name in order.field.split("__"):
        value = getattr(value, name, None)
    told = value.isoformat() if isinstance(value, datetime) else value
    packed = json.dumps([side, told, row.pk], separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def _read(cursor: str, rows: QuerySet, order: Order) -> _Place | None:
    if not cursor or len(cursor) > LONGEST:
        return None
    try:
        side, told, pk = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if side not in (AFTER, BEFORE) or not isinstance(pk, int) or not 0 < pk < 2**63:
            return None
        return _Place(side, None if told is None else _field(rows, order).to_python(told), pk)
    except (ValueError, TypeError, binascii.Error, ValidationError, RecursionError):
        return None


def _field(rows: QuerySet, order: Order) -> Any:
    """The column or annotation an order is by; it knows how its values are read."""
    if order.field in rows.query.annotations:
        return rows.query.annotations[order.field].output_field
    return _way(rows.model, order.field)[-1]


def _way(model: Any, path: str) -> list[Any]:
    """The fields that lead to a column, and the column."""
    fields: list[Any] = []
    for name in path.split("__"):
        fields.append(model._meta.get_field(name))
        model = fields[-1].related_model
    return fields
