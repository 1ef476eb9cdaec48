"""How good the data is: by source, by month captured, by rule, and over time."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from crm import access, present
from crm.pages import person
from leads.quality import walking
from leads.quality.catalogue import GROUPS
from leads.quality.figures import Line
from reports import exporting, filters, links, quality, quality_tables, tables
from reports.facets import Lens
from reports.quality import Asked
from reports.views import frame


@login_required
@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    asked = _asked(request)
    told = asked.count()
    lens = Lens(asked.at, asked.scope.period.zone)
    context = frame.context(
        request,
        frame.Asked(asked.scope, lens, asked.complaints),
        title=_("How good the data is"),
        zone=asked.scope.period.zone,
        lede=_("Leads by the day they were captured, as they are known now; without those ruled out."),
        filters=filters.of_audit(asked),
        total=told.whole.total,
        **_headline(asked, told.whole),
        groups=[quality_tables.rules(asked, group, told.whole) for group in GROUPS],
        sources=quality_tables.sources(asked, told.by_source),
        months=quality_tables.months(asked, told.by_month),
        export_url=links.address(reverse("reports:quality-export"), asked.query),
        progress=walking.progress(),
        may_look=access.sees_everything(asked.scope.user),
        **_over_time(asked),
        **_earlier(asked),
    )
    return render(request, "reports/quality.html", context)


def _asked(request: HttpRequest) -> Asked:
    return quality.read(request.GET, user=person(request), at=present.now())


def _headline(asked: Asked, whole: Line) -> dict[str, Any]:
    """All of it in one line."""
    share = quality.sound(whole)
    return {
        "sound": share,
        "sound_range": tables.interval(share),
        "grade": quality.grade(whole),
        "sound_url": quality_tables.to_list(asked, sound="yes") if whole.sound else "",
        "unsound_url": quality_tables.to_list(asked, sound="no") if share.part < share.whole else "",
        "kinds": [
            (label, quality_tables.of_group(asked, group, whole.groups[group]))
            for group, label in GROUPS.items()
        ],
    }


def _over_time(asked: Asked) -> dict[str, Any]:
    weeks = quality.trend(asked)
    return {"trend": quality_tables.trend(weeks) if weeks else None}


def _earlier(asked: Asked) -> dict[str, Any]:
    """The way to leads that are older than the days looked at."""
    count = quality.earlier(asked)
    everything = {**asked.query, "from": "1900-01-01", "to": str(asked.scope.period.last)}
    everything.pop("period", None)
    return {
        "earlier": count,
        "earlier_words": f"{count:,}" if count <= exporting.COUNTED else f"{exporting.COUNTED:,}+",
        "everything_url": links.address(reverse("reports:quality"), everything),
    }


@login_required
@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    asked = _asked(request)
    told = asked.count()
    header = [_("Section"), _("Item"), _("Figure"), _("Value")]
    split = [quality_tables.sources(asked, told.by_source), quality_tables.months(asked, told.by_month)]
    rows = quality_tables.rows_of_csv(asked, told.whole, split)
    return exporting.table("data-quality", header, rows)
