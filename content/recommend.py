"""What to send somebody next, and why. Pure: values in, values out.

Every recommendation is a sum of reasons, each with its points, so that a person can disagree with one of them:

- phase: how much of the person's attention lies in the phases the piece is for. Two thirds of the attention count
  where it is now, one third where it would go next; somebody unknown is taken to be at the beginning.
- next step: the piece is what marketing named as the next step after something they have read lately.
- role: the piece is written for their role in the purchase.
- industry: it is written for their industry.
- stale: nobody has looked at it for a year and a half.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import fsum

PHASES = ("awareness", "interest", "comparison", "consideration", "purchase", "retention")
AT_THE_START: Mapping[str, float] = {"awareness": 0.5, "interest": 0.5}
BY_PHASE, BY_NEXT_STEP, BY_ROLE, BY_INDUSTRY, BY_AGE = 3.0, 2.0, 1.5, 1.0, -1.0
HERE, AHEAD = 2 / 3, 1 / 3
LATELY = 3
STALE_AFTER = timedelta(days=548)


@dataclass(frozen=True, slots=True)
class Piece:
    """An asset, as far as it matters here. `looked_at_on`: when it was published or last reviewed."""

    slug: str
    phases: Sequence[str] = ()
    roles: Sequence[str] = ()
    industries: Sequence[str] = ()
    next_step: str = ""
    looked_at_on: date | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """Who it is for: shares of attention by phase, and slugs of what was read, the latest first."""

    phases: Mapping[str, float] = field(default_factory=dict)
    role: str = ""
    industry: str = ""
    read: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """`about` says what it speaks of: a phase, a role, an industry, or the slug of what was read before."""

    kind: str
    points: float
    about: str = ""


@dataclass(frozen=True, slots=True)
class Recommendation:
    slug: str
    reasons: tuple[Reason, ...]

    @property
    def points(self) -> float:
        return fsum(reason.points for reason in self.reasons)


def recommend(
    pieces: Iterable[Piece], situation: Situation, *, on: date, limit: int = 5
) -> list[Recommendation]:
    """The best pieces somebody has not read, best first; nothing that only its age speaks about."""
    library = {piece.slug: piece for piece in pieces}
    unread = [piece for piece in library.values() if piece.slug not in situation.read]
    rated = [Recommendation(piece.slug, _reasons(piece, situation, library, on)) for piece in unread]
    useful = [one for one in rated if one.points > 0]
    return sorted(useful, key=lambda one: (-one.points, one.slug))[:limit]


def _reasons(
    piece: Piece, situation: Situation, library: Mapping[str, Piece], on: date
) -> tuple[Reason, ...]:
    found = (
        _by_phase(piece, situation.phases or AT_THE_START),
        _by_next_step(piece, situation.read, library),
        _by_role(piece, situation.role),
        _by_industry(piece, situation.industry),
        _by_age(piece, on),
    )
    return tuple(reason for reason in found if reason is not None)


def _by_phase(piece: Piece, attention: Mapping[str, float]) -> Reason | None:
    """The phase that speaks most for the piece; a piece for many phases gains nothing by their number."""
    wanted = ahead_of(attention)
    best = max(piece.phases, key=lambda phase: (wanted.get(phase, 0.0), phase), default="")
    points = BY_PHASE * wanted.get(best, 0.0)
    return Reason("phase", points, best) if points > 0 else None


def ahead_of(attention: Mapping[str, float]) -> dict[str, float]:
    """Attention moved on by a third of a phase; from the last phase nothing leads on."""
    moved: dict[str, float] = {}
    for place, phase in enumerate(PHASES):
        share = attention.get(phase, 0.0)
        following = PHASES[min(place + 1, len(PHASES) - 1)]
        moved[phase] = moved.get(phase, 0.0) + HERE * share
        moved[following] = moved.get(following, 0.0) + AHEAD * share
    return moved


def _by_next_step(piece: Piece, read: Sequence[str], library: Mapping[str, Piece]) -> Reason | None:
    leading = (slug for slug in read[:LATELY] if slug in library and library[slug].next_step == piece.slug)
    before = next(leading, "")
    return Reason("next_step", BY_NEXT_STEP, before) if before else None


def _by_role(piece: Piece, role: str) -> Reason | None:
    return Reason("role", BY_ROLE, role) if role and role in piece.roles else None


def _by_industry(piece: Piece, industry: str) -> Reason | None:
    known = {name.casefold() for name in piece.industries}
    return Reason("industry", BY_INDUSTRY, industry) if industry and industry.casefold() in known else None


def _by_age(piece: Piece, on: date) -> Reason | None:
    is_stale = piece.looked_at_on is not None and piece.looked_at_on + STALE_AFTER < on
    return Reason("stale", BY_AGE, str(piece.looked_at_on)) if is_stale else None
