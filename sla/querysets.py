"""Questions about agreements, handoffs and feedback."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db.models import Exists, OuterRef, Q

from crm import access
from crm.querysets import BatonQuerySet, MineQuerySet

if TYPE_CHECKING:
    from crm.models import User
    from sla.models import Agreement

RUNNING = ("open", "contacted", "accepted")
# What the name of a person is made of.
_NAMED = tuple(f"contact__{name}" for name in ("last_name", "first_name", "email", "external_id", "phone"))
# Which side of an agreement a role signs for.
SIDES = {"marketer": "marketing", "manager": "sales"}


def _pauses() -> Any:
    return apps.get_model("sla", "Pause")._default_manager


def holding(due: str) -> Exists:
    """Whether a pause that runs now began before this due time: then it is still ahead, wherever it stood."""
    running = _pauses().filter(handoff=OuterRef("pk"), ends_at=None)
    return Exists(running.filter(starts_at__lte=OuterRef(due)))


class AgreementQuerySet(BatonQuerySet):
    def in_force(self) -> Self:
        return self.filter(status="in_force")

    def current(self) -> Agreement | None:
        """The agreement in force for everybody no other one is for, or None."""
        return self.by_segment().get(None)

    def awaiting(self, user: User) -> Self:
        """Proposals that this person's side has not signed yet."""
        side = SIDES.get(user.role, "")
        waiting = self.filter(status="proposed").exclude(signatures__side=side)
        return waiting.exclude(signatures__user=user) if side else self.none()

    def with_signatures(self) -> Self:
        return self.select_related("segment", "definition", "calendar").prefetch_related("signatures__user")

    def by_segment(self) -> dict[int | None, Agreement]:
        """The agreements in force, by the id of the segment they are for; None is for everybody else."""
        rows = self.in_force().select_related("definition", "calendar", "segment")
        return {row.segment_id: row for row in rows}


class HandoffQuerySet(BatonQuerySet):
    def visible_to(self, user: User) -> Self:
        """Their own (a manager: the team's), and what waits in the open queue for anybody in sales."""
        if access.sees_everything(user):
            return self.all()
        if not access.is_member(user):
            return self.none()
        return self.filter(Q(assignee__in=access.peers(user)) | Q(assignee=None, status="open"))

    def running(self) -> Self:
        return self.filter(status__in=RUNNING)

    def of(self, user: User) -> Self:
        return self.filter(assignee=user)

    def as_told(self) -> Self:
        """With what a notice says of each, and nothing else: many are told of at once, to few people."""
        whom = self.select_related("contact", "lead").prefetch_related("assignee")
        return whom.only("respond_by", "assignee", "team", "lead__owner", *_NAMED)

    def queued(self) -> Self:
        """Open and nobody's: the first to claim owns it."""
        return self.filter(assignee=None, status="open")

    def unanswered(self) -> Self:
        return self.running().filter(first_contact_at=None)

    def breached(self, at: datetime) -> Self:
        """Late by the facts, whether the sweep has been there or not."""
        late_now = Q(status__in=RUNNING, first_contact_at=None, respond_by__lt=at)
        return self.filter((late_now & ~holding("respond_by")) | Q(responded_in_time=False))

    def paused(self) -> Self:
        """Their clocks stand still now."""
        return self.running().filter(pauses__in=_pauses().filter(ends_at=None))

    def awaiting_feedback(self) -> Self:
        """Contacted or accepted, and the outcome not yet told."""
        return self.filter(status__in=("contacted", "accepted"))

    def by_deadline(self) -> Self:
        return self.order_by("respond_by", "pk")

    def with_people(self) -> Self:
        related = self.select_related("contact", "account", "assignee", "lead", "terms")
        return related.prefetch_related("pauses")


class OfHandoffQuerySet(BatonQuerySet):
    """Rows about a handoff, seen by who works it, their manager, and marketing."""

    def visible_to(self, user: User) -> Self:
        if access.sees_everything(user):
            return self.all()
        return self.filter(handoff__assignee__in=access.peers(user))


class DataTaskQuerySet(OfHandoffQuerySet):
    def open(self) -> Self:
        return self.filter(done_at=None)


class FeedbackQuerySet(OfHandoffQuerySet):
    def unreviewed(self) -> Self:
        return self.filter(reviewed_at=None)


class RunQuerySet(MineQuerySet):
    def unfinished(self) -> Self:
        return self.filter(status__in=("waiting", "running"))

    def newest_first(self) -> Self:
        return self.order_by("-pk")
