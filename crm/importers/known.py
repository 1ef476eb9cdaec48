"""Records that a batch of lines means: which are known, which of them the person sees, which are new."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from crm import access, directory, importing
from crm.identity import InvalidIdentity
from crm.importing import CREATED, UNCHANGED, UPDATED, Context, Line
from crm.models import Account, User
from crm.states import Refused


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


def edited(
    line: Line, row: Any, values: dict[str, Any], context: Context, *, seen: Callable[[int], bool]
) -> str:
    """Change what a line says otherwise than is known; the outcome of the line."""
    if not seen(row.pk):
        line.refuse("", _("Another team works this record. Ask its owner or an administrator to change it."))
        return importing.REJECTED
    changes = {name: value for name, value in values.items() if getattr(row, name) != value}
    if not changes:
        return UNCHANGED
    try:
        edit = directory.edit_account if isinstance(row, Account) else directory.edit_contact
        edit(row, by=context.by, at=context.at, **changes)
    except (Refused, InvalidIdentity) as refusal:
        line.refuse(getattr(refusal, "field", ""), str(refusal))
        return importing.REJECTED
    return UPDATED


class Known:
    """Records of a batch that are known already, by their keys, and which of them the importing person sees."""

    def __init__(self, rows: Iterable[tuple[tuple[str, str], Any]], visible: Any) -> None:
        self._known = dict(rows)
        self._visible: set[int] | None = None
        if visible is not None:
            known = {row.pk for row in self._known.values()}
            self._visible = set(visible.filter(pk__in=known).values_list("pk", flat=True))

    def find(self, keys: Iterable[tuple[str, str]]) -> Any:
        return next((self._known[key] for key in keys if key in self._known), None)

    def seen(self, pk: int) -> bool:
        return self._visible is None or pk in self._visible


def visible_to(model: Any, by: User | None) -> Any:
    """The person's own view of the records; None where nothing is hidden from them."""
    return None if by is None or access.sees_everything(by) else model.objects.visible_to(by)


def matching(
    rows: Any, wanted: Iterable[tuple[tuple[str, str], ...]]
) -> Iterator[tuple[tuple[str, str], Any]]:
    """Standing records by each key, two or three queries for all lines; the oldest of several with one name."""
    values: dict[str, set[str]] = {}
    for name, value in (key for keys in wanted for key in keys):
        values.setdefault(name, set()).add(value)
    for name, found in values.items():
        for row in rows.standing().filter(**{f"{name}__in": found}).order_by("-pk"):
            yield (name, getattr(row, name)), row
