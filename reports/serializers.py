"""What the API says of the reports: the very objects the pages show."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class Count(serializers.IntegerField):
    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, **options)


class Rate(serializers.FloatField):
    """A share of one, or hours; null where nothing was counted."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, allow_null=True, **options)


class Words(serializers.CharField):
    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, **options)


class Part(serializers.Serializer[Any]):
    """A piece of an answer; nothing is read by it."""


class PeriodPart(Part):
    """Both days are included; they begin and end in the caller's time zone."""

    time_zone = Words(source="zone")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        days = {"from": serializers.DateField(source="first"), "to": serializers.DateField(source="last")}
        return {**days, **super().get_fields()}


class SharePart(Part):
    """`low` and `high` hold the true share 95 times in 100 (Wilson)."""

    part, whole = Count(), Count()
    rate, low, high = Rate(), Rate(), Rate()


class KeptPart(Part):
    """`rate` is in time out of `judged`, which is in time and late."""

    in_time, late, running, not_needed, judged = Count(), Count(), Count(), Count(), Count()
    rate = Rate()


class SpeedPart(Part):
    """Working hours from the offer to the first contact, over `measured` handoffs."""

    measured = Count()
    median, p90 = Rate(), Rate()


class PromisesPart(Part):
    response, answer, feedback = KeptPart(), KeptPart(), KeptPart()


class TallyPart(PromisesPart):
    offered = Count()
    accepted, rejected = Count(source="counts.said_accepted"), Count(source="counts.said_rejected")
    converted, expired = Count(source="counts.converted"), Count(source="counts.expired")
    withdrawn, paused = Count(source="counts.withdrawn"), Count(source="counts.paused")
    reassigned = Count(source="counts.reassigned")
    hours_to_first_contact = SpeedPart(source="speed")


class LinePart(Part):
    """A person or a team; `id` is null for what is nobody's."""

    id = serializers.SerializerMethodField()
    name = Words()
    figures = TallyPart(source="tally")

    def get_id(self, line: Any) -> int | None:
        return int(line.key) if line.key.isdigit() else None


class SalesPart(Part):
    total, before = TallyPart(), TallyPart()
    pauses, reassignments = Count(), Count()
    people, teams = LinePart(many=True), LinePart(many=True)


class PointPart(Part):
    period = PeriodPart()
    offered = Count(source="tally.offered")
    promises = PromisesPart(source="tally")
    hours_to_first_contact = SpeedPart(source="tally.speed")


class HourPart(Part):
    """By the offer: weekday 1 is Monday, the hour is the caller's."""

    weekday, hour = Count(), Count()
    hours_to_first_contact = SpeedPart(source="speed")


class MonthPart(Part):
    period = PeriodPart(source="promise.days")
    mqls = Count()
    promised_so_far, promised = Rate(source="promise.due"), Rate(source="promise.planned")


class AgainstPart(Part):
    share = SharePart()
    promised = Rate()
    is_kept = serializers.BooleanField(read_only=True, allow_null=True)
    could_be_chance = serializers.BooleanField(read_only=True, source="is_uncertain")


class SourcePart(Part):
    """A blank name is a source nobody told."""

    source = Words(source="name")
    offered, mqls = Count(source="tally.counts.offered"), Count(source="tally.counts.mqls")
    accepted = SharePart()


class MarketingPart(Part):
    """The promises of MQLs are null where only a part of all leads is looked at."""

    mqls = Count()
    promised_so_far, promised = Rate(source="due"), Rate(source="planned")
    months = MonthPart(many=True)
    acceptance, completeness = AgainstPart(), AgainstPart()
    sources = SourcePart(many=True)


class ReasonPart(Part):
    reason = Words(source="code")
    name = Words()
    rejected, unreviewed = Count(), Count()
    share = SharePart()
    sources = serializers.DictField(child=serializers.IntegerField(), read_only=True)


class ConclusionPart(Part):
    conclusion = Words(source="text")
    count = Count()


class ValuePart(Part):
    value, count = Words(), Count()


class FoundPart(Part):
    """What was found out of one field (budget, authority, need, timing), of all contacted."""

    field = Words()
    filled = SharePart(source="share")
    values = ValuePart(many=True, source="told")


class ReportAnswer(Part):
    period = PeriodPart(source="scope.period")
    filters = serializers.DictField(child=serializers.CharField(), source="scope.asked", read_only=True)
    as_of = serializers.DateTimeField(source="at", read_only=True)


class SlaAnswer(ReportAnswer):
    before = PeriodPart()
    sales, marketing = SalesPart(), MarketingPart()
    rejections = ReasonPart(many=True)
    found_out = FoundPart(many=True)
    trend, heat = PointPart(many=True), HourPart(many=True)


class FeedbackAnswer(ReportAnswer):
    accepted, rejected, unreviewed = (
        Count(source="answers.accepted"), Count(source="answers.rejected"), Count(source="answers.unreviewed"),
    )  # fmt: skip
    reasons = ReasonPart(many=True, source="answers.reasons")
    sources = SourcePart(many=True)
    conclusions = ConclusionPart(many=True, source="answers.conclusions")


class StepPart(Part):
    """`lost` is of those of the step before that are not `on_the_way`.

    `usual_drop_off` is the lowest and the highest share usually lost.
    """

    step = Words(source="name")
    count, on_the_way = Count(), Count()
    lost = SharePart(allow_null=True)
    usual_drop_off = serializers.ListField(
        child=serializers.FloatField(), source="band", read_only=True, allow_null=True
    )


class FunnelSourcePart(Part):
    source = Words(source="name")
    reached = serializers.DictField(child=serializers.IntegerField(), source="counts", read_only=True)
    won = SharePart()


class FunnelAnswer(ReportAnswer):
    steps, inside = StepPart(many=True), StepPart(many=True)
    bottleneck = Words(allow_null=True)
    sources = FunnelSourcePart(many=True)


class AuditPart(Part):
    """Leads in which something was found, by kind and by rule; `sound` ones are complete and valid."""

    leads, sound = Count(source="total"), Count()
    kinds = serializers.DictField(child=serializers.IntegerField(), source="groups", read_only=True)
    rules = serializers.DictField(child=serializers.IntegerField(), read_only=True)


class AuditSourcePart(AuditPart):
    source = Words(source="key")


class AuditMonthPart(AuditPart):
    month = serializers.DateField(source="key", read_only=True)


class AuditWeekPart(Part):
    """As it stood at the last look of the week, in percent of all leads."""

    week_from = serializers.DateField(source="monday", read_only=True)
    leads = Count(source="total")
    shares = serializers.DictField(child=serializers.FloatField(allow_null=True), read_only=True)


class QualityAnswer(ReportAnswer):
    """`as_of` is until when changes are counted; every lead was looked at since `all_looked_at_since`."""

    as_of = serializers.DateTimeField(
        source="progress.seen_at", read_only=True, allow_null=True, default=None
    )
    all_looked_at_since = serializers.DateTimeField(
        source="progress.since", read_only=True, allow_null=True, default=None
    )
    stale_after_months = Count(source="asked.months")
    total = AuditPart(source="audit.whole")
    sources = AuditSourcePart(many=True, source="audit.by_source")
    months = AuditMonthPart(many=True, source="audit.by_month")
    weeks = AuditWeekPart(many=True)
