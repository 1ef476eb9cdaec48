"""Rows as the API tells them, in large numbers.

`Answer` is a ModelSerializer for reading only: what each field does is worked out once per list instead of once
per row and field, which is what a list of rows spends most of its time on.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from operator import attrgetter
from typing import Any

from rest_framework import serializers

Teller = Callable[[Any], Any]
# Model values of these are told as they are.
AS_THEY_ARE = (
    serializers.IntegerField,
    serializers.FloatField,
    serializers.BooleanField,
    serializers.CharField,
)


class Answer(serializers.ModelSerializer[Any]):
    """Every source must exist on every row: a relation that may be empty is a nested `Answer`."""

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return {name: tell(instance) for name, tell in self._tellers}

    @cached_property
    def _tellers(self) -> list[tuple[str, Teller]]:
        return [(str(field.field_name), _teller(field)) for field in self._readable_fields]


def _teller(field: Any) -> Teller:
    if isinstance(field, serializers.SerializerMethodField):
        method: Teller = getattr(field.parent, field.method_name or "")
        return method
    read: Teller = attrgetter(field.source)
    if isinstance(field, (*AS_THEY_ARE, serializers.ChoiceField)):
        return read
    return _told_unless_empty(read, field.to_representation)


def _told_unless_empty(read: Teller, tell: Teller) -> Teller:
    def told(row: Any) -> Any:
        value = read(row)
        return None if value is None else tell(value)

    return told
