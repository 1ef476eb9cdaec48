"""Print the funnel and what the pipeline earned."""

from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandParser

from deals.models import Deal
from reports import funnel


class Command(BaseCommand):
    help = "MQLs and won deals by month and origin, days to win, win rate, value, cycle, offices."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--zone", default="UTC", help="the time zone of days and months")

    def handle(self, *args: Any, **options: Any) -> None:
        zone = ZoneInfo(options["zone"])
        self._months("MQLs by month", funnel.mqls_by_month(zone=zone))
        self._months("Won by month", funnel.won_by_month(zone=zone))
        self._origins()
        self._figure("Conversion of MQLs", funnel.conversion())
        self._spread("Days from first contact to won", funnel.days_to_win(zone=zone))
        self._deals(zone)

    def _months(self, title: str, rows: list[Any]) -> None:
        self.stdout.write(
            f"{title}: " + (", ".join(f"{month:%Y-%m} {count}" for month, count in rows) or "none")
        )

    def _origins(self) -> None:
        self.stdout.write("By origin (MQLs / won):")
        for origin in funnel.by_origin():
            self.stdout.write(f"  {origin.source or '(blank)'}: {origin.mqls} / {origin.won}")

    def _deals(self, zone: ZoneInfo) -> None:
        stages = ", ".join(f"{code} {count}" for code, count in funnel.stages().items())
        self.stdout.write(f"Deals by stage: {stages or 'none'}")
        self._figure("Win rate", funnel.win_rate())
        value = funnel.won_value()
        if value.mean is not None and value.median is not None:
            told = f"total {value.total:,.2f}, mean {value.mean:,.2f}, median {value.median:,.2f}"
            self.stdout.write(f"Won value: {told}")
        self._spread("Cycle of closed deals", funnel.cycle(zone=zone))
        self._spread("Cycle of won deals", funnel.cycle(Deal.objects.won(), zone=zone))
        for office, total in funnel.won_by_office():
            self.stdout.write(f"Won by office {office or '(none)'}: {total:,.2f}")
        idle = ", ".join(str(rep) for rep in funnel.reps_without_deals())
        self.stdout.write(f"Reps without a deal: {idle or 'none'}")

    def _figure(self, title: str, figure: float | None) -> None:
        self.stdout.write(f"{title}: {'none' if figure is None else f'{figure:.6f}'}")

    def _spread(self, title: str, days: funnel.Spread) -> None:
        if days.count:
            told = f"median {days.median:g}, mean {days.mean:.3f}, p90 {days.p90:g}, most {days.most:g}"
            self.stdout.write(f"{title}: {told} (of {days.count})")
