"""The content library is kept here: add an asset, change one. Retiring is an edit of `retired_on`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from content.models import Asset
from crm import access, ledger
from crm.models import Role, User
from crm.states import Refused

EDITABLE = (
    "kind", "title", "title_ja", "summary", "url", "phases", "stakeholder_roles", "industries", "language",
    "published_on", "reviewed_on", "retired_on", "next_step",
)  # fmt: skip


def add(slug: str, *, by: User, at: datetime, **values: Any) -> Asset:
    """Put an asset into the library; its slug is its name for good, because behaviour events point at it."""
    access.require_role(by, Role.MARKETER)
    _insist_on_fields(values)
    try:
        with transaction.atomic():
            asset = Asset.objects.create(slug=slug, **values)
            ledger.record([_fact("asset.added", asset, by, at, {"kind": asset.kind, "phases": asset.phases})])
    except IntegrityError as error:
        if "slug" not in str(error):
            raise
        raise Refused(
            _("Another asset has this slug. Choose another one."), field="slug", code="unique"
        ) from error
    return asset


def edit(asset: Asset, *, by: User, at: datetime, **changes: Any) -> Asset:
    """Change what is known about an asset; what is the same already is left alone."""
    access.require_role(by, Role.MARKETER)
    _insist_on_fields(changes)
    with transaction.atomic():
        asset = Asset.objects.select_for_update(of=("self",), no_key=True).get(pk=asset.pk)
        _insist_on_a_way_on(asset, changes.get("next_step"))
        before = {field: getattr(asset, field) for field in changes}
        changed = {field: value for field, value in changes.items() if before[field] != value}
        for field, value in changed.items():
            setattr(asset, field, value)
        if changed:
            asset.save(update_fields=[*changed, "updated_at"])
            data = {
                field: [ledger.plain(before[field]), ledger.plain(value)] for field, value in changed.items()
            }
            ledger.record([_fact("asset.edited", asset, by, at, data)])
    return asset


def _insist_on_fields(values: dict[str, Any]) -> None:
    forbidden = set(values) - set(EDITABLE)
    assert not forbidden, f"not editable: {forbidden}"


def _insist_on_a_way_on(asset: Asset, next_step: Asset | None) -> None:
    if next_step is not None and next_step.pk == asset.pk:
        raise Refused(_("An asset cannot be its own next step. Choose another one."), field="next_step")


def _fact(kind: str, asset: Asset, by: User, at: datetime, data: dict[str, Any]) -> ledger.Fact:
    return ledger.Fact(kind=kind, subject=("asset", asset.pk), at=at, actor=by, data=data)
