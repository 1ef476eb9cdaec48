"""What every table shares."""

from __future__ import annotations

from datetime import UTC, date, datetime

from django.db import models
from django.db.models import CheckConstraint, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2200, 1, 1)
FIRST_MOMENT, LAST_MOMENT = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class Stamped(models.Model):
    """`created_at` and `updated_at` serve delta sync alone; reports read the ledger."""

    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True, editable=False)

    class Meta:
        abstract = True


def sane_moments(*fields: str, name: str) -> CheckConstraint:
    """Datetimes between 1900 and 2200: a slip of the keyboard must not make a BC row."""
    return _within(fields, FIRST_MOMENT, LAST_MOMENT, name)


def sane_days(*fields: str, name: str) -> CheckConstraint:
    """Dates between 1900 and 2200."""
    return _within(fields, FIRST_DAY, LAST_DAY, name)


def _within(fields: tuple[str, ...], low: object, high: object, name: str) -> CheckConstraint:
    condition = Q()
    for field in fields:
        condition &= Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__gte": low, f"{field}__lt": high})
    return CheckConstraint(
        condition=condition,
        name=name,
        violation_error_message=_("Enter a date between 1900 and 2199."),
    )
