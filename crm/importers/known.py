"""Records that a batch of lines means: which are known, which of them the person sees, which are new."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from crm import access
from crm.importing import CREATED, UNCHANGED, UPDATED, Line
from crm.models import User


def owned(values: dict[str, Any], by: User | None) -> dict[str, Any]:
    """Who sees only their own records owns what they add, or it would vanish from their sight."""
    return values if by is None or access.sees_everything(by) else {**values, "owner": by}


def mark_added(lines: Sequence[Line], fresh: Mapping[int, Any], added: set[int]) -> None:
    for line in lines:
        if line.number not in fresh:
            continue
        if fresh[line.number].pk in added:
            line.outcome = CREATED
        else:
            line.refuse("", _("Another record, perhaps a merged one, has this external id or address."))


class Known:
    """Records of a batch that are known already, by their keys, and which of them the importing person sees."""

    def __init__(self, rows: Iterable[Found], visible: Any) -> None:
        self._known = {key: (row, is_former) for key, row, is_former in rows}
        self._visible: set[int] | None = None
        if visible is not None:
            known = {row.pk for row, _is_former in self._known.values()}
            self._visible = set(visible.filter(pk__in=known).values_list("pk", flat=True))

    def find(self, keys: Iterable[tuple[str, str]]) -> Any:
        return self._found(keys)[0]

    def _found(self, keys: Iterable[tuple[str, str]]) -> tuple[Any, bool]:
        return next((self._known[key] for key in keys if key in self._known), (None, False))

    def seen(self, pk: int) -> bool:
        return self._visible is None or pk in self._visible

    def news(self, line: Line, keys: Iterable[tuple[str, str]], values: Mapping[str, Any]) -> dict[str, Any]:
        """What a line says otherwise than is known of its record; sets the outcome of the line.

        A line that speaks of a record by what it was before it was merged does not give its name and keys to the
        one it went into.
        """
        row, is_former = self._found(keys)
        if not self.seen(row.pk):
            line.refuse(
                "", _("Another team works this record. Ask its owner or an administrator to change it.")
            )
            return {}
        told = {name: value for name, value in values.items() if not (is_former and name in TELLING)}
        changes = {name: value for name, value in told.items() if getattr(row, name) != value}
        line.outcome = UPDATED if changes else UNCHANGED
        return changes


TELLING = frozenset({"name", "email", "domain", "corporate_number", "external_id"})


def visible_to(model: Any, by: User | None) -> Any:
    """The person's own view of the records; None where nothing is hidden from them."""
    return None if by is None or access.sees_everything(by) else model.objects.visible_to(by)


Found = tuple[tuple[str, str], Any, bool]


def matching(rows: Any, wanted: Iterable[tuple[tuple[str, str], ...]]) -> Iterator[Found]:
    """Records by each key, two or three queries for all lines, the last of several with one key being meant: the
    oldest that stands, else the one into which it was merged (True: it is a key of former times)."""
    values: dict[str, set[str]] = {}
    for name, value in (key for keys in wanted for key in keys):
        values.setdefault(name, set()).add(value)
    for name, told in values.items():
        found = rows.filter(**{f"{name}__among": told}).order_by(F("merged_into").asc(nulls_last=True), "-pk")
        for row in found:
            yield (name, getattr(row, name)), row.merged_into or row, row.merged_into is not None
