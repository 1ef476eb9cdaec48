"""How well a replay of the agreements in force finds what really happened, and why it differs where it does.

The replay knows leads, people and agreements as they are today. Where they were different then, it may find something
else; every difference is looked up among the causes below, and one that fits none is said to be unexplained.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models import LedgerEntry
from leads.models import Lead, ScoringModel, VersionStatus
from sla.replay.contracts import contract_for
from sla.replay.facts import FACT, Answer, Handover
from sla.replay.history import History
from sla.replay.play import Side


class Cause(models.TextChoices):
    AGREEMENT = "agreement", _("another agreement was in force")
    SCORING = "scoring", _("another scoring model was active")
    EDITED = "edited", _("the lead, the person or the company was edited since")
    WITHDRAWN = "withdrawn", _("behaviour was taken back since")
    MERGED = "merged", _("the lead was merged since")
    PEOPLE = "people", _("the person does not sell any more")
    REBASED = "rebased", _("a manager put it under other terms")
    INSTANT = "instant", _("several were offered at the same instant, and their order is not kept")
    FOLLOWS = "follows", _("it follows from an earlier difference")
    UNKNOWN = "unknown", _("unexplained: leave, capacity or a company's owner may have changed since")


class What(models.TextChoices):
    MISSING = "missing", _("became an MQL, not in the replay")
    EXTRA = "extra", _("an MQL only in the replay")
    OWNER = "owner", _("given to somebody else")
    COURSE = "course", _("other due times or another end")


@dataclass(frozen=True, slots=True)
class Difference:
    at: datetime
    lead: int
    what: str
    cause: str = Cause.UNKNOWN


@dataclass(slots=True)
class Reproduction:
    """`mqls` really happened, and so many of them were found at the same moment; the same for handoffs."""

    mqls: int
    mqls_found: int
    handoffs: int
    handoffs_found: int
    differences: list[Difference] = field(default_factory=list)

    @property
    def share(self) -> float:
        return self.mqls_found / self.mqls if self.mqls else 1.0

    def causes(self) -> Counter[str]:
        return Counter(one.cause for one in self.differences)


def compare(history: History, side: Side) -> Reproduction:
    """Hold a replay of what is in force against what happened, lead by lead."""
    real = {(one.lead, one.at) for one in history.qualified}
    found = {(one.lead, one.at) for one in side.played.mqls}
    differences = [Difference(at, lead, What.MISSING) for lead, at in real - found]
    differences += [Difference(at, lead, What.EXTRA) for lead, at in found - real]
    pairs = [(row, row.answer) for row in side.played.handovers if row.basis == FACT and row.answer]
    others = [other for row, answer in pairs if (other := _against(row, answer))]
    offered = sum(one.offered_at >= history.since for one in history.answers)
    explained = _explained(differences + others, history, side)
    return Reproduction(len(real), len(real & found), offered, len(pairs) - len(others), explained)


def _against(row: Handover, answer: Answer) -> Difference | None:
    if row.given_to != answer.assignee:
        return Difference(row.offered_at, row.lead, What.OWNER)
    ours, theirs = ((one.due, one.ended_at, one.ended_as) for one in (row, answer))
    return None if ours == theirs else Difference(row.offered_at, row.lead, What.COURSE)


# -- why ------------------------------------------------------------------------------------------


def _explained(differences: Sequence[Difference], history: History, side: Side) -> list[Difference]:
    if not differences:
        return []
    ordered = sorted(differences, key=lambda one: (one.at, one.lead, one.what))
    causes, seen = _Causes(ordered, history, side), set[int]()
    explained = []
    for one in ordered:
        cause = causes.own(one) or (Cause.FOLLOWS if _follows(one, seen) else Cause.UNKNOWN)
        explained.append(replace(one, cause=cause))
        seen.add(one.lead)
    return explained


def _follows(one: Difference, seen: set[int]) -> bool:
    """One lead given to somebody else changes everybody's load, and so who gets the next."""
    return one.lead in seen or (one.what == What.OWNER and bool(seen))


class _Causes:
    """What has changed since for the leads that differ, looked up once."""

    def __init__(self, differences: Sequence[Difference], history: History, side: Side) -> None:
        leads = {one.lead for one in differences}
        columns = ("pk", "contact", "account", "merged_into")
        self._leads = {pk: rest for pk, *rest in Lead.objects.filter(pk__in=leads).values_list(*columns)}
        self._edited = self._last(("lead.edited", "contact.edited", "account.edited"), differences[0].at)
        self._withdrawn = self._last(("lead.events_withdrawn",), differences[0].at)
        self._rebased = self._last(("handoff.rebased",), differences[0].at)
        self._scored_at = ScoringModel.objects.filter(status=VersionStatus.ACTIVE).values_list(
            "activated_at", flat=True
        )
        self._selling = {seller.user for seller in history.sellers}
        self._given = {(one.lead, one.offered_at): one.assignee for one in history.answers}
        self._at_once = Counter(one.offered_at for one in history.answers)
        self._begun = {
            lead: contract.agreement.effective_from
            for lead in leads
            if (contract := contract_for(side.contracts, side.segments.get(lead)))
        }

    def _last(self, kinds: Sequence[str], since: datetime) -> dict[tuple[str, int], datetime]:
        """The last such entry about each record, by what it is about; entries of handoffs count for the person."""
        entries = LedgerEntry.objects.filter(kind__in=kinds, at__gte=since).order_by("at", "pk")
        found: dict[tuple[str, int], datetime] = {}
        for what, subject, contact, at in entries.values_list("subject_type", "subject_id", "contact", "at"):
            found[("contact", contact) if what == "handoff" else (what, subject)] = at
        return found

    def own(self, one: Difference) -> str:
        """The cause that lies with this lead; '' when there is none."""
        _contact, _account, merged = self._leads.get(one.lead, (None, None, None))
        scored_at = next(iter(self._scored_at), None)
        holds = {
            Cause.AGREEMENT: _is_later(self._begun.get(one.lead), one.at),
            Cause.SCORING: _is_later(scored_at, one.at),
            Cause.MERGED: merged is not None,
            Cause.WITHDRAWN: self._is_after(self._withdrawn, one),
            Cause.REBASED: one.what == What.COURSE and self._is_after(self._rebased, one),
            Cause.PEOPLE: one.what == What.OWNER and self._has_gone(one),
            Cause.EDITED: self._is_after(self._edited, one),
            Cause.INSTANT: one.what == What.OWNER and self._at_once[one.at] > 1,
        }
        return next((cause for cause, is_so in holds.items() if is_so), "")

    def _is_after(self, last: dict[tuple[str, int], datetime], one: Difference) -> bool:
        contact, account, _merged = self._leads.get(one.lead, (0, 0, None))
        about = (("lead", one.lead), ("contact", contact), ("account", account))
        return any(_is_later(last.get(key), one.at) for key in about)

    def _has_gone(self, one: Difference) -> bool:
        owner = self._given.get((one.lead, one.at))
        return owner is not None and owner not in self._selling


def _is_later(moment: datetime | None, at: datetime) -> bool:
    return moment is not None and moment > at
