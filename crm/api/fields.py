"""Fields and serializers that take a value of the right type or none: "5" is not 5, and no unknown names.

Inputs derive from `Input`; answers from `rest_framework.serializers.Serializer` or `ModelSerializer`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from datetime import UTC, date, datetime
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.fields import empty

from crm.models.base import FIRST_DAY, FIRST_MOMENT, LAST_DAY, LAST_MOMENT
from crm.text import InvalidText, clean_text

# What `quick` gives for a value that the long way must look at.
SLOW: Any = object()


class Text(serializers.CharField):
    """A string, cleaned of what nobody typed on purpose."""

    def __init__(self, *, multiline: bool = False, **options: Any) -> None:
        self.multiline = multiline
        options.setdefault("max_length", 4000 if multiline else 200)
        self.longest_plain = 0 if options.keys() & {"validators", "min_length"} else options["max_length"]
        super().__init__(**options)

    def quick(self, data: Any) -> Any:
        """Plain text within its length passes every rule of the long way, and is most of what is sent."""
        if isinstance(data, str) and data.isprintable():
            text = data.strip() if data.isascii() else clean_text(data, multiline=self.multiline)
            if 0 < len(text) <= self.longest_plain:
                return text
        return SLOW

    def run_validation(self, data: Any = empty) -> Any:
        text = self.quick(data)
        return super().run_validation(data) if text is SLOW else text

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        try:
            text = clean_text(data, multiline=self.multiline)
        except InvalidText as error:
            raise serializers.ValidationError(str(error)) from error
        if not text and not self.allow_blank:
            self.fail("blank")
        return text


class Whole(serializers.IntegerField):
    """A JSON integer."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("min_value", 0)
        options.setdefault("max_value", 2**63 - 1)
        super().__init__(**options)

    def quick(self, data: Any) -> Any:
        return data if type(data) is int and self.min_value <= data <= self.max_value else SLOW

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return int(data)


class Truth(serializers.BooleanField):
    def quick(self, data: Any) -> Any:
        return data if isinstance(data, bool) else SLOW

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return bool(data)


class Moment(serializers.DateTimeField):
    """RFC 3339 with an offset, answered in UTC."""

    default_error_messages = {
        "no_zone": _("Give this time with an offset, such as 2026-01-31T09:00:00+09:00."),
        "insane": _("Enter a date between 1900 and 2199."),
    }

    def quick(self, data: Any) -> Any:
        try:
            moment = datetime.fromisoformat(data)
        except (TypeError, ValueError):
            return SLOW
        is_sound = moment.tzinfo is not None and FIRST_MOMENT <= moment < LAST_MOMENT
        return moment.astimezone(UTC) if is_sound else SLOW

    def to_internal_value(self, value: Any) -> datetime:
        if not isinstance(value, str):
            self.fail("invalid", format="RFC 3339")
        moment: datetime = super().to_internal_value(value)
        if not FIRST_MOMENT <= moment < LAST_MOMENT:
            self.fail("insane")
        return moment.astimezone(UTC)

    def enforce_timezone(self, value: datetime) -> datetime:
        if value.utcoffset() is None:
            self.fail("no_zone")
        return value


class Day(serializers.DateField):
    """A calendar day, such as 2026-01-31."""

    default_error_messages = {"insane": _("Enter a date between 1900 and 2199.")}

    def to_internal_value(self, value: Any) -> date:
        day: date = super().to_internal_value(value)
        if not FIRST_DAY <= day < LAST_DAY:
            self.fail("insane")
        return day


class Anything(serializers.DictField):
    """An object with whatever the caller likes."""

    def quick(self, data: Any) -> Any:
        return data if isinstance(data, dict) else SLOW


class Visible(serializers.PrimaryKeyRelatedField):
    """The id of a record that the caller may see; every other one does not exist. Its queryset has `visible_to`."""

    default_error_messages = {"does_not_exist": _("There is no such record, or you may not see it.")}

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"pk_field": Whole(), **options})

    def get_queryset(self) -> Any:
        rows: Any = super().get_queryset()
        return rows.visible_to(self.context["user"])


class Amount(serializers.DecimalField):
    """Money as a decimal string."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_digits": 14, "decimal_places": 2, "min_value": 0, **options})

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Input(serializers.Serializer[Any]):
    """A body with these fields and no others."""

    default_error_messages = {"unknown": _("There is no field of this name.")}

    @classmethod
    def quickly(cls, data: Any) -> dict[str, Any] | None:
        """The values of a body in which every field is plain, which is most of them; None says nothing about it."""
        ways = _ways(cls)
        if ways is None or not isinstance(data, dict):
            return None
        values: dict[str, Any] = {}
        for name, told in data.items():
            read = ways.readers.get(name)
            value = read(told) if read else SLOW
            if value is SLOW:
                return None
            values[name] = value
        return values if ways.required <= values.keys() else None

    def get_fields(self) -> dict[str, Any]:
        """Of a body in hand those that were told or must be: most of making a serializer is copying its fields."""
        told = getattr(self, "initial_data", None)
        if not isinstance(told, Mapping):
            return super().get_fields()
        declared = self._declared_fields.items()
        return {
            name: deepcopy(field) for name, field in declared if name in told or not _may_be_left_out(field)
        }

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if isinstance(data, Mapping):
            unknown = [name for name in data if name not in self.fields]
            if unknown:
                message = self.error_messages["unknown"]
                raise serializers.ValidationError({name: [message] for name in unknown}, code="unknown")
            self._told = data
        values: dict[str, Any] = super().to_internal_value(data)
        return values

    @property
    def _writable_fields(self) -> Iterator[Any]:
        """Those that were told or must be: a field that may be left out, and was, costs nothing."""
        told = getattr(self, "_told", {})
        return (field for name, field in self._taken if name in told or not _may_be_left_out(field))

    @cached_property
    def _taken(self) -> list[tuple[str, Any]]:
        return [(name, field) for name, field in self.fields.items() if not field.read_only]


def _may_be_left_out(field: Any) -> bool:
    return not field.required and field.default is empty


class _Ways(NamedTuple):
    """How the plain values of a form are read, by field; and which fields must be there."""

    readers: Mapping[str, Callable[[Any], Any]]
    required: frozenset[str]


# A form that does one of these in its own way is not read quickly.
_OWN_WAYS = ("get_fields", "run_validation", "to_internal_value", "validate")


@lru_cache
def _ways(form: type[Input]) -> _Ways | None:
    fields: dict[str, Any] = form._declared_fields
    if any(getattr(form, way) is not getattr(Input, way) for way in _OWN_WAYS):
        return None
    if any(
        field.read_only or field.source or hasattr(form, f"validate_{name}") for name, field in fields.items()
    ):
        return None
    readers = {name: _reader(field) for name, field in fields.items() if hasattr(field, "quick")}
    return _Ways(readers, frozenset(name for name, field in fields.items() if not _may_be_left_out(field)))


def _reader(field: Any) -> Callable[[Any], Any]:
    read: Callable[[Any], Any] = field.quick
    return (lambda data: None if data is None else read(data)) if field.allow_null else read
