"""The two classes every REST view is made of.

`ReadView`: an APIView for one GET. `Resource`: a viewset with list, retrieve, create and partial_update, of which the
URL conf chooses: `Resource.as_view({"get": "list", "post": "create"})`. A subclass gives

    required_scopes = {"read": "leads:read", "write": "leads:write"}
    serializer_class   = what is answered          input_class = the body of a POST (an `Input`)
    patch_class        = the body of a PATCH       filterset_class, ordering_fields = see filters, paging
    def rows(self)     -> QuerySet, from X.objects.visible_to(self.user), with its select_related
    def add(self, values)       -> the new row (one deed call), or (row, created)
    def edit(self, row, values) -> the changed row (one deed call); `values` holds what was sent
    def versions(self, row)     -> rows whose change makes the ETag change; by default (row,)

Other deeds are plain methods: `values = self.told(RecycleInput)`, `row = self.get_object()`, the deed with
`by=self.user, at=self.at`, `return self.shown(row.pk)`. Idempotency, ETags, throttling and problems come by themselves.
"""

from __future__ import annotations

from datetime import datetime
from functools import cached_property, partial
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from crm import present, tokens
from crm.api import idempotency, throttling
from crm.api.etag import etag_of, insist_on_match
from crm.api.fields import Input
from crm.api.filters import StrictFilterBackend
from crm.api.paging import Pages
from crm.models import ApiToken, User


class Api(APIView):
    """What reading and writing views share."""

    required_scopes: dict[str, str | tuple[str, ...]] = {}
    request: Request

    @cached_property
    def at(self) -> datetime:
        """The moment of this call; a token was read with it."""
        token = getattr(
            self.request, "_auth", None
        )  # `auth` would ask again who calls, also where that failed
        return present.told_by(token) if isinstance(token, ApiToken) else present.now()

    @property
    def user(self) -> User:
        caller: User = self.request.user
        return caller

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            _ = request._request.body  # refuses what is too large, and lets the fingerprint read it again
        super().initial(request, *args, **kwargs)
        if isinstance(request.auth, ApiToken):
            tokens.note_use(request.auth, at=self.at)
        if request.method == "POST" and idempotency.is_asked_of(request):
            self.post = partial(idempotency.once, self.post)
        elif request.method == "PATCH":
            self.patch = partial(idempotency.in_one_transaction, self.patch)

    def check_throttles(self, request: Request) -> None:
        throttling.insist_on(self.allowance)

    @cached_property
    def allowance(self) -> throttling.Allowance:
        return throttling.count(self.request, at=self.at)

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        for name, value in self.allowance.headers().items():
            response[name] = value
        return response

    def told(self, form: type[Input], **options: Any) -> dict[str, Any]:
        """The body, checked; raises a 400 that names each field."""
        values = None if options else form.quickly(self.request.data)
        if values is not None:
            return values
        body = form(data=self.request.data, context={"user": self.user, "at": self.at}, **options)
        body.is_valid(raise_exception=True)
        checked: dict[str, Any] = body.validated_data
        return checked


class ReadView(Api):
    http_method_names = ["get", "head", "options"]


class Resource(Api, GenericViewSet[Any]):
    input_class: type[Input] = Input
    patch_class: type[Input] = Input
    ordering_fields: dict[str, str] = {"id": "id", "updated_at": "updated_at"}
    pagination_class = Pages
    filter_backends: list[type[DjangoFilterBackend]] = [StrictFilterBackend]

    def rows(self) -> QuerySet[Any]:
        raise NotImplementedError

    def add(self, values: dict[str, Any]) -> Any:
        raise NotImplementedError

    def edit(self, row: Any, values: dict[str, Any]) -> Any:
        raise NotImplementedError

    def versions(self, row: Any) -> tuple[Any, ...]:
        return (row,)

    def get_queryset(self) -> QuerySet[Any]:
        rows = self.rows()
        return rows.select_for_update(of=("self",), no_key=True) if self.request.method == "PATCH" else rows

    def list(self, request: Request, **_kwargs: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.listed()))
        return self.get_paginated_response(self.told_of(page))

    def listed(self) -> QuerySet[Any]:
        """The rows of a list, where less than a whole row is told of each."""
        return self.get_queryset()

    def told_of(self, page: Any) -> Any:
        return self.get_serializer(page, many=True).data

    def retrieve(self, request: Request, **_kwargs: Any) -> Response:
        return self._answer(self.get_object())

    def create(self, request: Request, **_kwargs: Any) -> Response:
        made = self.add(self.told(self.input_class))
        row, created = made if isinstance(made, tuple) else (made, True)
        return self.shown(row.pk, status.HTTP_201_CREATED if created else status.HTTP_200_OK)

    def partial_update(self, request: Request, **_kwargs: Any) -> Response:
        row = self.get_object()
        insist_on_match(request, etag_of(*self.versions(row)))
        self.edit(row, self.told(self.patch_class, partial=True))
        return self.shown(row.pk)

    def get_object(self) -> Any:
        """By its address alone: filters are for lists."""
        name = self.lookup_url_kwarg or self.lookup_field
        return get_object_or_404(self.get_queryset(), **{self.lookup_field: self.kwargs[name]})

    def shown(self, pk: int, code: int = status.HTTP_200_OK) -> Response:
        """The row as it is now. A deed may have moved it out of the caller's sight; then only its id is told."""
        row = self.rows().filter(pk=pk).first()
        return self._answer(row, code) if row is not None else Response({"id": pk}, status=code)

    def _answer(self, row: Any, code: int = status.HTTP_200_OK) -> Response:
        answer = Response(self.get_serializer(row).data, status=code)
        answer["ETag"] = etag_of(*self.versions(row))
        return answer
