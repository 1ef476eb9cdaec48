"""Questions about possible duplicates and merges: seen by who sees both records."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db.models import Q

from crm import access
from crm.querysets import BatonQuerySet

if TYPE_CHECKING:
    from crm.models import User

UNDO_WITHIN = timedelta(days=30)
# Of a hundred; below it most pairs are two after all.
LIKELY = 40


class OfTwoQuerySet(BatonQuerySet):
    """Rows about two records of one kind, named by key in two columns."""

    sides: tuple[str, str]

    def visible_to(self, user: User) -> Self:
        if access.sees_everything(user):
            return self.all()
        return self.filter(self._of("contact", user) | self._of("account", user))

    def _of(self, kind: str, user: User) -> Q:
        model = apps.get_model("crm", kind.title())
        seen = model._default_manager.visible_to(user).order_by().values("pk")
        one, other = self.sides
        return Q(**{"kind": kind, f"{one}__in": seen, f"{other}__in": seen})

    def touching(self, kind: str, *records: int) -> Self:
        """Rows in which one of these records stands on either side."""
        one, other = self.sides
        either = Q(**{f"{one}__among": records}) | Q(**{f"{other}__among": records})
        return self.filter(either, kind=kind)


class DuplicatePairQuerySet(OfTwoQuerySet):
    sides = ("low", "high")

    def open(self) -> Self:
        """Pairs nobody has decided about."""
        return self.filter(status="open")

    def likely(self) -> Self:
        """Pairs that are rather one than two: what a report counts."""
        return self.filter(Q(score__gte=LIKELY) | Q(certain__len__gt=0))

    def exact(self) -> Self:
        """Open pairs for which an exact rule speaks."""
        return self.open().filter(certain__len__gt=0)

    def with_one_of(self, records: Any) -> Self:
        """Pairs with one of these records on either side: a query of their keys."""
        rows = self.model._default_manager
        return self.either(rows.filter(low__in=records), rows.filter(high__in=records))

    def likeliest_first(self) -> Self:
        return self.order_by("-score", "pk")


class MergeRecordQuerySet(OfTwoQuerySet):
    sides = ("loser", "winner")

    def standing(self) -> Self:
        return self.filter(undone_at=None)

    def undoable(self, at: datetime) -> Self:
        return self.standing().filter(merged_at__gt=at - UNDO_WITHIN)

    def newest_first(self) -> Self:
        return self.order_by("-merged_at", "-pk")

    def light(self) -> Any:
        """Without the journal, which may be long."""
        return self.defer("journal")
