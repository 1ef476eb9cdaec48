"""Where in a row something stands: `answers[type=email].email | contact.email`. Pure."""

from __future__ import annotations

import re
from typing import Any

_STEP = re.compile(r"(?P<name>[^.\[\]]+)|\[(?P<item>\d+)\]|\[(?P<key>[^\[\]=]+)=(?P<value>[^\[\]]*)\]")


def find(row: Any, place: str) -> Any:
    """What stands at a place, the first that is there of several; None where nothing does."""
    for one in place.split("|"):
        found = _at(row, one.strip())
        if found not in (None, "", [], {}):
            return found
    return None


def text(row: Any, place: str) -> str:
    """The same as text; what is no single value is none."""
    found = find(row, place) if place else None
    return "" if found is None or isinstance(found, (dict, list)) else str(found).strip()


def is_place(place: str) -> bool:
    return all(one.strip() and _steps(one.strip()) for one in place.split("|"))


def _at(row: Any, place: str) -> Any:
    if isinstance(row, dict) and place in row:  # names of columns hold dots and brackets of their own
        return row[place]
    for step in _steps(place):
        row = _into(row, step)
    return row


def _steps(place: str) -> list[re.Match[str]]:
    steps = list(_STEP.finditer(place))
    return steps if sum(len(step[0]) for step in steps) + place.count(".") >= len(place) else []


def _into(row: Any, step: re.Match[str]) -> Any:
    if step["name"] is not None:
        return row.get(step["name"]) if isinstance(row, dict) else None
    if not isinstance(row, list):
        return None
    if step["item"] is not None:
        return row[int(step["item"])] if int(step["item"]) < len(row) else None
    matching = (
        item for item in row if isinstance(item, dict) and str(item.get(step["key"])) == step["value"]
    )
    return next(matching, None)
