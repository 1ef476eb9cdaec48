"""Addresses of the hand-over under /api/v1/."""

from django.urls import path

from sla.api import Agreements, FeedbackList, Handoffs, MergeableLeads

DEEDS = ("contact", "accept", "reject", "convert", "reassign", "claim")

app_name = "sla_api"
urlpatterns = [
    path("agreements/", Agreements.as_view({"get": "list"}), name="agreements"),
    path("agreements/current/", Agreements.as_view({"get": "current"}), name="agreement_current"),
    path("handoffs/", Handoffs.as_view({"get": "list", "post": "create"}), name="handoffs"),
    path("handoffs/<int:pk>/", Handoffs.as_view({"get": "retrieve"}), name="handoff"),
    *(path(f"handoffs/<int:pk>/{deed}/", Handoffs.as_view({"post": deed}), name=deed) for deed in DEEDS),
    path("leads/<int:pk>/merge/", MergeableLeads.as_view({"post": "merge"}), name="lead_merge"),
    path("feedback/", FeedbackList.as_view({"get": "list"}), name="feedback"),
]
