"""Rows as the API tells them, in large numbers.

`Answer` is a ModelSerializer for reading only: what each field does is worked out once per class instead of once
per row and field, which is what a list of rows would spend most of its time on.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from operator import attrgetter
from typing import Any

from django.utils import timezone
from rest_framework import serializers

Teller = Callable[[Any], Any]
# Model values of these are told as they are.
AS_THEY_ARE = (
    serializers.IntegerField,
    serializers.FloatField,
    serializers.BooleanField,
    serializers.CharField,
    serializers.ChoiceField,
)


class Answer(serializers.ModelSerializer[Any]):
    """Every source must exist on every row: a relation that may be empty is a nested `Answer`."""

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return {name: tell(instance) for name, tell in self._tellers}

    @cached_property
    def _tellers(self) -> list[tuple[str, Teller]]:
        return [(name, tell or self._own_teller(name)) for name, tell in _kept_tellers(type(self))]

    def _own_teller(self, name: str) -> Teller:
        """Of a field that depends on this call: a method, or a serializer that reads the context."""
        field: Any = self.fields[name]
        if isinstance(field, serializers.SerializerMethodField):
            method: Teller = getattr(self, field.method_name or "")
            return method
        return _told_unless_empty(attrgetter(field.source), field.to_representation)


_kept: dict[type[Answer], list[tuple[str, Teller | None]]] = {}


def _kept_tellers(kind: type[Answer]) -> list[tuple[str, Teller | None]]:
    """What the fields of a class do, None for those that every call must be asked for."""
    if kind not in _kept:
        _kept[kind] = [(str(field.field_name), _teller(field)) for field in kind()._readable_fields]
    return _kept[kind]


def _teller(field: Any) -> Teller | None:
    if isinstance(field, (serializers.SerializerMethodField, serializers.ListSerializer)):
        return None
    read: Teller = attrgetter(field.source)
    if isinstance(field, AS_THEY_ARE):
        return read
    if type(field) is serializers.DateTimeField:
        return _told_unless_empty(read, _moment)
    if isinstance(field, serializers.BaseSerializer):
        is_free = isinstance(field, Answer) and all(tell for _name, tell in _kept_tellers(type(field)))
        return _told_unless_empty(read, field.to_representation) if is_free else None
    return _told_unless_empty(read, field.to_representation)


def _moment(value: Any) -> str:
    """As DRF writes it, in the zone of the person who asks."""
    return _written(value.astimezone(timezone.get_current_timezone()).isoformat())


def moments() -> Callable[[datetime | None], str | None]:
    """The same for many moments of one call, some of which may be missing; the zone is asked for once."""
    zone = timezone.get_current_timezone()
    return lambda value: None if value is None else _written(value.astimezone(zone).isoformat())


def _written(text: str) -> str:
    return f"{text[:-6]}Z" if text.endswith("+00:00") else text


def _told_unless_empty(read: Teller, tell: Teller) -> Teller:
    def told(row: Any) -> Any:
        value = read(row)
        return None if value is None else tell(value)

    return told
