"""The plainest list Django REST framework can serve, for the product's list to be compared with."""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
django.setup(set_prefix=False)

from django.conf import settings  # noqa: E402
from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.db.models import QuerySet  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework import generics, serializers  # noqa: E402

from leads.models import Lead  # noqa: E402

ROWS = 50


class PlainLead(serializers.ModelSerializer[Lead]):
    class Meta:
        model = Lead
        fields = "__all__"


class PlainList(generics.ListAPIView[Lead]):
    """Fifty rows of one table, every column, no query for the person or the score."""

    serializer_class = PlainLead
    authentication_classes = permission_classes = ()
    pagination_class = None

    def get_queryset(self) -> QuerySet[Lead]:
        return Lead.objects.order_by("-pk")[:ROWS]


urlpatterns = [path("leads/", PlainList.as_view())]
settings.ROOT_URLCONF, settings.MIDDLEWARE = __name__, []
application = WSGIHandler()
