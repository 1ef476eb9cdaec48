"""What the tests of the reports share."""

from __future__ import annotations

from typing import Any

import pytest

from reports import wishes
from reports.facets import Lens
from reports.scopes import Scope
from tests.support.cast import Cast
from tests.support.story import Story, tell

MONTH = {"from": "2026-06-01", "to": "2026-06-30"}


@pytest.fixture
def story(cast: Cast, clock: Any) -> Story:
    """Told, and looked at by pages at its end."""
    told = tell(cast)
    clock.set(told.now)
    return told


@pytest.fixture
def look(story: Story) -> Any:
    """`look(user, source="web")`: the scope of June, and the lens of the story's end."""

    def asked(user: Any, **query: str) -> tuple[Scope, Lens]:
        wish = wishes.read({**MONTH, **query}, user=user, at=story.now)
        assert wish.complaints == {}
        return wish.scope, Lens(story.now, wish.scope.period.zone)

    return asked
