"""Addresses of the reports under /api/v1/."""

from django.urls import path

from reports.api import FeedbackReport, FunnelReport, QualityReport, SlaReport
from reports.scoring.api import ScoringReport, ScoringRuns

app_name = "reports_api"
urlpatterns = [
    path("reports/sla/", SlaReport.as_view(), name="sla"),
    path("reports/funnel/", FunnelReport.as_view(), name="funnel"),
    path("reports/feedback/", FeedbackReport.as_view(), name="feedback"),
    path("reports/quality/", QualityReport.as_view(), name="quality"),
    path("reports/scoring/", ScoringReport.as_view(), name="scoring"),
    path("reports/scoring/runs/<int:pk>/", ScoringRuns.as_view(), name="scoring-run"),
]
