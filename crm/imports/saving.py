"""Columns that are kept under a name, for the next file of the same make: saved, shared, renamed, dropped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from crm import access
from crm.imports import door
from crm.imports.plan import Plan
from crm.models import ImportRun, SavedMapping, User
from crm.states import Refused

LONGEST = 80


def keep(run: ImportRun, *, name: str, by: User, at: datetime, is_shared: bool = False) -> SavedMapping:
    """Keep the columns of an import under a name; the same name again takes its place."""
    door.require_right(by)
    if not run.mapping:
        raise Refused(_("Choose the columns first, then save them."), field="name", code="no_columns")
    with transaction.atomic():
        kept, _is_new = SavedMapping.objects.update_or_create(
            user=by,
            kind=run.kind,
            name=_sane(name),
            defaults={
                "header": run.header,
                "mapping": run.mapping,
                "options": run.options,
                "is_shared": is_shared,
                "updated_at": at,
            },
        )
    return kept


def change(saved: SavedMapping, *, name: str, is_shared: bool, by: User, at: datetime) -> SavedMapping:
    """Rename it, share it or keep it to oneself; its owner and administrators may."""
    _require_own(saved, by)
    name = _sane(name)
    others = SavedMapping.objects.filter(user=saved.user_id, kind=saved.kind, name=name).exclude(pk=saved.pk)
    if others.exists():
        raise Refused(_("You have saved columns under this name already."), field="name", code="unique")
    SavedMapping.objects.filter(pk=saved.pk).update(name=name, is_shared=is_shared, updated_at=at)
    saved.refresh_from_db()
    return saved


def drop(saved: SavedMapping, *, by: User, at: datetime) -> None:
    _require_own(saved, by)
    SavedMapping.objects.filter(pk=saved.pk).delete()


def fitting(run: ImportRun, *, by: User) -> Sequence[SavedMapping]:
    """Saved columns this file has all of, those with the very same headings first, then the person's own."""
    known = (
        SavedMapping.objects.visible_to(by)
        .filter(kind=run.kind)
        .select_related("user")
        .order_by("-updated_at", "-pk")
    )
    have = set(run.header)
    fits = [row for row in known.order_by("-updated_at", "-pk") if set(row.mapping.values()) <= have]
    return sorted(fits, key=lambda row: (row.header != run.header, row.user_id != by.pk))


def named(name: str, kind: str, *, by: User | None) -> SavedMapping:
    """The one of this name: the person's own, else one that is shared. Raises Refused."""
    shown = SavedMapping.objects.visible_to(by) if by else SavedMapping.objects.all()
    rows = list(shown.filter(kind=kind, name=name).order_by("-updated_at", "-pk"))
    if not rows:
        known = ", ".join(sorted(set(shown.filter(kind=kind).values_list("name", flat=True)))) or "–"
        told = {"name": name, "listed": known}
        raise Refused(_("No columns are saved as %(name)s. There are: %(listed)s.") % told, field="mapping")
    return min(rows, key=lambda row: by is not None and row.user_id != by.pk)


def plan_of(saved: SavedMapping) -> Plan:
    return Plan(mapping=saved.mapping, **saved.options)


def _sane(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise Refused(_("Give the columns a name."), field="name", code="required")
    if len(name) > LONGEST:
        raise Refused(_("Use at most %(most)d characters.") % {"most": LONGEST}, field="name")
    return name


def _require_own(saved: SavedMapping, by: User) -> None:
    door.require_right(by)
    if saved.user_id != by.pk:
        access.require_role(by)  # an administrator may do everything
