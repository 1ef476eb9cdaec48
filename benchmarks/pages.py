"""P8, P9: what people and integrations read, over HTTP."""

from __future__ import annotations

import contextlib
import statistics
from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.test import Client as InProcess
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from benchmarks import databases, servers
from benchmarks.measuring import REPEATS, Figure, Goal, p95, told
from benchmarks.sizes import Sizes
from crm import tokens
from crm.models import User
from leads.models import Lead

P8 = Goal("P8", "p95 of the inbox over HTTP, largest ÷ smallest", 1.5, 1.1, more_is_better=False)
P9 = Goal("P9", "API list of 50 leads ÷ the plainest list of 50 rows, in requests per second", 0.70, 1.0)
P9_QUERIES = Goal("P9", "queries of that list", 5, 3, more_is_better=False)
P15 = Goal("P15", "a page from the middle of a list ÷ the first page", 2, 1.2, more_is_better=False)
VISITS = 40
LIST = "/api/v1/leads/?page_size=50"


def inbox(sizes: Sizes, at: datetime) -> Iterator[Figure]:
    """Two servers, one on each size, asked in turn."""
    small, large, path = *sizes.pair(), reverse("desk:inbox")
    with contextlib.ExitStack() as stack:
        clients = [
            _rep(stack.enter_context(servers.web(databases.url(name))), name) for name in (small, large)
        ]
        for client in clients:
            for _ in range(servers.WORKERS * 4):
                client.ask(path)
        taken = [[client.timed(path) for client in clients] for _ in range(VISITS * REPEATS)]
    few, many = (p95([row[place] for row in taken]) for place in (0, 1))
    yield Figure(P8, sizes.compared(), many / few, {"smallest": told(few), "largest": told(many)})


def _rep(port: int, database: str) -> servers.Client:
    """A rep who is logged in."""
    databases.use(database)
    person, session = User.objects.get(username="rep0"), SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    return servers.Client(port, {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session.session_key}"})


def api_list(sizes: Sizes, at: datetime) -> Iterator[Figure]:
    for size in sizes.each():
        _, secret = tokens.issue(User.objects.get(username="admin"), scopes=["leads:read"], at=at)
        url = databases.url(databases.current())
        with servers.web(url) as ours, servers.web(url, "benchmarks.reference") as plain:
            product = servers.Client(ours, {"Authorization": f"Bearer {secret}"})
            reference = servers.Client(plain, {})
            for _ in range(servers.WORKERS * 4):
                product.ask(LIST)
                reference.ask("/leads/")
            pairs = [(product.timed(LIST), reference.timed("/leads/")) for _ in range(VISITS * REPEATS)]
        took, plainly = (statistics.median(column) for column in zip(*pairs, strict=True))
        yield Figure(
            P9, size, plainly / took, {"product": f"{1 / took:,.0f}/s", "plain": f"{1 / plainly:,.0f}/s"}
        )
        yield Figure(P9_QUERIES, size, _queries(secret))


def deep(sizes: Sizes, at: datetime) -> Iterator[Figure]:
    """The page in the middle of the list against the first one, asked in turn."""
    for size in sizes.each():
        _, secret = tokens.issue(User.objects.get(username="admin"), scopes=["leads:read"], at=at)
        middle = Lead.objects.count() // 2
        cursor = urlencode({"cursor": b64encode(f"p={middle}".encode()).decode()})
        with servers.web(databases.url(databases.current())) as port:
            client = servers.Client(port, {"Authorization": f"Bearer {secret}"})
            for _ in range(servers.WORKERS * 4):
                client.ask(LIST)
            pairs = [(client.timed(f"{LIST}&{cursor}"), client.timed(LIST)) for _ in range(VISITS * REPEATS)]
        later, first = (statistics.median(column) for column in zip(*pairs, strict=True))
        yield Figure(
            P15, size, later / first, {"row": f"{middle:,}", "page": told(later), "first": told(first)}
        )


def _queries(secret: str) -> int:
    client = InProcess(headers={"Authorization": f"Bearer {secret}", "Host": "localhost"})
    client.get(LIST)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(LIST).status_code == 200
    return len(captured)
