"""Questions about people and companies. Every interface starts from `visible_to(user)`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from crm import access
from crm.transactions import OldestRunning

if TYPE_CHECKING:
    from crm.models import User


class BatonQuerySet(models.QuerySet[Any]):
    """Base of every QuerySet: a bulk update also moves `updated_at`, which delta sync reads."""

    def update(self, **values: Any) -> int:
        if "updated_at" not in values and any(f.name == "updated_at" for f in self.model._meta.fields):
            values["updated_at"] = Now()
        return super().update(**values)

    def known_as(self, pk: int) -> Any:
        """The ids under which one record is known: its own, and those of records merged into it."""
        return self.filter(Q(pk=pk) | Q(merged_into=pk)).order_by().values("pk")

    def visible_to(self, user: User) -> Self:
        """Rows that only signed-in people may see: catalogues. Owned rows narrow it."""
        return self.all() if access.is_member(user) else self.none()


class TeamQuerySet(BatonQuerySet):
    pass


class UserQuerySet(BatonQuerySet):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def sellers(self) -> Self:
        return self.active().filter(role__in=("rep", "manager"))

    def visible_to(self, user: User) -> Self:
        if access.sees_everything(user):
            return self.all()
        if user.team_id is None:
            return self.filter(pk=user.pk)
        return self.filter(Q(team_id=user.team_id) | Q(pk=user.pk))


class OwnedQuerySet(BatonQuerySet):
    """Rows with an `owner`: a rep sees their own, a manager the team's, marketing and admin all."""

    def visible_to(self, user: User) -> Self:
        if access.sees_everything(user):
            return self.all()
        return self.filter(owner__in=access.peers(user))


class AccountQuerySet(BatonQuerySet):
    def standing(self) -> Self:
        return self.filter(merged_into=None)

    def visible_to(self, user: User) -> Self:
        if access.sees_everything(user):
            return self.all()
        return self.filter(pk__in=access.account_ids(user))


class ContactQuerySet(BatonQuerySet):
    def standing(self) -> Self:
        return self.filter(merged_into=None)

    def visible_to(self, user: User) -> Self:
        if access.sees_everything(user):
            return self.all()
        return self.filter(Q(owner__in=access.peers(user)) | Q(account__in=access.account_ids(user)))


class OfContactQuerySet(BatonQuerySet):
    """Rows about a person or a company (activities, ledger entries): seen by who sees those."""

    def visible_to(self, user: User) -> Self:
        if access.sees_everything(user):
            return self.all()
        peers, accounts = access.peers(user), access.account_ids(user)
        return self.filter(Q(contact__owner__in=peers) | Q(account__in=accounts))


class ActivityQuerySet(OfContactQuerySet):
    def outbound(self) -> Self:
        return self.filter(direction="outbound")


class FollowUpQuerySet(OwnedQuerySet):
    def open(self) -> Self:
        return self.filter(done_at=None)


class LedgerQuerySet(OfContactQuerySet):
    def about(self, subject_type: str, subject_id: int) -> Self:
        return self.filter(subject_type=subject_type, subject_id=subject_id)

    def newest_first(self) -> Self:
        return self.order_by("-at", "-pk")

    def settled(self) -> Self:
        """Only entries no running transaction can still slip in before: the gap-free feed.

        An entry carries the id of the transaction that wrote it. Everything below the snapshot's
        xmin is committed or gone, so reading (xid, id) in order up to there never skips a row.
        """
        return self.filter(xid__lt=OldestRunning())

    def in_feed_order(self) -> Self:
        return self.order_by("xid", "pk")


class OutboxQuerySet(BatonQuerySet):
    def pending(self, at: Any) -> Self:
        return self.filter(delivered_at=None, failed_at=None, due_at__lte=at)

    def visible_to(self, user: User) -> Self:
        return self.all() if access.is_admin(user) else self.none()


class MineQuerySet(BatonQuerySet):
    """Rows that belong to one person alone (notifications, tokens)."""

    def visible_to(self, user: User) -> Self:
        return self.filter(user=user) if access.is_member(user) else self.none()


class NotificationQuerySet(MineQuerySet):
    def unread(self) -> Self:
        return self.filter(read_at=None)
