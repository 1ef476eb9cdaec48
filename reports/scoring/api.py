"""REST: how well scoring versions tell who buys, from the same functions as the page."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.status import HTTP_202_ACCEPTED

from crm import access
from crm.api.views import ReadView
from crm.models import Role
from reports import wishes
from reports.api import PARAMETERS, Report
from reports.models import ScoringQuestion, ScoringRun
from reports.scopes import Scope
from reports.scoring import runs
from reports.scoring.regression import Insight
from reports.scoring.samples import OUTCOMES
from reports.scoring.serializers import ScoringAnswer, ScoringRunAnswer
from reports.scoring.wish import EXTRA, USUAL_PERIOD, ScoringWish, read_wish

INSIGHT = "insight"
RETRY_AFTER_SECONDS = 5
EXTRA_PARAMETERS = [
    OpenApiParameter("version", type=int, many=True, description="Up to 3 numbers; the active one otherwise."),
    OpenApiParameter("outcome", enum=list(OUTCOMES), description="What counts as success; won unless told."),
    OpenApiParameter("bar", type=float, description="The threshold; the one in force otherwise."),
    OpenApiParameter(
        INSIGHT, enum=["yes"],
        description="Also say what leads to the outcome. It takes a while: the first answer is a 202 with the address "
        "of the run that works it out, and for an hour the same question has the answer in it.",
    ),
]  # fmt: skip


class ScoringReport(Report):
    known = (*wishes.KNOWN, *EXTRA, INSIGHT)
    default = USUAL_PERIOD

    @extend_schema(
        parameters=[*PARAMETERS, *EXTRA_PARAMETERS], responses={200: ScoringAnswer, 202: ScoringRunAnswer}
    )
    def get(self, request: Request) -> Response:
        access.require_role(self.user, Role.MARKETER, Role.MANAGER)
        scope, _lens = self.asked()
        wish, insight = self._wish(scope), None
        if request.query_params.get(INSIGHT) == "yes":
            about = (ScoringQuestion.INSIGHT, scope, wish)
            run = runs.lately(*about, by=self.user, at=self.at)
            if run is None:
                return _begun(runs.ask(*about, by=self.user, at=self.at), request)
            insight = Insight.from_json(run.result or {})
        report = self.told(scope, outcome=wish.outcome, bar=wish.bar, versions=wish.backtests(scope))
        return Response(ScoringAnswer({**report, INSIGHT: insight}).data)

    def _wish(self, scope: Scope) -> ScoringWish:
        wish = read_wish(self.request.query_params, scope)
        if wish.complaints:
            raise ValidationError({name: [problem] for name, problem in wish.complaints.items()})
        return wish


class ScoringRuns(ReadView):
    """How far the answer to a question has come, for who asked it; the insight once it is done."""

    required_scopes = {"read": "reports:read"}

    @extend_schema(responses=ScoringRunAnswer)
    def get(self, request: Request, pk: int) -> Response:
        access.require_role(self.user, Role.MARKETER, Role.MANAGER)
        mine = ScoringRun.objects.visible_to(self.user).filter(question=ScoringQuestion.INSIGHT)
        return Response(_told(get_object_or_404(mine, pk=pk), request))


def _begun(run: ScoringRun, request: Request) -> Response:
    told = _told(run, request)
    headers = {"Location": told["url"], "Retry-After": str(RETRY_AFTER_SECONDS)}
    return Response(told, status=HTTP_202_ACCEPTED, headers=headers)


def _told(run: ScoringRun, request: Request) -> Any:
    return ScoringRunAnswer(run, context={"request": request}).data
