"""What the API says of scoring: the very objects the page shows."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from reports.models import ScoringRun
from reports.scopes import NONE
from reports.scoring.regression import Insight
from reports.serializers import Count, Part, Rate, ReportAnswer, SharePart, Words


class AucPart(Part):
    """`low` and `high` hold the true value 95 times in 100 (DeLong)."""

    value, low, high = Rate(), Rate(), Rate()


class AtBarPart(Part):
    """Precision: of those at or above `bar`, how many came. Recall: of all that came, how many were."""

    bar = Rate()
    precision, recall = SharePart(), SharePart()


class TenthPart(Part):
    tenth = Count(source="place")
    least, most, lift = Rate(), Rate(), Rate()
    came = SharePart()


class BinPart(Part):
    """`expected` is of the first half of the handoffs, `came` of the second; the last one has no end."""

    least, expected = Rate(), Rate()
    below = serializers.SerializerMethodField()
    came = SharePart()

    def get_below(self, one: Any) -> float | None:
        return None if one.most == float("inf") else float(one.most)


class CalibrationPart(Part):
    bins = BinPart(many=True)
    error, brier = Rate(), Rate()


class OfSegmentPart(Part):
    """`segment` is null for everybody else."""

    segment = serializers.SerializerMethodField()
    came, at_bar = SharePart(), AtBarPart()
    auc = AucPart(allow_null=True)

    def get_segment(self, part: Any) -> str | None:
        return None if part.key == NONE else str(part.key)


class OfMonthPart(Part):
    month = serializers.DateField(source="key", read_only=True)
    came, at_bar = SharePart(), AtBarPart()
    auc = AucPart(allow_null=True)


class BackTestPart(Part):
    """Where there are too few outcomes `is_enough` is false, `auc` is null and the lists are empty."""

    version = Count(source="model.version")
    status = Words(source="model.status")
    is_enough = serializers.BooleanField(read_only=True)
    undecided = Count()
    came, at_bar = SharePart(), AtBarPart()
    auc, calibration = AucPart(allow_null=True), CalibrationPart(allow_null=True)
    tenths = TenthPart(many=True)
    segments, months = OfSegmentPart(many=True), OfMonthPart(many=True)


class EffectPart(Part):
    """`weight` is in log-odds, per event left of a kind of behaviour (`value` blank) or for a value of a field."""

    name, value = Words(source="term.name"), Words(source="term.value")
    weight, low, high = Rate(), Rate(), Rate()
    is_clear = serializers.BooleanField(read_only=True)
    handoffs = Count(source="having")


class QualityPart(Part):
    """On folds that were not learnt from."""

    auc = AucPart(allow_null=True)
    brier = Rate()


class InsightPart(Part):
    count, came = Count(), Count()
    is_enough = serializers.BooleanField(read_only=True)
    effects = EffectPart(many=True)
    quality = QualityPart(allow_null=True)


class ScoringAnswer(ReportAnswer):
    outcome = Words()
    bar = Rate()
    versions = BackTestPart(many=True)
    insight = InsightPart(allow_null=True)


class ScoringRunAnswer(Part):
    """`status`: waiting, running, done, failed, cancelled. `error` says why it failed; `insight` is there once done."""

    id, done, total = Count(source="pk"), Count(), Count()
    url = serializers.SerializerMethodField()
    status, error = Words(), Words()
    insight = serializers.SerializerMethodField()

    def get_url(self, run: ScoringRun) -> str:
        address: str = self.context["request"].build_absolute_uri(
            reverse("reports_api:scoring-run", args=[run.pk])
        )
        return address

    @extend_schema_field(InsightPart(allow_null=True))
    def get_insight(self, run: ScoringRun) -> Any:
        return InsightPart(Insight.from_json(run.result)).data if run.result else None
