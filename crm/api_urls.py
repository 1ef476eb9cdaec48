"""Accounts, contacts, webhooks and the schema, under /api/v1/."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from crm.api.changes import Changes
from crm.api.resources import Accounts, Contacts
from crm.api.webhooks import Deliveries, Webhooks

MANY = {"get": "list", "post": "create"}
ONE = {"get": "retrieve", "patch": "partial_update"}

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
    path("accounts/", Accounts.as_view(MANY), name="api-accounts"),
    path("accounts/<int:pk>/", Accounts.as_view(ONE), name="api-account"),
    path("contacts/", Contacts.as_view(MANY), name="api-contacts"),
    path("changes/", Changes.as_view(), name="api-changes"),
    path("contacts/<int:pk>/", Contacts.as_view(ONE), name="api-contact"),
    path("webhooks/", Webhooks.as_view(MANY), name="api-webhooks"),
    path("webhooks/<int:pk>/", Webhooks.as_view(ONE), name="api-webhook"),
    path("webhooks/<int:pk>/rotate/", Webhooks.as_view({"post": "rotate"}), name="api-webhook-rotate"),
    path("webhooks/<int:pk>/deliveries/", Deliveries.as_view({"get": "list"}), name="api-webhook-deliveries"),
    path(
        "webhooks/<int:pk>/deliveries/<int:delivery>/retry/",
        Deliveries.as_view({"post": "retry"}),
        name="api-webhook-delivery-retry",
    ),
]
