"""What points at one record is pointed at another: every foreign key, read from the models."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, ForeignKey, Model, OuterRef, QuerySet, UniqueConstraint

from crm import journal
from crm.states import Refused


def move(model: type[Model], loser: int, winner: int) -> None:
    """Move all that points at the loser. A row the winner has already (a seat, an access) stays the winner's."""
    for field in journal.pointers(model):
        rows = field.model._default_manager.filter(**{field.attname: loser})
        for rule in journal.unique_rules(field):
            _clear(_clashing(rows, field, rule, winner), rule)
        rows.update(**{field.name: winner})


def _clashing(
    rows: QuerySet[Any], field: ForeignKey[Any, Any], rule: UniqueConstraint, winner: int
) -> QuerySet[Any]:
    """The loser's rows that the constraint would not let stand beside the winner's."""
    theirs = field.model._default_manager.filter(**{field.attname: winner})
    if rule.condition is not None:
        rows, theirs = rows.filter(rule.condition), theirs.filter(rule.condition)
    others = [name for name in rule.fields if name != field.name]
    return rows.filter(Exists(theirs.filter(**{name: OuterRef(name) for name in others})))


def _clear(clashing: QuerySet[Any], rule: UniqueConstraint) -> None:
    """A second row that says the same may go; one with a life of its own has to be merged first."""
    if hasattr(clashing.model, "merged_into"):
        if clashing.exists():
            raise Refused(str(rule.violation_error_message), field="into", code="conflict")
        return
    clashing.delete()


def gather_strays() -> int:
    """Rows written to a record while it was being merged away follow it; how many did. One statement per pointer."""
    return sum(
        _gather(kind, field)
        for kind in journal.mergeable()
        for field in journal.pointers(kind)
    )  # fmt: skip


def _gather(model: type[Model], field: ForeignKey[Any, Any]) -> int:
    if field.name == "merged_into":
        return 0
    astray = field.model._default_manager.filter(**{f"{field.name}__merged_into__isnull": False})
    found = astray.order_by().values_list(field.attname, f"{field.name}__merged_into_id").distinct()
    moved = 0
    for loser, winner in list(found):
        rows = field.model._default_manager.filter(**{field.attname: loser})
        moved += rows.update(**{field.name: winner})
    return moved
