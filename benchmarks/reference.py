"""The plainest list Django REST framework can serve, for the product's list to be compared with."""

from __future__ import annotations

import os

import django
from django.core.handlers.wsgi import WSGIHandler
from django.urls import path
from rest_framework import generics, serializers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
django.setup(set_prefix=False)

from django.conf import settings  # noqa: E402

from leads.models import Lead  # noqa: E402


class PlainLead(serializers.ModelSerializer[Lead]):
    class Meta:
        model = Lead
        fields = "__all__"


class PlainList(generics.ListAPIView[Lead]):
    """Fifty rows of one table, every column, no query for the person or the score."""

    serializer_class = PlainLead
    authentication_classes = permission_classes = ()
    pagination_class = None

    def get_queryset(self):  # type: ignore[no-untyped-def]
        return Lead.objects.order_by("-pk")[:50]


urlpatterns = [path("leads/", PlainList.as_view())]

if os.environ.get("BATON_BENCH_REFERENCE"):
    settings.ROOT_URLCONF = "benchmarks.reference"
    settings.MIDDLEWARE = []
application = WSGIHandler()
