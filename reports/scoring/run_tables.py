"""Answered questions about scoring as tables and sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from content.models import Asset
from crm.components import formats
from leads.models import EventKind
from leads.scoring import drafts
from reports.models import ScoringRun
from reports.scoring import runs, tables
from reports.scoring.discrimination import Auc
from reports.scoring.regression import Insight
from reports.scoring.singles import FOUND, JUDGED
from reports.tables import Cell, Row, Table
from reports.terms import Term


def insight(run: ScoringRun) -> dict[str, Any]:
    """What leads to the outcome, and how far to trust it."""
    found = Insight.from_json(run.result or {})
    asked, quality = tables.Asked(*runs.asked_of(run)), found.quality
    return {
        "missing": "" if found.is_enough else tables.too_few(found),
        "table": tables.effects(asked, found),
        "left_out": tables.left_out(found),
        **_quality(quality.auc if quality else None, quality.brier if quality else None),
    }


def _quality(auc: Auc | None, brier: float | None) -> dict[str, str]:
    return {
        "auc": tables.figure(auc.value if auc else None),
        "range": tables.auc_range(auc),
        "brier": tables.figure(brier),
    }


def proposal(run: ScoringRun) -> dict[str, Any]:
    """What is proposed for each kind and asset, beside what is in force, and why."""
    told: dict[str, Any] = run.result or {}
    auc, now = (Auc(**told[name]) if told[name] else None for name in ("auc", "present"))
    return {
        "count": told["count"],
        "came": told["came"],
        **_quality(auc, told["brier"]),
        "is_judged": auc is not None,
        "is_better": auc is not None and (now is None or auc.value > now.value),
        "now": tables.figure(now.value if now else None),
        "now_range": tables.auc_range(now),
        "table": _points(run, told),
        "kept": drafts.attributes_in_words(told.get("kept", ())),
    }


def _points(run: ScoringRun, told: Mapping[str, Any]) -> Table:
    asked = tables.Asked(*runs.asked_of(run))
    names = dict(
        Asset.objects.filter(slug__in=[one["asset"] for one in told["points"]]).values_list("slug", "title")
    )
    columns = [_("Behaviour"), _("Points in force"), _("Proposed"), _("Handoffs"), _("Why")]
    return Table(_("Points, and why"), columns, [_row(asked, one, names) for one in told["points"]])


def _row(asked: tables.Asked, one: Mapping[str, Any], names: Mapping[str, str]) -> Row:
    before, asset = one["before"], one["asset"]
    kind = str(dict(EventKind.choices).get(one["kind"], one["kind"]))
    # Those with an asset are not listed: an address asks for a kind.
    url = "" if asset or not one["having"] else asked.having(Term(one["kind"]))
    cells = [
        Cell("–" if before is None else f"{before:g}"),
        Cell(f"{one['points']:g}"),
        Cell(formats.number(one["having"]), url),
        Cell(_why(one)),
    ]
    return Row(f"{kind}: {names.get(asset, asset)}" if asset else kind, cells)


def _why(one: Mapping[str, Any]) -> str:
    if not one["asset"]:
        if one["why"] == JUDGED:
            return _("Weighed by the regression")
        return _("Too few outcomes to judge it: as it is in force")
    if one["why"] not in (JUDGED, FOUND):
        return _("Too few to judge it: as far from its kind as it is in force")
    said = _(
        "%(came)s came where its kind lets expect %(expected)s; its own handoffs count %(data)s, its kind the rest"
    )
    return said % {
        "came": formats.number(one["came"]),
        "expected": formats.number(one["expected"], 1),
        "data": formats.percent(one["data"], 0),
    }
