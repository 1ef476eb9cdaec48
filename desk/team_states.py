"""Where a running handoff stands, as conditions of the database: the same groups as the inbox, counted for a team.

A count and the rows behind it come from one condition, so that they cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from crm.components import formats
from crm.components.faces import Words
from sla.models import Pause
from sla.querysets import holding

# code: label, tone, icon; in the order in which they call for somebody
STATES: dict[str, tuple[Words, str, str]] = {
    "overdue": (_("Overdue"), "late", "breached"),
    "soon": (_("Due soon"), "warn", "at-risk"),
    "today": (_("Today"), "plain", "clock"),
    "later": (_("Later"), "plain", "calendar"),
    "paused": (_("Paused"), "hold", "paused"),
    "feedback": (_("Waiting for feedback"), "accent", "contact"),
}
LATE_FEEDBACK = "late_feedback"


@dataclass(frozen=True, slots=True)
class States:
    """The conditions at one moment, for somebody with a time zone of their own."""

    at: datetime

    def of(self, code: str) -> Q:
        """The condition of a state; each running handoff is in exactly one."""
        return self._conditions()[code]

    def counts(self) -> dict[str, Count]:
        """A count of each, for `annotate` or `aggregate`."""
        every = self._conditions() | {LATE_FEEDBACK: self._late_feedback()}
        return {code: Count("pk", filter=condition) for code, condition in every.items()}

    def _conditions(self) -> dict[str, Q]:
        waits, told = Q(first_contact_at=None), Q(first_contact_at__isnull=False)
        late = Q(respond_by__lt=self.at) & ~Q(holding("respond_by"))
        held = Q(_is_held()) & ((waits & ~late) | (told & ~self._outcome_is_late()))
        ahead = waits & ~late & ~Q(_is_held())
        return {
            "overdue": waits & late,
            "soon": ahead & Q(warn_at__lte=self.at),
            "today": ahead & Q(warn_at__gt=self.at, respond_by__lt=self._midnight()),
            "later": ahead & Q(warn_at__gt=self.at, respond_by__gte=self._midnight()),
            "paused": held,
            "feedback": told & ~held,
        }

    def _midnight(self) -> datetime:
        """The end of today, where the reader is."""
        here = formats.local(self.at)
        return datetime.combine(here.date() + timedelta(days=1), time(), tzinfo=here.tzinfo)

    def _late_feedback(self) -> Q:
        return Q(first_contact_at__isnull=False) & self._outcome_is_late()

    def _outcome_is_late(self) -> Q:
        """Accept or reject, or the outcome, whichever is asked next, was due before now and before any pause."""
        asks_first = Q(accepted_at=None, accept_by__lt=F("feedback_by"))
        first = asks_first & Q(accept_by__lt=self.at) & ~Q(holding("accept_by"))
        then = ~asks_first & Q(feedback_by__lt=self.at) & ~Q(holding("feedback_by"))
        return first | then


def _is_held() -> Any:
    return Exists(Pause.objects.filter(handoff=OuterRef("pk"), ends_at=None))
