"""Questions about people and companies. Every interface starts from `visible_to(user)`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from crm import access, grams, lookups  # noqa: F401 (registers `among`)
from crm.transactions import OldestRunning

if TYPE_CHECKING:
    from crm.models import User


# So many keys of what changed are told one by one; the list of more is read in its own order.
FEW = 5_000


class BatonQuerySet(models.QuerySet[Any]):
    """Base of every QuerySet: a bulk update also moves `updated_at`, which delta sync reads.

    `SHOWN` are the relations whose records a list shows with its own, so that a change of theirs is one of the row.
    """

    SHOWN: tuple[str, ...] = ()

    def update(self, **values: Any) -> int:
        if "updated_at" not in values and any(f.name == "updated_at" for f in self.model._meta.fields):
            values["updated_at"] = Now()
        return super().update(**values)

    def either(self, *each: models.QuerySet[Any]) -> Self:
        """Rows that are in one of these at least: an index scan for each, which one OR would not be."""
        first, *others = (rows.order_by().values("pk") for rows in each)
        return self.filter(pk__in=first.union(*others, all=True))

    def changed_since(self, moment: datetime) -> Self:
        """Rows that changed at this moment or later, or a record shown with them did.

        A few are named by their keys, found in an index each. Where many changed the list is read in its own order
        instead, and soon has a page.
        """
        changed = [Q(updated_at__gte=moment), *(self._shown_since(name, moment) for name in self.SHOWN)]
        first, *others = (
            self.model._default_manager.filter(one).order_by().values_list("pk") for one in changed
        )
        found = list(first.union(*others, all=True)[: FEW + 1])
        if len(found) <= FEW:
            return self.filter(pk__among=[pk for (pk,) in found])
        return self.filter(reduce(or_, changed))

    def _shown_since(self, name: str, moment: datetime) -> Q:
        related: Any = self.model._meta.get_field(name).related_model
        return Q(**{f"{name}__in": related._default_manager.filter(updated_at__gte=moment)})

    def tally(self, most: int) -> tuple[int, bool]:
        """How many rows there are, at most so many, and whether these are all. Counting stops early: nobody needs to
        know whether it is 40,000 or 41,000."""
        count = self.order_by().values("pk")[: most + 1].count()
        return min(count, most), count <= most

    def shown_count(self, most: int) -> str:
        """The same as a list says it: “1,000+” where not all were counted."""
        count, is_all = self.tally(most)
        return f"{count:,}" if is_all else f"{count:,}+"

    def unsearched(self) -> Self:
        """The list without the words that are looked for on the way through it, see `crm.holding`."""
        return self

    def known_as(self, pk: int) -> Any:
        """The ids under which one record is known: its own, and those of records merged into it."""
        return self.filter(Q(pk=pk) | Q(merged_into=pk)).order_by().values("pk")

    def visible_to(self, user: User) -> Self:
        """Rows that only signed-in people may see: catalogues. Owned rows narrow it."""
        return self.all() if access.is_member(user) else self.none()


class SearchedQuerySet(BatonQuerySet):
    """Rows with words of their own, in the text in which they are `sought`; the words are those of `grams`."""

    def named(self, *words: str) -> Self:
        """Rows with all of the words in their own text; the index finds them."""
        return reduce(lambda rows, word: rows.filter(sought__holds=word), words, self.all())

    def holding(self, *words: str) -> Self:
        """Rows a person looks for with these words."""
        return self.named(*words)


class OfCompanyQuerySet(SearchedQuerySet):
    """Rows that are also found by the words of their company."""

    def holding(self, *words: str) -> Self:
        return self.either(*(self._with(*part) for part in grams.divided(words))) if words else self

    def _with(self, own: Sequence[str], theirs: Sequence[str]) -> Self:
        rows, companies = self.model._default_manager, apps.get_model("crm", "Account")._default_manager
        found: Self = rows.named(*own) if own else rows.all()
        return found.filter(account__in=companies.named(*theirs).values("pk")) if theirs else found


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


class LeaveQuerySet(BatonQuerySet):
    """Days off: seen by the person, by their manager, and by who sees everything."""

    def visible_to(self, user: User) -> Self:
        if access.sees_everything(user):
            return self.all()
        return self.filter(user__in=access.peers(user))

    def touching(self, first: date, last: date) -> Self:
        """Away on at least one of these days."""
        return self.filter(starts_on__lte=last, ends_on__gte=first)


class OwnedQuerySet(BatonQuerySet):
    """Rows with an `owner`: a rep sees their own, a manager the team's, marketing and admin all."""

    def visible_to(self, user: User) -> Self:
        if access.sees_everything(user):
            return self.all()
        return self.filter(owner__in=access.peers(user))


class AccountQuerySet(SearchedQuerySet):
    def standing(self) -> Self:
        return self.filter(merged_into=None)

    def known_by(self, field: str, values: Iterable[str]) -> dict[str, Any]:
        """Standing accounts by a field; what only a merged one is named by leads to where it went."""
        rows = self.filter(**{f"{field}__among": list(values)}).select_related("merged_into")
        merged_first = rows.order_by(F("merged_into").asc(nulls_last=True), "-pk")
        return {getattr(row, field): row.merged_into or row for row in merged_first}

    def visible_to(self, user: User) -> Self:
        if access.sees_everything(user):
            return self.all()
        return self.filter(pk__in=access.account_ids(user))


class ContactQuerySet(OfCompanyQuerySet):
    SHOWN = ("account",)

    def standing(self) -> Self:
        return self.filter(merged_into=None)

    def visible_to(self, user: User) -> Self:
        if access.sees_everything(user):
            return self.all()
        people = self.model._default_manager
        worked = people.filter(account__in=access.account_ids(user))
        return self.either(people.filter(owner__in=access.peers(user)), worked)


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


class SystemQuerySet(BatonQuerySet):
    """Rows that are the system's own business."""

    def visible_to(self, user: User) -> Self:
        return self.all() if access.is_admin(user) else self.none()


class OutboxQuerySet(SystemQuerySet):
    def pending(self, at: Any) -> Self:
        return self.filter(delivered_at=None, failed_at=None, due_at__lte=at)


class WebhookQuerySet(BatonQuerySet):
    def listening(self) -> Self:
        """Those that are told what happens: switched on, their owner still with us."""
        return self.filter(disabled_at=None, owner__is_active=True)

    def visible_to(self, user: User) -> Self:
        """An administrator's business; an owner sees their own."""
        if access.is_admin(user):
            return self.all()
        return self.filter(owner=user) if access.is_member(user) else self.none()


class WebhookDeliveryQuerySet(BatonQuerySet):
    def waiting(self) -> Self:
        return self.filter(delivered_at=None, failed_at=None)

    def due(self, at: Any) -> Self:
        return self.waiting().filter(due_at__lte=at)

    def visible_to(self, user: User) -> Self:
        if access.is_admin(user):
            return self.all()
        return self.filter(webhook__owner=user) if access.is_member(user) else self.none()


class WebhookAttemptQuerySet(BatonQuerySet):
    def visible_to(self, user: User) -> Self:
        if access.is_admin(user):
            return self.all()
        return self.filter(delivery__webhook__owner=user) if access.is_member(user) else self.none()


class MineQuerySet(BatonQuerySet):
    """Rows that belong to one person alone (notifications, tokens)."""

    def visible_to(self, user: User) -> Self:
        return self.filter(user=user) if access.is_member(user) else self.none()


class ImportQuerySet(MineQuerySet):
    def light(self) -> Self:
        """Without the file, which may be megabytes."""
        return self.defer("content")

    def due(self) -> Self:
        """What a worker has to do."""
        return self.filter(status__in=("checking", "running"))

    def not_begun(self) -> Self:
        """Files of which nothing has come in."""
        return self.filter(status__in=("draft", "checking", "preview"))


class BadRowQuerySet(BatonQuerySet):
    def visible_to(self, user: User) -> Self:
        """Those of imports they may see."""
        run: Any = self.model._meta.get_field("run").related_model
        return self.filter(run__in=run._default_manager.visible_to(user))


class SavedMappingQuerySet(MineQuerySet):
    def visible_to(self, user: User) -> Self:
        """Their own, and what others share."""
        mine = Q(user=user) | Q(is_shared=True)
        return self.filter(mine) if access.is_member(user) else self.none()


class NotificationQuerySet(MineQuerySet):
    def unread(self) -> Self:
        return self.filter(read_at=None)


class DigestLineQuerySet(MineQuerySet):
    def due(self, at: Any) -> Self:
        return self.filter(sent_at=None, due_at__lte=at)
