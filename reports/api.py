"""REST: the same figures as the pages, from the same functions."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.views import ReadView
from leads.quality import walking
from reports import answers, attainment, journey, quality, wishes
from reports.facets import Lens
from reports.marketing import marketing
from reports.periods import DEFAULT
from reports.scopes import Scope
from reports.serializers import FeedbackAnswer, FunnelAnswer, QualityAnswer, SlaAnswer

PARAMETERS = [
    OpenApiParameter(
        "from", description="First day, such as 2026-01-31; a time with an offset is read as its day."
    ),
    OpenApiParameter("to", description="Last day, included. Without both days: the last 30."),
    OpenApiParameter("period", description="A preset instead of days, such as this_quarter."),
    OpenApiParameter("segment", description="Code of a segment, or - for everybody else."),
    OpenApiParameter("team", description="Id of a team, or - for none."),
    OpenApiParameter("assignee", description="Id of a person, me, or - for the open queue."),
    OpenApiParameter("source", description="Source of the lead, or - for none."),
]

MONTHS = OpenApiParameter(
    "months", description="After so many months without news a lead is stale: 6, 12 or 24."
)


class Report(ReadView):
    required_scopes = {"read": "reports:read"}
    known: tuple[str, ...] = wishes.KNOWN
    default = DEFAULT

    def asked(self) -> tuple[Scope, Lens]:
        """The scope asked for; raises a 400 that names what is unknown or cannot be read."""
        query = self.request.query_params
        if unknown := sorted(set(query) - set(self.known)):
            known = _("There is no such filter. Known are: %(names)s.") % {"names": ", ".join(self.known)}
            raise ValidationError({name: [known] for name in unknown}, code="unknown")
        wish = wishes.read(query, user=self.user, at=self.at, default=self.default)
        if wish.complaints:
            raise ValidationError({name: [problem] for name, problem in wish.complaints.items()})
        return wish.scope, Lens(self.at, wish.scope.period.zone)

    def told(self, scope: Scope, **figures: Any) -> dict[str, Any]:
        return {"scope": scope, "at": self.at, **figures}


class SlaReport(Report):
    @extend_schema(parameters=PARAMETERS, responses=SlaAnswer)
    def get(self, request: Request) -> Response:
        scope, lens = self.asked()
        report = self.told(
            scope,
            before=scope.period.before(self.at),
            sales=attainment.sales(scope, lens),
            marketing=marketing(scope, lens),
            rejections=answers.answers(scope, lens).reasons,
            found_out=answers.found_out(scope, lens),
            trend=attainment.trend(scope, lens),
            heat=attainment.heat(scope, lens),
        )
        return Response(SlaAnswer(report).data)


class FeedbackReport(Report):
    @extend_schema(parameters=PARAMETERS, responses=FeedbackAnswer)
    def get(self, request: Request) -> Response:
        scope, lens = self.asked()
        report = self.told(
            scope, answers=answers.answers(scope, lens), sources=marketing(scope, lens).sources
        )
        return Response(FeedbackAnswer(report).data)


class FunnelReport(Report):
    @extend_schema(parameters=PARAMETERS, responses=FunnelAnswer)
    def get(self, request: Request) -> Response:
        scope, _lens = self.asked()
        steps = journey.steps(scope)
        worst = journey.bottleneck(steps)
        report = self.told(
            scope,
            steps=steps,
            inside=journey.inside(scope),
            bottleneck=worst.name if worst else None,
            sources=journey.by_source(scope),
        )
        return Response(FunnelAnswer(report).data)


class QualityReport(Report):
    known = (*wishes.KNOWN, "months")

    @extend_schema(parameters=[*PARAMETERS, MONTHS], responses=QualityAnswer)
    def get(self, request: Request) -> Response:
        self.asked()
        if request.query_params.get("months", quality.MONTHS_ASKED[0]) not in quality.MONTHS_ASKED:
            raise ValidationError({"months": [_("Choose one of: %s.") % ", ".join(quality.MONTHS_ASKED)]})
        asked = quality.read(request.query_params, user=self.user, at=self.at)
        report = self.told(
            asked.scope,
            asked=asked,
            audit=asked.count(),
            weeks=quality.trend(asked),
            progress=walking.progress(),
        )
        return Response(QualityAnswer(report).data)
