"""Questions about leads and what they did."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.db.models import Exists, FloatField, OuterRef, Q, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Coalesce

from crm import access
from crm.models import Activity
from crm.querysets import BatonQuerySet

if TYPE_CHECKING:
    from crm.models import User

UNTOUCHABLE = ("customer", "disqualified")


class LeadQuerySet(BatonQuerySet):
    def standing(self) -> Self:
        """Without those merged into another."""
        return self.filter(merged_into=None)

    def open(self) -> Self:
        return self.standing().exclude(stage__in=UNTOUCHABLE)

    def visible_to(self, user: User) -> Self:
        """Their own, and those at accounts they work; two index scans rather than one OR."""
        if access.sees_everything(user):
            return self.all()
        plain = self.model._default_manager.order_by()
        owned = plain.filter(owner__in=access.peers(user)).values("pk")
        worked = plain.filter(account__in=access.account_ids(user)).values("pk")
        return self.filter(pk__in=owned.union(worked))

    def with_score(self, weight: float) -> Self:
        """Annotate `points_now`, the score at the moment whose decay weight is given."""
        now = CombinedExpression(Coalesce("score__rank", 0.0), "*", Value(weight, output_field=FloatField()))
        return self.annotate(points_now=now)

    def released_by(self, at: datetime) -> Self:
        """Recycled leads whose wait is over."""
        return self.standing().filter(stage="recycled", waits_until__lte=at)

    def neglected(self, at: datetime, *, days: int) -> Self:
        """Open leads nobody touched for so many days."""
        since = at - timedelta(days=days)
        touched = Activity.objects.filter(contact=OuterRef("contact"), occurred_at__gt=since)
        return (
            self.open()
            .filter(Q(score__active_at=None) | Q(score__active_at__lte=since), captured_at__lte=since)
            .exclude(Exists(touched))
        )

    def with_customers(self) -> Self:
        """Annotate `is_of_customer`: somebody else of the company is a customer."""
        beside = self.model._default_manager.filter(account=OuterRef("account"), stage="customer")
        return self.annotate(is_of_customer=Exists(beside.exclude(pk=OuterRef("pk"))))

    def with_people(self) -> Self:
        return self.select_related("contact", "account", "owner", "score")


class EventQuerySet(BatonQuerySet):
    def counted(self) -> Self:
        return self.filter(withdrawn_at=None)

    def visible_to(self, user: User) -> Self:
        if access.sees_everything(user):
            return self.all()
        return self.filter(lead__in=self._leads(user))

    def _leads(self, user: User) -> Any:
        return self.model._meta.get_field("lead").related_model._default_manager.visible_to(user)


class EnrolmentQuerySet(EventQuerySet):
    def running(self) -> Self:
        return self.filter(ended_at=None)


class MqlDefinitionQuerySet(BatonQuerySet):
    def in_force(self) -> Self:
        """One for each segment that has its own, and one for everybody else."""
        return self.filter(in_force=True).order_by("pk")
