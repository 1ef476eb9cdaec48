"""Working calendars: when a team is open for business. `sla.clock` computes with them."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.base import Stamped, sane_days
from crm.models.people import validate_zone
from crm.querysets import BatonQuerySet

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def office_hours() -> dict[str, list[list[str]]]:
    """Monday to Friday, nine to six."""
    return {day: [["09:00", "18:00"]] for day in WEEKDAYS[:5]}


def validate_windows(value: Any) -> None:
    """`{"mon": [["09:00", "12:00"], ["13:00", "18:00"]], …}`, each day's windows in order."""
    complaint = ValidationError(
        _(
            'Write the windows as {"mon": [["09:00", "12:00"], ["13:00", "18:00"]]}, in order and without overlap.'
        )
    )
    if not isinstance(value, dict) or not set(value) <= set(WEEKDAYS):
        raise complaint
    for windows in value.values():
        try:
            edges = [_minutes(edge) for start, end in windows for edge in (start, end)]
        except (TypeError, ValueError):
            raise complaint from None
        if any(
            later <= earlier for earlier, later in zip(edges[::2], edges[1::2], strict=True)
        ) or edges != sorted(edges):
            raise complaint


def _minutes(edge: str) -> int:
    hours, minutes = (int(part) for part in edge.split(":"))
    if not (0 <= minutes < 60 and 0 <= hours * 60 + minutes <= 24 * 60):
        raise ValueError(edge)
    return hours * 60 + minutes


class Calendar(Stamped):
    name = models.CharField(_("name"), max_length=120, unique=True)
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="Asia/Tokyo", validators=[validate_zone]
    )
    holiday_country = models.CharField(
        _("public holidays of"),
        max_length=2,
        blank=True,
        default="JP",
        help_text=_("ISO country code; empty for none."),
    )
    windows = models.JSONField(_("working windows"), default=office_hours, validators=[validate_windows])
    always_open = models.BooleanField(
        _("clock hours"), default=False, help_text=_("Count every hour of every day.")
    )

    objects = BatonQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("working calendar"), _("working calendars")

    def __str__(self) -> str:
        return self.name


class Closure(models.Model):
    """A day on which the company is closed besides public holidays."""

    calendar = models.ForeignKey(
        Calendar, on_delete=models.CASCADE, related_name="closures", verbose_name=_("calendar")
    )
    day = models.DateField(_("day"))
    name = models.CharField(_("name"), max_length=120, blank=True)

    objects = BatonQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("closed day"), _("closed days")
        constraints = [
            models.UniqueConstraint(fields=["calendar", "day"], name="closure_once"),
            sane_days("day", name="closure_day_sane"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.name}".strip()
