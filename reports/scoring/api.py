"""REST: how well scoring versions tell who buys, from the same functions as the page."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from crm import access
from crm.models import Role
from reports import wishes
from reports.api import PARAMETERS, Report
from reports.scopes import Scope
from reports.scoring import regression
from reports.scoring.samples import OUTCOMES
from reports.scoring.serializers import ScoringAnswer
from reports.scoring.wish import EXTRA, USUAL_PERIOD, ScoringWish, read_wish

INSIGHT = "insight"
EXTRA_PARAMETERS = [
    OpenApiParameter("version", type=int, many=True, description="Up to 3 numbers; the active one otherwise."),
    OpenApiParameter("outcome", enum=list(OUTCOMES), description="What counts as success; won unless told."),
    OpenApiParameter("bar", type=float, description="The threshold; the one in force otherwise."),
    OpenApiParameter(INSIGHT, enum=["yes"], description="Also say what leads to the outcome; takes seconds."),
]  # fmt: skip


class ScoringReport(Report):
    known = (*wishes.KNOWN, *EXTRA, INSIGHT)
    default = USUAL_PERIOD

    @extend_schema(parameters=[*PARAMETERS, *EXTRA_PARAMETERS], responses=ScoringAnswer)
    def get(self, request: Request) -> Response:
        access.require_role(self.user, Role.MARKETER, Role.MANAGER)
        scope, _lens = self.asked()
        wish = self._wish(scope)
        report = self.told(scope, outcome=wish.outcome, bar=wish.bar, versions=wish.backtests(scope))
        report[INSIGHT] = self._insight(scope, wish)
        return Response(ScoringAnswer(report).data)

    def _wish(self, scope: Scope) -> ScoringWish:
        wish = read_wish(self.request.query_params, scope)
        if wish.complaints:
            raise ValidationError({name: [problem] for name, problem in wish.complaints.items()})
        return wish

    def _insight(self, scope: Scope, wish: ScoringWish) -> Any:
        if self.request.query_params.get(INSIGHT) != "yes":
            return None
        return regression.insight(wish.read(scope, wish.first).samples)
