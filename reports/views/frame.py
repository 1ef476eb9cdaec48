"""What every page of the reports starts from: the scope asked for, what was left out of it, and the way around."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy

from crm import present
from crm.components.faces import Words
from crm.models import Role
from reports import links, wishes
from reports.facets import Lens
from reports.periods import DEFAULT
from reports.scopes import Scope

PAGES: tuple[tuple[str, Words], ...] = (
    ("reports:overview", gettext_lazy("Overview")),
    ("reports:sla", gettext_lazy("SLA")),
    ("reports:funnel", gettext_lazy("Funnel")),
    ("reports:quality", gettext_lazy("Data quality")),
    ("reports:review", gettext_lazy("Review pack")),
    ("reports:scoring", gettext_lazy("Scoring")),
)
# Reports that are not for everybody, and for whom they are.
ONLY_FOR: dict[str, tuple[str, ...]] = {"reports:scoring": (Role.MARKETER, Role.MANAGER, Role.ADMIN)}


@dataclass(frozen=True, slots=True)
class Tab:
    label: Words
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as a report reads it."""

    scope: Scope
    lens: Lens
    complaints: list[str]

    @property
    def at(self) -> datetime:
        return self.lens.at


def asked(request: HttpRequest, *, default: str = DEFAULT) -> Asked:
    user: Any = request.user
    at = present.now()
    wish = wishes.read(request.GET, user=user, at=at, default=default)
    return Asked(wish.scope, Lens(at, wish.scope.period.zone), list(wish.complaints.values()))


def context(request: HttpRequest, wish: Asked, **more: Any) -> dict[str, Any]:
    """The tabs keep what was asked for, so that one walks from report to report with the same filters."""
    query = {name: request.GET[name] for name in wishes.KNOWN if request.GET.get(name)}
    here = request.resolver_match.view_name if request.resolver_match else ""
    tabs = [
        Tab(label, links.address(reverse(name), query if name != "reports:review" else {}), name == here)
        for name, label in PAGES
        if wish.scope.user.role in ONLY_FOR.get(name, Role.values)
    ]
    return {"tabs": tabs, "complaints": wish.complaints, "period": wish.scope.period, "now": wish.at, **more}
