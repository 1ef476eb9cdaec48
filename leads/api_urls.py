"""Leads and behaviour events, under /api/v1/."""

from django.urls import path

from leads.api import BuyingGroup, Events, Leads, LeadScore, LeadsInBulk, Recommendations, Timeline
from leads.api_activities import Activities
from leads.events.api import MappedEvents, Restoration, Withdrawal

urlpatterns = [
    path("leads/", Leads.as_view({"get": "list", "post": "create"}), name="api-leads"),
    path("leads/bulk/", LeadsInBulk.as_view(), name="api-leads-bulk"),
    path("leads/<int:pk>/", Leads.as_view({"get": "retrieve", "patch": "partial_update"}), name="api-lead"),
    path("leads/<int:pk>/score/", LeadScore.as_view(), name="api-lead-score"),
    path("leads/<int:pk>/timeline/", Timeline.as_view(), name="api-lead-timeline"),
    path("leads/<int:pk>/recommendations/", Recommendations.as_view(), name="api-lead-recommendations"),
    path("leads/<int:pk>/recycle/", Leads.as_view({"post": "recycle"}), name="api-lead-recycle"),
    path("leads/<int:pk>/disqualify/", Leads.as_view({"post": "disqualify"}), name="api-lead-disqualify"),
    path("accounts/<int:pk>/buying-group/", BuyingGroup.as_view(), name="api-account-buying-group"),
    path("events/", Events.as_view(), name="api-events"),
    path("events/from/<slug:slug>/", MappedEvents.as_view(), name="api-events-from"),
    path("events/withdraw/", Withdrawal.as_view(), name="api-events-withdraw"),
    path("events/restore/", Restoration.as_view(), name="api-events-restore"),
    path("activities/", Activities.as_view({"get": "list", "post": "create"}), name="api-activities"),
    path("activities/<int:pk>/", Activities.as_view({"get": "retrieve"}), name="api-activity"),
    path("activities/<int:pk>/bounce/", Activities.as_view({"post": "bounce"}), name="api-activity-bounce"),
]
