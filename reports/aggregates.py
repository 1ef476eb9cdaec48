"""Aggregates Django does not bring."""

from __future__ import annotations

from django.db.models import Aggregate


class Percentile(Aggregate):
    """PERCENTILE_CONT: between two ranks it is interpolated."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
