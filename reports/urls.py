"""Addresses of the reports."""

from django.urls import path

from reports.views import (
    funnel,
    funnel_leads,
    overview,
    quality,
    review,
    scoring,
    scoring_rows,
    scoring_runs,
    sla,
)

app_name = "reports"

urlpatterns = [
    path("reports/", overview.overview, name="overview"),
    path("reports/sla/", sla.sla, name="sla"),
    path("reports/sla/review/", review.review, name="review"),
    path("reports/sla/review.csv", review.export, name="review-export"),
    path("reports/quality/", quality.audit, name="quality"),
    path("reports/quality.csv", quality.export, name="quality-export"),
    path("reports/funnel/", funnel.funnel, name="funnel"),
    path("reports/funnel/leads/", funnel_leads.leads, name="funnel-leads"),
    path("reports/funnel/leads.csv", funnel_leads.export, name="funnel-leads-export"),
    path("reports/scoring/", scoring.scoring, name="scoring"),
    path("reports/scoring.csv", scoring.export, name="scoring-export"),
    path("reports/scoring/ask/<str:question>/", scoring_runs.ask, name="scoring-ask"),
    path("reports/scoring/runs/<int:pk>/", scoring_runs.run, name="scoring-run"),
    path("reports/scoring/runs/<int:pk>.csv", scoring_runs.export, name="scoring-run-export"),
    path("reports/scoring/runs/<int:pk>/cancel/", scoring_runs.cancel, name="scoring-run-cancel"),
    path("reports/scoring/handoffs/", scoring_rows.rows, name="scoring-rows"),
    path("reports/scoring/handoffs.csv", scoring_rows.export, name="scoring-rows-export"),
]
