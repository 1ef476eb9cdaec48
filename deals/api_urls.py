"""Addresses of the pipeline under /api/v1/."""

from django.urls import path

from deals.api import Deals, Recommendations, Stakeholders

app_name = "deals_api"
urlpatterns = [
    path("deals/", Deals.as_view({"get": "list", "post": "create"}), name="deals"),
    path("deals/<int:pk>/", Deals.as_view({"get": "retrieve", "patch": "partial_update"}), name="deal"),
    path("deals/<int:pk>/move/", Deals.as_view({"post": "move"}), name="move"),
    path("deals/<int:pk>/win/", Deals.as_view({"post": "win"}), name="win"),
    path("deals/<int:pk>/lose/", Deals.as_view({"post": "lose"}), name="lose"),
    path("deals/<int:pk>/recommendations/", Recommendations.as_view(), name="recommendations"),
    path(
        "deals/<int:pk>/stakeholders/",
        Stakeholders.as_view({"get": "list", "post": "create"}),
        name="stakeholders",
    ),
]
