"""What nobody should send, sent to every address: a clear answer, never a fault, and every page opens afterwards."""

import json
from html.parser import HTMLParser

import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from tests.project.test_authorization import ROUTES, _address, company  # noqa: F401
from tests.support.rest import Rest

pytestmark = pytest.mark.slow

CELLS = "hostile inputs to pages, forms, filters and bodies, none a fault"
WORST = {
    "nul": "a\0b",
    "surrogate": "\ud800",
    "line break": "a\r\nBcc: x@example.com",
    "long": "あ" * 20_000,
    "huge": 10**30,
    "truth": True,
    "year 1": "0001-01-01T00:00:00Z",
    "odd zone": "2026-01-01T00:00:00+23:59",
    "object": {"a": [{}]},
    "null": None,
}
ASKED = (
    "q", "state", "person", "team", "owner", "stage", "status", "source", "from", "to", "since", "until", "page",
    "after", "before", "cursor", "sort", "segment", "lead", "version", "at", "asset", "kind", "min_score", "e", "o",
    "p",
)  # fmt: skip
ASKED_OF_THE_API = ("page_size", "cursor", "ordering", "updated_since")
DESCRIPTION = "api/v1/schema/"  # takes none of them, and is long in the making
QUERIES = ["\0", "99999999999999999999999", "99999-13-45", "あ" * 300, "1e999"]


@pytest.fixture(autouse=True)
def unhurried(settings):
    """An answer that only says "too many" proves nothing."""
    settings.API_RATE_PER_MINUTE = 10**9


def outcome(call):
    """The status, or the fault in a word; a test client hands on what the server would have logged."""
    try:
        return call().status_code
    except Exception as fault:
        return f"{type(fault).__name__}: {fault}"[:200]


def skipped(route):
    """What ends the session, and what tells the state of the machine by its status."""
    return "logout" in route or route == "readyz"


def is_fault(status):
    return not isinstance(status, int) or status >= 500


def queries(route, value):
    """A page is asked everything at once; the API one thing at a time, since it stops at the first it refuses."""
    if route.startswith("api/") and route != DESCRIPTION:
        return [{name: value} for name in ASKED_OF_THE_API]
    return [dict.fromkeys(ASKED, value)]


@pytest.mark.parametrize("value", QUERIES)
def test_no_query_is_a_fault(company, value, record_property):  # noqa: F811
    client = Client()
    client.force_login(company.admin)
    faults, count = {}, 0
    for route in ROUTES:
        address = _address(route, company.ids)
        if "<" in address or skipped(route):
            continue
        for query in queries(route, value):
            count += 1
            status = outcome(lambda address=address, query=query: client.get(address, query))
            if is_fault(status):
                faults[route, tuple(query)] = status
    record_property(CELLS, count)
    assert faults == {}


def filters():
    """Every parameter of every list, as the description of the API names them."""
    for path, methods in SchemaGenerator().get_schema(request=None, public=True)["paths"].items():
        for parameter in methods.get("get", {}).get("parameters", ()):
            if parameter["in"] == "query":
                yield path, parameter["name"]


def test_no_filter_of_the_api_is_a_fault(company, record_property):  # noqa: F811
    api, faults, count = Rest(company.admin, company.at), {}, 0
    for path, name in filters():
        address = _address(
            path.removeprefix("/").replace("{id}", "<int:pk>").replace("{slug}", "<slug:slug>"), company.ids
        )
        if "{" in address:
            continue
        for value in QUERIES:
            count += 1
            status = outcome(
                lambda address=address, name=name, value=value: api.get(address, **{name: value})
            )
            if is_fault(status):
                faults[address, name, value[:20]] = status
    record_property(CELLS, count)
    assert faults == {}
    assert count > 500


def bodies():
    """Every body the API takes, by method and path, with the names of its fields."""
    schema = SchemaGenerator().get_schema(request=None, public=True)
    parts = schema["components"]["schemas"]
    for path, methods in schema["paths"].items():
        for method in ("post", "patch", "put"):
            content = (
                methods.get(method, {}).get("requestBody", {}).get("content", {}).get("application/json")
            )
            if content:
                yield method, path, sorted(fields(content["schema"], parts))


def fields(schema, parts):
    named = schema.get("$ref", "").rpartition("/")[2]
    schema = parts.get(named, schema)
    if schema.get("type") == "array":
        return fields(schema["items"], parts)
    found = set(schema.get("properties", {}))
    for other in (*schema.get("oneOf", ()), *schema.get("allOf", ()), *schema.get("anyOf", ())):
        found |= fields(other, parts)
    return found


def test_no_body_of_the_api_is_a_fault_and_every_page_opens_afterwards(company, record_property):  # noqa: F811
    api, faults, count = Rest(company.admin, company.at), {}, 0
    for method, path, names in bodies():
        address = _address(
            path.removeprefix("/").replace("{id}", "<int:pk>").replace("{slug}", "<slug:slug>"), company.ids
        )
        if "{" in address or "<" in address:
            continue
        for name in names:
            for what, value in WORST.items():
                count += 1
                body = json.dumps({name: value}).encode()
                status = outcome(
                    lambda method=method, address=address, body=body: api.send(method, address, body)
                )
                if is_fault(status):
                    faults[method, path, name, what] = status
    record_property(CELLS, count)
    assert faults == {}
    assert count > 1_000
    assert pages_that_fail(company) == {}


def pages_that_fail(company):  # noqa: F811
    client = Client()
    client.force_login(company.admin)
    addresses = {route: _address(route, company.ids) for route in ROUTES if not skipped(route)}
    opened = {
        route: outcome(lambda address=address: client.get(address))
        for route, address in addresses.items()
        if "<" not in address
    }
    return {route: status for route, status in opened.items() if is_fault(status)}


class Forms(HTMLParser):
    """The forms of a page that post: where to, and what they hold."""

    def __init__(self, html):
        super().__init__()
        self.found, self._open = [], None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            self._open = (
                (attrs.get("action") or "", {}) if attrs.get("method", "").lower() == "post" else None
            )
            self.found += [self._open] if self._open else []
        elif self._open and attrs.get("name") and tag in ("input", "textarea", "select", "button"):
            if attrs.get("type") not in ("file", "submit", "reset"):
                self._open[1].setdefault(attrs["name"], attrs.get("value") or "")

    def handle_endtag(self, tag):
        if tag == "form":
            self._open = None


KEPT = ("csrfmiddlewaretoken", "next", "_save", "nonce")


@pytest.mark.parametrize("what", ["nul", "long", "year 1"])
def test_no_form_of_a_page_or_the_admin_is_a_fault(company, what, record_property):  # noqa: F811
    client = Client()
    client.force_login(company.admin)
    value, faults, count = str(WORST[what]).encode(errors="surrogatepass").decode(errors="replace"), {}, 0
    for route in ROUTES:
        address = _address(route, company.ids)
        if "<" in address or skipped(route) or route.startswith("api/"):
            continue
        answer = client.get(address)
        if answer.streaming or answer.status_code != 200:
            continue
        for action, held in Forms(answer.content.decode(errors="replace")).found:
            target = action if action.startswith("/") else address
            if "logout" in target:
                continue
            count += 1
            sent = {name: old if name in KEPT or "_FORMS" in name else value for name, old in held.items()}
            status = outcome(lambda target=target, sent=sent: client.post(target, sent))
            if is_fault(status):
                faults[route, target] = status
    record_property(CELLS, count)
    assert faults == {}
    assert count > 40
    assert pages_that_fail(company) == {}
