"""Addresses of the hand-over under /api/v1/."""

from django.urls import path

from sla.api import (
    Agreements,
    DataTasks,
    FeedbackList,
    Handoffs,
    MergeableAccounts,
    MergeableContacts,
    MergeableLeads,
)

AGREEMENT_DEEDS = {"propose": "propose", "sign": "sign", "return": "take_back"}
DEEDS = ("contact", "accept", "reject", "convert", "reassign", "claim", "pause", "resume", "rebase", "bant")

app_name = "sla_api"
urlpatterns = [
    path("agreements/", Agreements.as_view({"get": "list"}), name="agreements"),
    path("agreements/current/", Agreements.as_view({"get": "current"}), name="agreement_current"),
    path("agreements/<int:pk>/", Agreements.as_view({"get": "retrieve"}), name="agreement"),
    *(
        path(f"agreements/<int:pk>/{name}/", Agreements.as_view({"post": deed}), name=f"agreement_{name}")
        for name, deed in AGREEMENT_DEEDS.items()
    ),
    path("handoffs/", Handoffs.as_view({"get": "list", "post": "create"}), name="handoffs"),
    path("handoffs/<int:pk>/", Handoffs.as_view({"get": "retrieve"}), name="handoff"),
    *(path(f"handoffs/<int:pk>/{deed}/", Handoffs.as_view({"post": deed}), name=deed) for deed in DEEDS),
    path("data-tasks/", DataTasks.as_view({"get": "list"}), name="data_tasks"),
    path("data-tasks/<int:pk>/", DataTasks.as_view({"get": "retrieve"}), name="data_task"),
    path("data-tasks/<int:pk>/finish/", DataTasks.as_view({"post": "finish"}), name="data_task_finish"),
    path("leads/<int:pk>/merge/", MergeableLeads.as_view({"post": "merge"}), name="lead_merge"),
    path("contacts/<int:pk>/merge/", MergeableContacts.as_view({"post": "merge"}), name="contact_merge"),
    path("accounts/<int:pk>/merge/", MergeableAccounts.as_view({"post": "merge"}), name="account_merge"),
    path("feedback/", FeedbackList.as_view({"get": "list"}), name="feedback"),
]
