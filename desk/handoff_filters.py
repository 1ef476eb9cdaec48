"""The questions the list of handoffs can be asked, as chips: the usual ones always, the others where they are asked."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import QueryDict
from django.utils import dates
from django.utils.translation import gettext as _

from crm.components.faces import HANDOFF, Words
from crm.components.tables import Filter, Option
from reports import filters
from reports.facets import NO, YES
from reports.scopes import Scope
from sla.handoffs.bant import CHOICES
from sla.judging import LABELS
from sla.models import BantField, RejectionReason

# What a list may be narrowed by, besides period, team, person, segment and source; see `reports.facets`.
FACETS = (
    "status", "response", "answer", "feedback", "said", "reason", "reviewed", "round", "weekday", "hour", "contacted",
    "paused", "reassigned", "mql", "complete", *BantField.values,
)  # fmt: skip


def of_list(scope: Scope, query: QueryDict) -> list[Filter]:
    sources = _sources(scope)
    whose = [one for one in filters.of_report(scope, sources) if one.name != "period"]
    rare = [one for one in _rare() if query.get(one.name)]
    return [
        filters.period(),
        _status(),
        _promise("response", _("First contact")),
        _reason(),
        *whose,
        _round(),
        *rare,
    ]


def _sources(scope: Scope) -> list[str]:
    told = scope.handoffs().order_by("lead__source").values_list("lead__source", flat=True)
    return list(told.distinct()[: filters.MOST])


def _status() -> Filter:
    return Filter(
        "status", _("Status"), [Option(code, face.label) for code, face in HANDOFF.items()], many=True
    )


def _promise(name: str, label: str) -> Filter:
    return Filter(name, label, _options(LABELS.items()), many=True)


def _reason() -> Filter:
    known = RejectionReason.objects.order_by("position", "pk")
    return Filter("reason", _("Reason"), [Option(row.code, str(row)) for row in known], many=True)


def _round() -> Filter:
    options = [("1", _("First")), ("2", _("Second")), ("3", _("Third or later"))]
    return Filter("round", _("Round"), _options(options), many=True)


def _rare() -> list[Filter]:
    said = [("accepted", _("Accepted")), ("rejected", _("Rejected")), ("nothing", _("Nothing yet"))]
    weekdays = [(str(place + 1), name) for place, name in dates.WEEKDAYS.items()]
    return [
        _promise("answer", _("Accept or reject")),
        _promise("feedback", _("Feedback")),
        Filter("said", _("What sales said"), _options(said), many=True),
        Filter("weekday", _("Weekday of the offer"), _options(weekdays), many=True),
        Filter(
            "hour", _("Hour of the offer"), [Option(str(hour), f"{hour}:00") for hour in range(24)], many=True
        ),
        _whether("reviewed", _("Read by marketing")),
        _whether("contacted", _("First contact measured")),
        _whether("paused", _("Paused")),
        _whether("reassigned", _("Handed to somebody else")),
        _whether("mql", _("Counts as an MQL")),
        _whether("complete", _("Complete data")),
        *(Filter(field, field.label, _options(CHOICES[field].choices), many=True) for field in BantField),
    ]


def _whether(name: str, label: str) -> Filter:
    return Filter(name, label, [Option(YES, _("Yes")), Option(NO, _("No"))])


def _options(pairs: Iterable[tuple[str, Words]]) -> list[Option]:
    return [Option(value, label) for value, label in pairs]
