"""The library as the recommendations see it, and what they recommend as assets again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from content import recommend
from content.models import Asset, Phase
from content.recommend import Piece, Reason, Recommendation, Situation
from crm.components.formats import sentences
from crm.models import StakeholderRole


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An asset with the reasons for it."""

    asset: Asset
    recommendation: Recommendation
    reasons: list[tuple[Reason, str]]

    @property
    def why(self) -> str:
        return sentences(*(words for _reason, words in self.reasons))


@dataclass(frozen=True, slots=True)
class Library:
    """Everything that is in use on a day; read once, asked about as many people as there are."""

    assets: dict[str, Asset]
    pieces: list[Piece]
    on: date

    def suggest(self, situation: Situation, *, limit: int = 5) -> list[Suggestion]:
        found = recommend.recommend(self.pieces, situation, on=self.on, limit=limit)
        return [Suggestion(self.assets[one.slug], one, self._told(one.reasons)) for one in found]

    def _told(self, reasons: Iterable[Reason]) -> list[tuple[Reason, str]]:
        return [(reason, words_for(reason, self.assets)) for reason in reasons]


def in_use(on: date) -> Library:
    assets = {
        asset.slug: asset for asset in Asset.objects.in_use(on).select_related("next_step").order_by("slug")
    }
    return Library(assets, [_piece(asset) for asset in assets.values()], on)


def _piece(asset: Asset) -> Piece:
    days = [day for day in (asset.published_on, asset.reviewed_on) if day]
    return Piece(
        slug=asset.slug,
        phases=asset.phases,
        roles=asset.stakeholder_roles,
        industries=asset.industries,
        next_step=asset.next_step.slug if asset.next_step else "",
        looked_at_on=max(days, default=None),
    )


def words_for(reason: Reason, assets: dict[str, Asset]) -> str:
    """A reason as a sentence."""
    if reason.kind == "next_step":
        return _("Follows “%(title)s”, which they have read.") % {"title": assets[reason.about]}
    if reason.kind == "phase":
        return _("For the phase “%(phase)s”, where they are or go next.") % {
            "phase": Phase(reason.about).label
        }
    if reason.kind == "role":
        return _("Written for their role: %(role)s.") % {"role": StakeholderRole(reason.about).label}
    if reason.kind == "industry":
        return _("Written for their industry: %(industry)s.") % {"industry": reason.about}
    return _("Not looked at since %(day)s; check it before you send it.") % {"day": reason.about}


def told(suggestion: Suggestion) -> dict[str, Any]:
    """A suggestion as the API says it; the points of the reasons sum to the points."""
    asset = suggestion.asset
    return {
        "asset": {
            "slug": asset.slug,
            "kind": asset.kind,
            "title": asset.title,
            "title_ja": asset.title_ja,
            "url": asset.url,
            "phases": asset.phases,
            "stakeholder_roles": asset.stakeholder_roles,
        },
        "points": suggestion.recommendation.points,
        "reasons": [
            {"kind": reason.kind, "points": reason.points, "about": reason.about, "detail": words}
            for reason, words in suggestion.reasons
        ],
    }
