"""Batches of rows: every row is checked by itself, so that bad ones do not spoil the good."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError, ValidationError

from crm.api.fields import Input
from crm.api.parsing import MOST_ROWS, BadLine
from crm.api.problems import pointed

# Good rows, and the errors of bad ones, each with its place.
Checked = tuple[list[tuple[int, dict[str, Any]]], list[tuple[int, list[dict[str, str]]]]]


def insist_on_rows(data: Any) -> list[Any]:
    """The body as 1 to 10 000 rows; raises a 400."""
    if not isinstance(data, list):
        raise ParseError(_("Send an array of rows, or one row per line as application/x-ndjson."))
    if not data or len(data) > MOST_ROWS:
        raise ParseError(_("Send 1 to %(most)d rows at once.") % {"most": MOST_ROWS})
    return data


def checked_rows(form: type[Input], rows: list[Any]) -> Checked:
    """Good rows with their place, and the errors of the bad ones with theirs."""
    read = [form.quickly(row) for row in rows]
    good = [(place, values) for place, values in enumerate(read) if values is not None]
    if len(good) == len(rows):
        return good, []
    others = [(place, row) for place, row in enumerate(rows) if read[place] is None]
    more, bad = _checked_one_by_one(form, others)
    return sorted([*good, *more], key=itemgetter(0)), bad


def _checked_one_by_one(form: type[Input], rows: list[tuple[int, Any]]) -> Checked:
    good, bad, checker = [], [], form()
    for place, row in rows:
        if isinstance(row, BadLine):
            bad.append((place, [{"pointer": "", "detail": row.detail, "code": "parse_error"}]))
            continue
        try:
            good.append((place, checker.run_validation(row)))
        except ValidationError as error:
            bad.append((place, pointed(error.detail)))
    return good, bad
