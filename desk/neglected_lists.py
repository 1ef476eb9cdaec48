"""The leads nobody touches, the most valuable first: how they are asked for, and what is done with them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Max, Subquery
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.components.faces import LEAD
from crm.components.tables import Column, Filter, Option
from crm.models import User
from desk.record_lists import Order, ordered, owner_filter, with_owner
from leads import lifecycle, neglect
from leads.models import OPEN_STAGES, Lead, Programme
from sla.models import BulkKind

COLUMNS = [
    Column("name", gettext_lazy("Person"), "name"),
    Column("company", gettext_lazy("Company"), "company"),
    Column("size", gettext_lazy("Employees"), "size", numeric=True, falls_first=True),
    Column("score", gettext_lazy("Score"), "score", numeric=True, falls_first=True),
    Column("stage", gettext_lazy("Stage")),
    Column("owner", gettext_lazy("Owner")),
    Column("touched", gettext_lazy("Last touch"), numeric=True),
    Column("active", gettext_lazy("Last behaviour"), "active", numeric=True, falls_first=True),
]
ORDERS = {
    "name": Order("contact__last_name"),
    "company": Order("account__name", nullable=True),
    "size": Order("account__employee_count", nullable=True),
    "score": Order("score__rank"),
    "active": Order("score__active_at", nullable=True),
    "came": Order("captured_at"),
}
DEFAULT = "-score"
DAYS, USUAL = ("14", "30", "60", "90", "180"), 30
LONGEST = 3650
SOURCES = 30


def days_of(query: QueryDict) -> int:
    """Any number of days may be asked for; what is no number asks for the usual thirty."""
    asked = query.get("days", "")
    is_number = asked.isascii() and asked.isdigit() and len(asked) < 6
    return min(max(int(asked), 1), LONGEST) if is_number else USUAL


def matching(user: User, query: QueryDict, at: datetime) -> Any:
    """Neglected leads the person sees, narrowed by stage, source and owner."""
    rows = Lead.objects.visible_to(user).neglected(at, days=days_of(query))
    if stages := [stage for stage in query.getlist("stage") if stage in OPEN_STAGES]:
        rows = rows.filter(stage__in=stages)
    if source := query.get("source", "").replace("\0", ""):
        rows = rows.filter(source=source)
    return with_owner(rows, query, user)


def listed(user: User, query: QueryDict, at: datetime) -> Any:
    weight = lifecycle.current_decay().weight(at)
    rows = matching(user, query, at).with_people().with_score(1 / weight)
    last = neglect.touches().values("contact").annotate(last=Max("occurred_at")).values("last")
    return ordered(rows.annotate(touched_at=Subquery(last)), query, ORDERS, DEFAULT)


def filters(user: User) -> list[Filter]:
    sources = Lead.objects.sources_seen_by(user, most=SOURCES)
    waits = [Option(days, _("%(n)s days") % {"n": days}) for days in DAYS]
    stages = [Option(stage, LEAD[stage].label) for stage in OPEN_STAGES if stage not in ("sal", "sql")]
    return [
        Filter("days", _("No touch for"), waits, default=str(USUAL)),
        Filter("stage", _("Stage"), stages, many=True),
        Filter("source", _("Source"), [Option(source, source) for source in sources]),
        owner_filter(user, _("Owner"), _("Me")),
    ]


def cells(lead: Any) -> Iterable[object]:
    account = lead.account
    yield from (lead.contact.full_name, lead.contact.email, account.name if account else "")
    yield from (account.employee_count if account else None, round(lead.points_now, 1), lead.score.grade)
    yield from (
        str(lead.get_stage_display()),
        lead.source,
        str(lead.owner or ""),
        lead.touched_at,
        lead.captured_at,
    )


class TendForm(forms.Form):
    """A programme for the leads that are chosen, or somebody who takes them over."""

    programme = forms.ModelChoiceField(
        Programme.objects.none(),
        label=gettext_lazy("Programme"),
        empty_label=gettext_lazy("Which programme?"),
        error_messages={"required": gettext_lazy("Choose a programme first.")},
        widget=forms.Select({"class": "input"}),
    )
    assignee = forms.ModelChoiceField(
        User.objects.none(),
        label=gettext_lazy("To whom"),
        required=False,
        empty_label=gettext_lazy("Whose turn it is"),
        widget=forms.Select({"class": "input"}),
    )
    note = forms.CharField(label=gettext_lazy("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, user: User, deed: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        programmes, people = self.fields["programme"], self.fields["assignee"]
        programmes.required = deed == BulkKind.ENROL
        programmes.queryset = Programme.objects.visible_to(user).order_by("name", "pk")  # type: ignore[attr-defined]
        sellers = User.objects.visible_to(user).sellers().order_by("last_name", "pk")
        people.queryset = sellers  # type: ignore[attr-defined]
