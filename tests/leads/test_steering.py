"""Correcting one lead."""

from __future__ import annotations

import pytest

from leads import steering
from leads.models import Lead, Stage
from leads.scoring import versions

pytestmark = pytest.mark.django_db


def test_the_leads_of_the_person_are_fitted_once(cast, monkeypatch):
    lead, fitted, real = cast.lead(), [], versions.refit
    Lead.objects.filter(pk=lead.pk).update(stage=Stage.CUSTOMER)
    again = cast.lead()
    Lead.objects.filter(pk=again.pk).update(contact=lead.contact)
    monkeypatch.setattr(
        versions, "refit", lambda leads, *rules: (fitted.append(sorted(leads)), real(leads, *rules))
    )
    steering.edit(again, by=cast.marketer, at=cast.at, job_title="部長")
    assert fitted == [[lead.pk, again.pk]]
    again.score.refresh_from_db()
    assert again.score.grade == "B"
