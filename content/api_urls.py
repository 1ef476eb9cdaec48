"""Addresses of the content library under /api/v1/."""

from django.urls import path

from content.api import Assets

app_name = "content_api"
urlpatterns = [
    path("assets/", Assets.as_view({"get": "list", "post": "create"}), name="assets"),
    path("assets/<slug:slug>/", Assets.as_view({"get": "retrieve", "patch": "partial_update"}), name="asset"),
]
