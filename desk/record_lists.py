"""Lists whose whole state is their URL: order by name, bounded pages, and the same rows as a CSV."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet
from django.http import HttpResponseBase, QueryDict

from crm import downloads
from crm.components.links import CURSOR, changed
from crm.components.tables import SORT, Column, Filter, Option, shown
from crm.models import User

PAGE, LAST_PAGE, COUNTED, EXPORTED = 50, 200, 1000, 20_000
ME = "me"


@dataclass(frozen=True, slots=True)
class Order:
    """What a public name of an order means; rows without a value stand last either way.

    Where a row of another table always has one, that is said: only then may the index of its values order the rows.
    The other table's key is told where that index ends in it.
    """

    field: str
    nullable: bool = False
    key: str = ""

    def by(self, falling: bool) -> list[Any]:
        """The key of a row breaks ties, so pages never overlap."""
        last = True if self.nullable else None
        first = F(self.field).desc(nulls_last=last) if falling else F(self.field).asc(nulls_last=last)
        return [first, *(f"-{key}" if falling else key for key in (self.key, "pk") if key)]

    def there(self) -> Q:
        return Q() if self.nullable or "__" not in self.field else Q(**{f"{self.field}__isnull": False})


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Any]
    next_url: str
    previous_url: str
    total: str


def columns_of(columns: Sequence[Column], query: QueryDict) -> dict[str, Any]:
    """For the template: every column, those the person chose, and the keys of these."""
    chosen = shown(columns, query)
    return {"every_column": columns, "columns": chosen, "shown": {column.key for column in chosen}}


def ordered(rows: QuerySet, query: QueryDict, orders: Mapping[str, Order], default: str) -> QuerySet:
    """Sorted as `?sort=` says; a name nobody knows is the default."""
    asked = query.get(SORT, default)
    if asked.removeprefix("-") not in orders:
        asked = default
    falling, order = asked.startswith("-"), orders[asked.removeprefix("-")]
    return rows.filter(order.there()).order_by(*order.by(falling))


def page_of(rows: Any, query: QueryDict) -> Page:
    """One page and the way to its neighbours, in as many queries whatever the length of the list.

    The keys first: to find them the database joins and sorts no more than the order needs.
    """
    number = _number(query.get(CURSOR, ""))
    keys = _keys(rows, (number - 1) * PAGE, number * PAGE + 1)
    more = len(keys) > PAGE and number < LAST_PAGE
    return Page(
        rows=list(rows.unsearched().filter(pk__in=keys[:PAGE])),
        next_url=_neighbour(query, number + 1) if more else "",
        previous_url=_neighbour(query, number - 1) if number > 1 else "",
        total=rows.shown_count(COUNTED),
    )


def _keys(rows: QuerySet, start: int, stop: int) -> list[int]:
    """Rows without a value stand last. They are a list of their own, for no index orders both."""
    order: Any = rows.query.order_by or ("pk",)
    first, *ties = order
    if not getattr(first, "nulls_last", None):
        return _sliced(rows, start, stop)
    missing, way = {f"{first.expression.name}__isnull": True}, "desc" if first.descending else "asc"
    valued = rows.exclude(**missing).order_by(getattr(first.expression, way)(), *ties)
    keys = _sliced(valued, start, stop)
    if len(keys) == stop - start:
        return keys
    before = start + len(keys) if keys else len(_sliced(valued, 0, start))
    return keys + _sliced(rows.filter(**missing).order_by(*ties), max(start - before, 0), stop - before)


def _sliced(rows: QuerySet, start: int, stop: int) -> list[int]:
    return list(rows.values_list("pk", flat=True)[start:stop])


def _number(text: str) -> int:
    return min(max(int(text), 1), LAST_PAGE) if text.isascii() and text.isdigit() and len(text) < 6 else 1


def _neighbour(query: QueryDict, number: int) -> str:
    bare = changed(query, {})
    return f"{bare}{'&' if len(bare) > 1 else ''}{CURSOR}={number}"


def with_owner(rows: QuerySet, query: QueryDict, user: User) -> QuerySet:
    """`?owner=me`, `?owner=7`; anything else asks nothing."""
    asked = query.get("owner", "")
    if asked == ME:
        return rows.filter(owner=user)
    return rows.filter(owner=asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else rows


def owner_filter(user: User, label: Any, me: Any) -> Filter:
    people = User.objects.visible_to(user).sellers().exclude(pk=user.pk).order_by("last_name", "pk")[:PAGE]
    return Filter("owner", label, [Option(ME, me), *[Option(str(one.pk), str(one)) for one in people]])


def export(
    name: str,
    header: Sequence[Any],
    rows: QuerySet | Sequence[Any],
    cells: Callable[[Any], Iterable[object]],
    query: QueryDict | None = None,
) -> HttpResponseBase:
    """The whole list as a CSV, however long it is."""
    found = downloads.all_of(rows) if isinstance(rows, QuerySet) else rows
    return downloads.table(name, header, (list(cells(row)) for row in found), query)
