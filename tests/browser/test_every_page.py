"""Every page a person can reach by links: readable, nothing cut off on any screen, and in their language throughout."""

import re
from decimal import Decimal
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.urls import Resolver404, resolve

from tests.support.browsing import DESKTOP, PHONE, WIDE

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CATALOGUE = Path(settings.BASE_DIR) / "locale/ja/LC_MESSAGES/django.po"
MOST_PAGES = 60
LOOKS = {
    "phone": {"viewport": PHONE, "color_scheme": "dark"},
    "desktop": {"viewport": DESKTOP, "color_scheme": "light"},
    "wide": {"viewport": WIDE, "color_scheme": "dark"},
}
# A page of its own kind, or none of ours.
LEFT_OUT = re.compile(r"^/(admin|api|accounts/logout|static)\b|/export/|\.csv")


def english():
    """Sentences that stand in English in the catalogue and differently in Japanese."""
    with CATALOGUE.open("rb") as handle:
        messages = list(read_po(handle, locale="ja"))
    plain = [m for m in messages if isinstance(m.id, str) and m.id and "%" not in m.id and m.string != m.id]
    return [message.id for message in plain if len(message.id.split()) >= 3]


@pytest.fixture
def cast(live_server):
    from crm import present
    from tests.support.cast import gather

    return gather(present.now())


def work(cast):
    """Something on every list."""
    from crm import present
    from sla import handoffs
    from sla.handoffs import Opportunity

    long = {
        "last_name": "長宗我部",
        "first_name": "左衛門尉元親",
        "company": "株式会社日本総合情報通信システムズ東日本",
    }
    running, answered, won = (cast.handoff(**long) for _ in range(3))
    at = present.now()
    handoffs.contact(answered, channel="call", outcome="reached", by=cast.rep, at=at)
    handoffs.reject(answered, reason="no-budget", comment="来期に再検討", by=cast.rep, at=at)
    handoffs.contact(won, channel="call", outcome="reached", by=cast.rep, at=at)
    handoffs.accept(won, by=cast.rep, at=at)
    handoffs.convert(won, Opportunity(name="監視基盤の更新", amount=Decimal(4_800_000)), by=cast.rep, at=at)
    return running


def kind_of(path):
    """Pages of one view are one page; what a query changes is not another."""
    try:
        match = resolve(path)
    except Resolver404:
        return path
    return match.view_name or path


def links(page):
    hrefs = page.eval_on_selector_all("a[href]", "all => all.map(one => one.getAttribute('href'))")
    paths = [href.partition("#")[0].partition("?")[0] for href in hrefs if href.startswith("/")]
    return [path for path in paths if path and not LEFT_OUT.search(path)]


def walk(visitor, start="/"):
    """Each page once, breadth first."""
    waiting, seen = [start], {kind_of(start)}
    for _ in range(MOST_PAGES):
        if not waiting:
            return
        path = waiting.pop(0)
        page = visitor.open(path)
        yield path, page
        for other in links(page):
            if kind_of(other) not in seen:
                seen.add(kind_of(other))
                waiting.append(other)
    raise AssertionError(f"more pages than {MOST_PAGES}: {waiting}")


@pytest.mark.parametrize(
    ("who", "look", "language"),
    [("rep", "phone", "ja"), ("manager", "desktop", "ja"), ("marketer", "wide", "en")],
)
def test_every_page_is_accessible_whole_and_in_the_persons_language(visit, cast, who, look, language):
    from crm.models import User

    work(cast)
    person = getattr(cast, who)
    User.objects.filter(pk=person.pk).update(language=language)
    visitor, found = visit(person, reduced_motion="reduce", **LOOKS[look]), []
    foreign = english() if language == "ja" else []
    for path, page in walk(visitor):
        text = page.locator("body").inner_text()
        found += [f"{path}: {line}" for line in visitor.violations()]
        found += [f"{path} scrolls sideways at {width}" for width in visitor.too_narrow()]
        found += [f"{path} says: {words}" for words in foreign if words in text]
    assert found + visitor.problems == []


@pytest.mark.parametrize(("who", "look"), [("manager", "phone"), ("marketer", "desktop")])
def test_an_empty_company_has_pages_that_say_what_to_do(visit, cast, who, look):
    visitor, found = visit(getattr(cast, who), reduced_motion="reduce", **LOOKS[look]), []
    for path, _page in walk(visitor):
        found += [f"{path}: {line}" for line in visitor.violations()]
        found += [f"{path} scrolls sideways at {width}" for width in visitor.too_narrow()]
    assert found + visitor.problems == []
