"""The format of an answer is chosen as Django REST framework chooses it."""

from __future__ import annotations

import pytest
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import BaseContentNegotiation, DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer, StaticHTMLRenderer
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from crm.api.negotiation import Negotiation

ACCEPTED = [
    "*/*",
    "application/json",
    "text/html",
    "application/json; indent=4",
    "image/png",
    "text/*, */*;q=0.1",
    "",
]


def chosen(by: BaseContentNegotiation, headers: dict[str, str]) -> tuple[BaseRenderer, str] | None:
    request = Request(APIRequestFactory().get("/", **headers))
    try:
        return by.select_renderer(request, RENDERERS)
    except NotAcceptable:
        return None


RENDERERS = [JSONRenderer(), StaticHTMLRenderer()]


@pytest.mark.parametrize("headers", [{}, *({"HTTP_ACCEPT": accepted} for accepted in ACCEPTED)])
def test_a_client_gets_the_format_it_would_get_anyway(headers: dict[str, str]) -> None:
    assert chosen(Negotiation(), headers) == chosen(DefaultContentNegotiation(), headers)
