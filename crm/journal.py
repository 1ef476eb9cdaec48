"""What a merge changes, found by looking before and after: every row that points at the records, whatever its app.

The foreign keys are read from the models, so a table added tomorrow is moved, journalled and restored as well.
The ledger is left out: it is history and never changed; its readers ask for all ids a record is known as.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import ForeignKey, UniqueConstraint

from crm.models import LedgerEntry

# What follows from a merge and is not part of it: a door of its own writes these, and time moves the last.
STATES = frozenset({"stage_id", "stage", "stage_at", "qualified_at", "waits_until", "status", "updated_at"})
Rows = dict[str, dict[int, dict[str, Any]]]


def pointers(model: type[models.Model]) -> Iterator[ForeignKey[Any, Any]]:
    """The foreign keys to a model, in every app, in a fixed order; a row that is part of the record is none."""
    for relation in model._meta.get_fields(include_hidden=True):
        field = getattr(relation, "field", None)
        if not relation.auto_created or relation.concrete or not isinstance(field, ForeignKey):
            continue
        if field.model is not LedgerEntry and not field.primary_key:
            yield field


def mergeable() -> list[type[models.Model]]:
    """The models whose records can be merged into another, lowest layer first."""
    return [model for model in apps.get_models() if _can_merge(model)]


def _can_merge(model: type[models.Model]) -> bool:
    return any(field.name == "merged_into" for field in model._meta.fields)


def look(model: type[models.Model], keys: Iterable[int], *, below: bool = False) -> Rows:
    """These records and all that points at them; with `below`, the same of those of them that can merge as well."""
    seen: Rows = {}
    _look(model, set(keys), seen, below)
    return seen


def _look(model: type[models.Model], keys: set[int], seen: Rows, below: bool) -> None:
    _keep(model, model._default_manager.filter(pk__in=keys), _columns(model), seen)
    for field in pointers(model):
        rows = field.model._default_manager.filter(**{f"{field.attname}__in": keys})
        _keep(field.model, rows, _columns(field.model) if _is_watched(field) else [field.attname], seen)
        if below and field.model is not model and _can_merge(field.model):
            _look(field.model, set(rows.order_by().values_list("pk", flat=True)), seen, below)


def _keep(model: type[models.Model], rows: Any, columns: list[str], seen: Rows) -> None:
    kept = seen.setdefault(model._meta.label, {})
    for row in rows.order_by().values("pk", *columns):
        kept.setdefault(row.pop("pk"), {}).update(row)


def _is_watched(field: ForeignKey[Any, Any]) -> bool:
    """Rows of which one may have to go, or to end: those are kept whole."""
    return bool(unique_rules(field))


def unique_rules(field: ForeignKey[Any, Any]) -> list[UniqueConstraint]:
    """What may stand against moving a row: constraints that count its pointer in."""
    rules = [rule for rule in field.model._meta.constraints if isinstance(rule, UniqueConstraint)]
    return [rule for rule in rules if field.name in rule.fields]


def _columns(model: type[models.Model]) -> list[str]:
    return [
        field.attname
        for field in model._meta.concrete_fields
        if not field.primary_key and not field.generated
    ]


def difference(before: Rows, after: Rows) -> dict[str, Any]:
    """What the merge did, as JSON: columns with their value before and after, and rows that are gone."""
    changed: dict[str, Any] = {}
    dropped: dict[str, Any] = {}
    for label, rows in before.items():
        for pk, old in rows.items():
            new = after.get(label, {}).get(pk)
            if new is None:
                dropped.setdefault(label, []).append({"pk": pk, **_plain(old)})
            elif found := _changes(old, new):
                changed.setdefault(label, {})[str(pk)] = found
    return {"changed": changed, "dropped": dropped}


def _changes(old: dict[str, Any], new: dict[str, Any]) -> dict[str, list[Any]]:
    return {
        name: list(_plain({"before": value, "after": new[name]}).values())
        for name, value in old.items()
        if name in new and new[name] != value and name not in STATES
    }


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    encoder = DjangoJSONEncoder()
    simple = (str, int, float, bool, list, dict, type(None))
    return {
        name: value if isinstance(value, simple) else encoder.default(value) for name, value in row.items()
    }


def restore(told: dict[str, Any], *, first: tuple[str, int]) -> None:
    """Put back what the merge changed, where it still is as the merge left it; `first` gives up its keys first.

    What was changed since stays as it is, and so does everything that is new.
    """
    label, pk = first
    rows = [(label, str(pk))] + [
        (name, key)
        for name, found in told["changed"].items()
        for key in found
        if (name, key) != (label, str(pk))
    ]
    for name, key in rows:
        _put_back(apps.get_model(name), int(key), told["changed"].get(name, {}).get(key, {}))
    for name, gone in told["dropped"].items():
        model = apps.get_model(name)
        model._default_manager.bulk_create([model(**row) for row in gone], ignore_conflicts=True)


def _field(model: type[models.Model], name: str) -> Any:
    return model._meta.get_field(name)


def _put_back(model: type[models.Model], pk: int, changes: dict[str, list[Any]]) -> None:
    row = model._default_manager.filter(pk=pk).values(*changes).first() if changes else None
    if row is None:
        return
    as_left = {name: _plain({name: row[name]})[name] == after for name, (_before, after) in changes.items()}
    values = {
        name: _field(model, name).to_python(before)
        for name, (before, _after) in changes.items()
        if as_left[name]
    }
    if values:
        model._default_manager.filter(pk=pk).update(**values)


def dangling(model: type[models.Model]) -> list[str]:
    """Rows that still point at a record that was merged into another."""
    if not model._default_manager.filter(merged_into__isnull=False).exists():
        return []  # nothing to point at, which spares a question to every table
    return [
        f"{field.model._meta.label} {pk} points at merged {model._meta.model_name} by {field.name}"
        for field in pointers(model)
        for pk in field.model._default_manager.filter(**{f"{field.name}__merged_into__isnull": False})
        .order_by("pk")
        .values_list("pk", flat=True)
    ]
