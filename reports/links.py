"""Where a figure leads: the list of exactly the handoffs it counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from reports.figures import FIGURES
from reports.scopes import Scope

HANDOFFS = "desk:handoff-list"


def handoffs(scope: Scope, **asked: Any) -> str:
    """The list of a scope's handoffs, narrowed by facets (see `reports.facets`)."""
    return f"{reverse(HANDOFFS)}?{urlencode({**scope.query, **asked}, doseq=True)}"


def figure(scope: Scope, name: str, **asked: Any) -> str:
    """The list of the handoffs a figure counts."""
    return handoffs(scope, **FIGURES[name], **asked)


def page(name: str, scope: Scope, **changes: Any) -> str:
    """A report's page about a scope."""
    return address(reverse(name), {**scope.query, **changes})


def address(path: str, query: Mapping[str, Any]) -> str:
    return f"{path}?{urlencode(query, doseq=True)}" if query else path
