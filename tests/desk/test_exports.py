"""Every list can be taken along as a file: as it is asked for, whole, and safe."""

from __future__ import annotations

import re

import pytest
from django.http import QueryDict, StreamingHttpResponse
from django.urls import get_resolver, reverse

from crm import downloads
from tests.support.files import brought, people

pytestmark = pytest.mark.django_db
LINK = re.compile(r'href="([^"]+\.csv[^"]*)"')


def lists() -> list[str]:
    """The names of every page that is a list and needs no record to be named."""
    found = []
    for space in ("desk", "reports", "sla"):
        _prefix, resolver = get_resolver().namespace_dict[space]
        names = [name for name in resolver.reverse_dict if isinstance(name, str)]
        found += [f"{space}:{name}" for name in names if name.endswith("-list")]
    return [name for name in sorted(found) if not resolver_needs_arguments(name)]


def resolver_needs_arguments(name: str) -> bool:
    space, _sign, page = name.partition(":")
    _prefix, resolver = get_resolver().namespace_dict[space]
    return all(parameters for route in resolver.reverse_dict.getlist(page) for _form, parameters in route[0])


def test_every_list_offers_itself_as_a_file_and_the_file_answers(client, cast):
    brought(people(3), cast.admin, cast.at)
    client.force_login(cast.admin)
    names = lists()
    assert {"desk:lead-list", "desk:account-list", "desk:deal-list", "desk:handoff-list"} <= set(names)
    for name in names:
        page = client.get(reverse(name)).content.decode()
        links = LINK.findall(page)
        assert links, f"{name} has no export"
        answer = client.get(links[0].replace("&amp;", "&"))
        assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv; charset=utf-8"), name


def body(answer) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_a_long_list_is_read_while_it_is_sent(monkeypatch):
    asked = []

    def rows():
        for number in range(downloads.AT_ONCE * 2):
            asked.append(number)
            yield (number,)

    answer = downloads.table("long", ["n"], rows())
    assert isinstance(answer, StreamingHttpResponse)
    assert len(asked) <= downloads.AT_ONCE
    assert len(body(answer).splitlines()) == downloads.AT_ONCE * 2 + 1


def test_cells_are_safe_and_numbers_stay_numbers():
    answer = downloads.table("x", ["a"], [["=1+1"], ["+81 3"], ["@x"], ["\tx"], [-5], ["-5"]])
    assert body(answer).decode("utf-8-sig").splitlines() == [
        "a",
        "'=1+1",
        "'+81 3",
        "'@x",
        "'\tx",
        "-5",
        "'-5",
    ]


@pytest.mark.parametrize(("name", "encoding"), [("髙﨑", "cp932"), ("Renée 😀", "utf-8-sig")])
def test_shift_jis_is_kept_to_where_every_character_fits(name, encoding):
    answer = downloads.table("x", ["a"], [[name]], QueryDict("encoding=cp932"))
    assert body(answer).decode(encoding).split() == ["a", *name.split()]


def test_the_whole_filtered_list_is_exported_not_its_page(client, cast):
    brought(people(60), cast.admin, cast.at)
    client.force_login(cast.admin)
    text = body(client.get(reverse("desk:lead-export"), {"q": "Person 5"})).decode()
    assert text.count("@firm") == 11  # 5, and 50 to 59: a single character begins a word
    assert body(client.get(reverse("desk:lead-export"))).count(b"@firm") == 60
