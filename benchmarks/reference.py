"""The plainest list and create of Django REST framework, for the product's to be compared with."""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
django.setup(set_prefix=False)

from django.conf import settings  # noqa: E402
from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.db.models import QuerySet  # noqa: E402
from django.urls import path  # noqa: E402
from knox.crypto import hash_token  # noqa: E402
from rest_framework import generics, serializers  # noqa: E402
from rest_framework.authentication import TokenAuthentication  # noqa: E402
from rest_framework.permissions import IsAuthenticated  # noqa: E402

from crm.models import ApiToken, Contact, User  # noqa: E402
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


class PlainContact(serializers.ModelSerializer[Contact]):
    class Meta:
        model = Contact
        fields = ("id", "email", "last_name")


class OpenCreate(generics.CreateAPIView[Contact]):
    """One row into one table, whoever asks for it."""

    serializer_class = PlainContact
    authentication_classes = permission_classes = ()


class PlainToken(TokenAuthentication):
    """As Django REST framework looks up a token of its own."""

    keyword = "Bearer"

    def authenticate_credentials(self, key: str) -> tuple[User, ApiToken]:
        token = ApiToken.objects.select_related("user").get(digest=hash_token(key))
        return token.user, token


class PlainCreate(OpenCreate):
    """The same for who is known by a token: nobody leaves an API that writes open to everybody."""

    authentication_classes = (PlainToken,)
    permission_classes = (IsAuthenticated,)


urlpatterns = [
    path("leads/", PlainList.as_view()),
    path("contacts/", PlainCreate.as_view()),
    path("open/", OpenCreate.as_view()),
]
settings.ROOT_URLCONF, settings.MIDDLEWARE = __name__, []
application = WSGIHandler()
