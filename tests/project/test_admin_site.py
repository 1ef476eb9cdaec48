"""The admin as marketing's workplace: groups of the work, what waits, and its own name for every page."""

import pytest
from django.contrib import admin
from django.urls import reverse

from project.admin_site import GROUPS, IN_HEAD, grouped
from sla import feedback, handoffs
from sla.models import Feedback


@pytest.fixture
def marketer(cast, client, clock):
    client.force_login(cast.marketer)
    return client


def test_every_model_that_is_named_in_a_group_is_there():
    known = {model._meta.label for model in admin.site._registry}
    assert {label for _name, labels in GROUPS for label in labels} | set(IN_HEAD) <= known


def test_nothing_is_left_out_of_the_groups(rf, cast):
    request = rf.get("/admin/")
    request.user = cast.admin
    whole = [model for app in admin.AdminSite.get_app_list(admin.site, request) for model in app["models"]]
    shown = [
        model
        for group in grouped(admin.AdminSite.get_app_list(admin.site, request))
        for model in group["models"]
    ]
    assert sorted(model["object_name"] for model in shown) == sorted(model["object_name"] for model in whole)


def test_the_first_page_says_what_waits_and_opens_it(cast, marketer):
    handoffs.accept(cast.handoff(), by=cast.rep, at=cast.at)
    page = marketer.get(reverse("admin:index"))
    [(words, url)] = page.context["waiting"]
    assert words == "1 answer from sales waits to be reviewed."
    assert marketer.get(url).context["cl"].queryset.count() == 1
    feedback.review(list(Feedback.objects.all()), conclusion="Good.", by=cast.marketer, at=cast.at)
    assert marketer.get(reverse("admin:index")).context["waiting"] == []
    assert marketer.get(url).context["cl"].queryset.count() == 0


def test_a_page_is_headed_by_what_it_shows(cast, marketer):
    row = cast.handoff(last_name="小野寺", first_name="健太郎")
    assert "<h1>Leads</h1>" in marketer.get(reverse("admin:leads_lead_changelist")).content.decode()
    page = marketer.get(reverse("admin:leads_lead_change", args=[row.lead_id])).content.decode()
    assert "<h1>小野寺 健太郎</h1>" in page
    assert reverse("desk:lead-detail", args=[row.lead_id]) in page


def test_a_lead_is_shown_with_its_state(cast, marketer):
    lead = cast.handoff().lead
    shown = marketer.get(reverse("admin:leads_lead_change", args=[lead.pk])).context["adminform"]
    fields = {line.fields[0] for fieldset in shown for line in fieldset}
    assert {"stage", "stage_at", "points", "waits_until", "rounds"} <= fields
    assert shown.form.fields == {}


def test_dates_are_written_as_on_the_pages(cast, marketer):
    handoffs.accept(cast.handoff(), by=cast.rep, at=cast.at)
    assert "1 Jun 2026 10:00" in marketer.get(reverse("admin:sla_feedback_changelist")).content.decode()


def test_the_head_leads_to_what_a_person_may_see(cast, marketer):
    page = marketer.get(reverse("admin:leads_lead_changelist"))
    assert page.context["head_current"] == {
        "name": "Leads",
        "admin_url": reverse("admin:leads_lead_changelist"),
    }
    assert len(page.context["head_links"]) == len(IN_HEAD)
    assert admin.site.each_context(page.wsgi_request)["head_links"] == page.context["head_links"]
    marketer.logout()
    assert marketer.get(reverse("admin:login")).context["head_links"] == []
