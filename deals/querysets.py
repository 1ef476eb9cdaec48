"""Questions about deals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db.models import OuterRef, Q, Subquery

from crm import access
from crm.models import LedgerEntry
from crm.querysets import BatonQuerySet, OfCompanyQuerySet

if TYPE_CHECKING:
    from crm.models import User


class StageQuerySet(BatonQuerySet):
    def in_order(self) -> Self:
        return self.order_by("position", "pk")

    def open(self) -> Self:
        return self.filter(outcome="open")


class DealQuerySet(OfCompanyQuerySet):
    def visible_to(self, user: User) -> Self:
        if access.sees_everything(user):
            return self.all()
        return self.filter(Q(owner__in=access.peers(user)))

    def open(self) -> Self:
        return self.filter(stage__outcome="open")

    def won(self) -> Self:
        return self.filter(stage__outcome="won")

    def lost(self) -> Self:
        return self.filter(stage__outcome="lost")

    def with_people(self) -> Self:
        return self.select_related("account", "contact", "owner", "stage", "product", "lost_reason")


class OfDealQuerySet(BatonQuerySet):
    def visible_to(self, user: User) -> Self:
        if access.sees_everything(user):
            return self.all()
        return self.filter(deal__owner__in=access.peers(user))

    def with_last_change(self) -> Self:
        """`updated_at`: when the person was last seated, as the ledger tells."""
        seated = LedgerEntry.objects.filter(
            kind="deal.seated",
            subject_type="deal",
            subject_id=OuterRef("deal_id"),
            contact=OuterRef("contact_id"),
        )
        return self.annotate(updated_at=Subquery(seated.order_by("-pk").values("recorded_at")[:1]))
