"""How the figures went over time: a row a day and rule, so that the trend reads nothing else."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Sum

from crm.models import User
from leads.models import QualityFigure, QualityTally
from leads.quality import looking
from leads.quality.catalogue import GROUPS, RULES
from leads.quality.marks import SOUND

# Days are kept for five weeks, then only the Mondays.
KEPT_DAYS, MONDAY = timedelta(weeks=5), 2
WEEKS = 26


def snapshot(*, at: datetime) -> int:
    """Write the figures of the day; a second look on the same day replaces the first. How many rows it wrote."""
    today = at.astimezone(looking.zone()).date()
    told = QualityTally.objects.filter(mark__in=["", SOUND, *RULES, *GROUPS]).counted_by("source")
    rows = [QualityFigure(on=today, source=source, rule=mark, count=n) for source, mark, n in told if n]
    with transaction.atomic():
        QualityFigure.objects.filter(on=today).delete()
        QualityFigure.objects.bulk_create(rows, ignore_conflicts=True)
        old = QualityFigure.objects.filter(on__lt=today - KEPT_DAYS)
        old.exclude(on__week_day=MONDAY).delete()
    return len(rows)


def weeks(
    user: User, *, on: date, source: str | None = None, most: int = WEEKS
) -> list[tuple[date, dict[str, int]]]:
    """(Monday, leads by rule) of each of the last weeks that was looked at: the last look of the week."""
    rows = QualityFigure.objects.visible_to(user).filter(on__gt=on - timedelta(weeks=most), on__lte=on)
    if source is not None:
        rows = rows.filter(source=source)
    latest: dict[date, date] = {}
    for day in rows.order_by("on").values_list("on", flat=True).distinct():
        latest[day - timedelta(days=day.weekday())] = day
    told: dict[date, dict[str, int]] = {day: {} for day in latest.values()}
    for day, rule, n in (
        rows.filter(on__in=told).order_by().values_list("on", "rule").annotate(n=Sum("count"))
    ):
        told[day][rule] = n
    return [(monday, told[day]) for monday, day in sorted(latest.items())]
