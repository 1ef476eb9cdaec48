"""The frame of every page: navigation with counts, and the moment the page was made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from crm import imports, present
from crm.components.faces import Words
from crm.models import Role
from crm.models.people import zones
from crm.pages import url_of as url_of
from sla.models import Agreement, Handoff

# label, name of the page, icon, key after g
PAGES: tuple[tuple[Words, str, str, str], ...] = (
    (_("Inbox"), "desk:inbox", "inbox", "i"),
    (_("Team today"), "desk:team", "people", "t"),
    (_("Leads"), "desk:lead-list", "lead", "l"),
    (_("Accounts"), "desk:account-list", "account", "a"),
    (_("Deals"), "desk:deal-board", "deal", "d"),
    (_("Handoffs"), "desk:handoff-list", "handoff", "h"),
    (_("SLA"), "sla:agreements", "sla", "s"),
    (_("Reports"), "reports:overview", "reports", "r"),
    (_("Scoring"), "desk:scoring", "spark", "o"),
    (_("Forms"), "admin:leads_captureform_changelist", "document", "f"),
    (_("Imports"), "desk:import-list", "upload", "u"),
    (_("Duplicates"), "desk:duplicate-list", "merge", "p"),
    (_("Admin"), "admin:index", "settings", "m"),
)
# Pages that only some people may open are not offered to the others.
ONLY_FOR: dict[str, Callable[[Any], bool]] = {
    "desk:team": lambda user: user.role in (Role.MANAGER, Role.ADMIN),
    "desk:scoring": lambda user: user.role in (Role.MARKETER, Role.ADMIN),
    "admin:leads_captureform_changelist": lambda user: user.role in (Role.MARKETER, Role.ADMIN),
    "desk:import-list": imports.may_import,
    "admin:index": lambda user: user.is_staff,
}
IN_BAR = 4


@dataclass(frozen=True, slots=True)
class Link:
    label: Words
    url: str
    icon: str
    go: str
    is_current: bool
    count: int = 0
    tone: str = ""


def frame(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    links = _links(request)
    return {
        "now": present.now(),
        "frame": {
            "nav": links[:IN_BAR],
            "more": links[IN_BAR:],
            "search_url": url_of("desk:search"),
            "preferences_url": url_of("desk:preferences"),
            "news_url": url_of("desk:news"),
            "unread": user.notifications.filter(read_at=None).count(),
            "zones": zones(),
            "may_import": imports.may_import(user),
        },
    }


def _links(request: HttpRequest) -> list[Link]:
    user = request.user
    offered = [page for page in PAGES if page[1] not in ONLY_FOR or ONLY_FOR[page[1]](user)]
    found = [(label, url_of(name), icon, go, name) for label, name, icon, go in offered]
    waiting = {
        "desk:inbox": Handoff.objects.of(user).unanswered().count(),
        "sla:agreements": Agreement.objects.awaiting(user).count(),
    }
    return [
        Link(
            label,
            url,
            icon,
            go,
            is_current=request.path.startswith(url),
            count=waiting.get(name, 0),
        )
        for label, url, icon, go, name in found
        if url
    ]
