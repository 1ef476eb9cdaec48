"""Questions about leads and what they did."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import connection
from django.db.models import Case, Count, Exists, FloatField, OuterRef, Q, Value, When
from django.db.models.expressions import CombinedExpression, RawSQL
from django.db.models.functions import Coalesce

from crm import access
from crm.holding import HoldingQuerySet
from crm.querysets import FEW, BatonQuerySet
from leads import neglect
from leads.scoring.worth import POINTS_OF_ROW

if TYPE_CHECKING:
    from crm.models import User

# A loose index scan, which PostgreSQL's DISTINCT does not do by itself.
_SOURCES = """
    WITH RECURSIVE told AS (
        (SELECT source FROM {table} ORDER BY source LIMIT 1)
        UNION ALL
        SELECT (SELECT source FROM {table} WHERE source > told.source ORDER BY source LIMIT 1)
          FROM told WHERE told.source IS NOT NULL
    )
    SELECT source FROM told WHERE source IS NOT NULL
"""
UNTOUCHABLE = ("customer", "disqualified")


class FromSourcesQuerySet(BatonQuerySet):
    """Rows that a source tells."""

    def sources(self) -> list[str]:
        """Each source once: one step in the index of sources for each, however many rows there are."""
        with connection.cursor() as cursor:
            cursor.execute(_SOURCES.format(table=connection.ops.quote_name(self.model._meta.db_table)))
            return [row[0] for row in cursor.fetchall()]


class LeadQuerySet(FromSourcesQuerySet, HoldingQuerySet):  # type: ignore[override]
    SHOWN = ("contact", "account")

    def standing(self) -> Self:
        """Without those merged into another."""
        return self.filter(merged_into=None)

    def open(self) -> Self:
        return self.standing().exclude(stage__in=UNTOUCHABLE)

    def visible_to(self, user: User) -> Self:
        """Their own, and those at accounts they work."""
        if access.sees_everything(user):
            return self.all()
        rows = self.model._default_manager
        worked = rows.filter(account__in=access.account_ids(user))
        return self.either(rows.filter(owner__in=access.peers(user)), worked)

    def scored_from(self, bar: float) -> Self:
        """Leads whose rank is at least this. The best are few, and named by their keys: how few the planner does not
        know, and would look through all leads for them."""
        best = (
            self.model._default_manager.filter(score__rank__gte=bar).order_by().values_list("pk", flat=True)
        )
        found = list(best[: FEW + 1])
        return self.filter(score__rank__gte=bar) if len(found) > FEW else self.filter(pk__among=found)

    def sources_seen_by(self, user: User, *, most: int) -> list[str]:
        """The names of sources to choose from."""
        if access.sees_everything(user):
            return [name for name in self.sources() if name][:most]
        seen = self.visible_to(user).exclude(source="").order_by("source")
        return list(seen.values_list("source", flat=True).distinct()[:most])

    def with_score(self, weight: float) -> Self:
        """Annotate `points_now`, the score at the moment whose decay weight is given."""
        now = CombinedExpression(Coalesce("score__rank", 0.0), "*", Value(weight, output_field=FloatField()))
        return self.annotate(points_now=now)

    def released_by(self, at: datetime) -> Self:
        """Recycled leads whose wait is over."""
        return self.standing().filter(stage="recycled", waits_until__lte=at)

    def neglected(self, at: datetime, *, days: int) -> Self:
        """Open leads nobody touched for so many days, and nothing is under way with; see `leads.neglect`."""
        return self.open().filter(neglect.untouched(at, days=days))

    def with_customers(self) -> Self:
        """Annotate `is_of_customer`: somebody else of the company is a customer."""
        beside = self.model._default_manager.filter(account=OuterRef("account"), stage="customer")
        return self.annotate(is_of_customer=Exists(beside.exclude(pk=OuterRef("pk"))))

    def with_people(self) -> Self:
        return self.select_related("contact", "account", "owner", "score")


class EventQuerySet(FromSourcesQuerySet):
    def with_points(self) -> Self:
        """Annotate `points`, what an event gives under the version in force. For lists of a few."""
        return self.annotate(points=RawSQL(POINTS_OF_ROW, [], output_field=FloatField()))

    def counted(self) -> Self:
        return self.filter(withdrawn_at=None)

    def withdrawn(self) -> Self:
        return self.filter(withdrawn_at__isnull=False)

    def visible_to(self, user: User) -> Self:
        if access.sees_everything(user):
            return self.all()
        return self.filter(lead__in=self._leads(user))

    def _leads(self, user: User) -> Any:
        return self.model._meta.get_field("lead").related_model._default_manager.visible_to(user)


class WaitingQuerySet(FromSourcesQuerySet):
    def tallied(self) -> list[tuple[str, str, int]]:
        """How many of each source wait for what: an address, an id elsewhere, or a contact's first lead."""
        way = Case(
            When(contact__isnull=False, then=Value("contact")),
            When(~Q(email_mark=""), then=Value("email")),
            default=Value("external"),
        )
        rows = self.order_by().annotate(way=way).values("source", "way").annotate(rows=Count("pk"))
        return [(row["source"], row["way"], row["rows"]) for row in rows.order_by("source", "way")]

    def waiting_for(self, way: str) -> Self:
        conditions = {
            "contact": Q(contact__isnull=False),
            "email": Q(contact=None) & ~Q(email_mark=""),
            "external": Q(contact=None, email_mark=""),
        }
        return self.filter(conditions[way]) if way in conditions else self

    def visible_to(self, user: User) -> Self:
        """They belong to nobody yet, so only who sees everybody sees them."""
        return self.all() if access.sees_everything(user) else self.none()


class MappingQuerySet(BatonQuerySet):
    def visible_to(self, user: User) -> Self:
        """How another tool is read is no secret of anybody's."""
        return self.all()


class EnrolmentQuerySet(EventQuerySet):
    def running(self) -> Self:
        return self.filter(ended_at=None)


class SubmissionQuerySet(BatonQuerySet):
    """What people typed into forms is marketing's to look at."""

    def visible_to(self, user: User) -> Self:
        return self.all() if access.sees_everything(user) else self.none()

    def held(self) -> Self:
        return self.filter(status="held")


class MqlDefinitionQuerySet(BatonQuerySet):
    def in_force(self) -> Self:
        """One for each segment that has its own, and one for everybody else."""
        return self.filter(in_force=True).order_by("pk")
