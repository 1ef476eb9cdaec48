"""Enrol leads into nurture programmes, and let them leave."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from crm import ledger
from crm.models import User
from leads.facts import about
from leads.models import Enrolment, Lead, Programme


def enrol(
    leads: Sequence[int], programme: Programme, *, cause: str, by: User | None, at: datetime
) -> list[Enrolment]:
    """Put leads into a programme; one that is in it already stays as it is."""
    with transaction.atomic():
        inside = set(
            Enrolment.objects.running()
            .filter(programme=programme, lead__in=leads)
            .values_list("lead", flat=True)
        )
        newcomers = Lead.objects.filter(pk__in=set(leads) - inside).order_by("pk")
        rows = [
            Enrolment(programme=programme, lead=lead, entered_at=at, entered_by=by, cause=cause[:120])
            for lead in newcomers
        ]
        Enrolment.objects.bulk_create(rows, ignore_conflicts=True)
        ledger.record([_fact("nurture.entered", row, by, at) for row in rows])
    return rows


def leave(leads: Sequence[int], *, by: User | None, at: datetime) -> int:
    """End every running enrolment of these leads."""
    running = Enrolment.objects.running().filter(lead__in=leads)
    return end(list(running.order_by("pk").values_list("pk", flat=True)), by=by, at=at)


def end(enrolments: Sequence[int], *, by: User | None, at: datetime) -> int:
    """End these enrolments; how many were still running."""
    with transaction.atomic():
        rows = Enrolment.objects.running().filter(pk__in=enrolments).select_related("lead", "programme")
        running = list(rows.order_by("pk").select_for_update(of=("self",), no_key=True))
        Enrolment.objects.filter(pk__in=[row.pk for row in running]).update(ended_at=at)
        ledger.record([_fact("nurture.left", row, by, at) for row in running])
    return len(running)


def _fact(kind: str, row: Enrolment, by: User | None, at: datetime) -> ledger.Fact:
    return about(row.lead, kind, by=by, at=at, reason=row.cause, data={"programme": row.programme.code})
