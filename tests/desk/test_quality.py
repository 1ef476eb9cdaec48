"""Mending what the audit found: in the row, for many, and saying that it is right."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.urls import reverse

from crm import access, duplicates
from crm.matching.pairs import Pair
from crm.matching.rules import Verdict
from crm.models import Account, DuplicatePair, RecordKind
from leads.models import Confirmation
from leads.quality import walking
from tests.support.audit import look
from tests.support.cast import Cast

pytestmark = pytest.mark.django_db
LIST = "/leads/quality/"
WHOLE = {
    "phone": "03-3210-4567",
    "job_title": "部長",
    "source": "fair",
    "industry": "製造業",
    "employee_count": 300,
    "country": "日本",
    "consent": "granted",
}
HTMX = {"HX-Request": "true"}


def test_a_row_offers_what_its_rule_mends(cast: Cast, desk: Any) -> None:
    cast.lead(country="日本")
    lead = cast.lead()
    look(cast.at)
    text = desk(cast.marketer).get(f"{LIST}?rule=no-country").content.decode()
    assert f'<input type="hidden" name="leads" value="{lead.pk}">' in text
    assert '<option value="日本">' in text
    assert reverse("desk:quality-confirm") in text


def test_a_row_offers_nothing_to_who_sees_the_lead_but_may_not_change_it(cast: Cast, desk: Any) -> None:
    mine, theirs = cast.handoff().lead, cast.lead(last_name="小野寺")
    access.grant([(theirs.account_id, cast.rep.pk)])
    look(cast.at)
    text = desk(cast.rep).get(f"{LIST}?rule=no-country").content.decode()
    assert f'name="leads" value="{mine.pk}"' in text
    assert theirs.contact.full_name in text
    assert f'name="leads" value="{theirs.pk}"' not in text
    assert "Marketing can mend it." in text


def test_who_may_change_none_of_them_is_offered_nothing_for_many(cast: Cast, desk: Any) -> None:
    lead = cast.lead()
    access.grant([(lead.account_id, cast.rep.pk)])
    look(cast.at)
    text = desk(cast.rep).get(f"{LIST}?rule=no-country").content.decode()
    assert lead.contact.full_name in text
    assert "mend-form" not in text
    assert 'id="quality-bulk"' not in text


def test_without_a_rule_the_list_tells_everything_and_mends_nothing(cast: Cast, desk: Any) -> None:
    cast.lead()
    look(cast.at)
    text = desk(cast.marketer).get(f"{LIST}?group=missing").content.decode()
    assert "Country" in text
    assert "mend-form" not in text


def test_a_form_sent_without_javascript_leads_back_to_the_list(cast: Cast, desk: Any) -> None:
    lead, here = cast.lead(), f"{LIST}?rule=no-country&sort=name"
    said = {"rule": "no-country", "leads": lead.pk, "value": "日本", "next": here}
    answer = desk(cast.marketer).post("/leads/quality/mend/", said, follow=True)
    assert answer.redirect_chain == [(here, 302)]
    assert "1 record is corrected." in answer.content.decode()
    assert Account.objects.get(pk=lead.account_id).country == "日本"


def test_htmx_gets_the_row_as_it_is_now(cast: Cast, desk: Any) -> None:
    lead = cast.lead()
    said = {"rule": "no-country", "leads": lead.pk, "value": "日本"}
    answer = desk(cast.marketer).post("/leads/quality/mend/", said, headers=HTMX)
    text = answer.content.decode()
    assert text.lstrip().startswith("<tr")
    assert "1 record is corrected." in text
    assert '<span class="chip">Country</span>' not in text


def test_what_cannot_be_right_is_said_in_the_row_and_what_was_typed_is_kept(cast: Cast, desk: Any) -> None:
    lead = cast.lead(phone="")
    said = {"rule": "no-phone", "leads": lead.pk, "value": "12"}
    answer = desk(cast.marketer).post("/leads/quality/mend/", said, headers=HTMX)
    assert answer.status_code == 422
    assert 'value="12"' in answer.content.decode()
    assert "is not a telephone number" in answer.content.decode()


def test_many_are_set_at_once(cast: Cast, desk: Any) -> None:
    leads = [cast.lead().pk for _ in range(3)]
    said = {"rule": "no-industry", "leads": leads, "value": "製造業"}
    desk(cast.marketer).post("/leads/quality/mend/", said)
    assert list(Account.objects.values_list("industry", flat=True)) == ["製造業"] * 3


def test_right_as_it_is_is_remembered_and_undone(cast: Cast, desk: Any) -> None:
    lead = cast.lead()
    client = desk(cast.marketer)
    said = {"rule": "no-country", "leads": lead.pk, "next": f"{LIST}?rule=no-country"}
    page = client.post("/leads/quality/confirm/", said, follow=True)
    assert page.context["page"].rows == []
    undo = f"/leads/quality/doubt/?rule=no-country&amp;leads={lead.pk}"
    assert undo in page.content.decode()
    client.post(undo.replace("&amp;", "&"))
    assert not Confirmation.objects.exists()


@pytest.mark.parametrize("deed", ["mend", "confirm", "doubt"])
def test_nobody_mends_what_they_do_not_see(cast: Cast, desk: Any, deed: str) -> None:
    lead = cast.handoff().lead
    said = {"rule": "no-country", "leads": lead.pk, "value": "日本"}
    desk(cast.stranger).post(f"/leads/quality/{deed}/", said)
    assert Account.objects.get(pk=lead.account_id).country == ""
    assert not Confirmation.objects.exists()


def test_of_perhaps_one_person_the_pair_is_opened_and_nothing_is_waved_through(cast: Cast, desk: Any) -> None:
    one, other = cast.lead(), cast.lead()
    found = [Pair(*sorted((one.contact_id, other.contact_id)), Verdict(90, ("name",), ()))]
    duplicates.store(RecordKind.CONTACT, found, searched=[], at=cast.at)
    look(cast.at)
    text = desk(cast.marketer).get(f"{LIST}?rule=same-person").content.decode()
    assert text.count(reverse("desk:duplicate", args=[DuplicatePair.objects.get().pk])) == 2
    assert reverse("desk:quality-confirm") not in text


def test_without_a_filter_the_leads_are_listed_in_which_something_was_found(cast: Cast, desk: Any) -> None:
    poor, whole = cast.lead(), cast.lead(**WHOLE)
    look(cast.at)
    client = desk(cast.marketer)
    assert client.get(LIST).context["page"].rows == [poor]
    assert set(client.get(f"{LIST}?leads=all").context["page"].rows) == {poor, whole}


def test_of_a_rule_about_companies_it_is_told_how_many_there_are(cast: Cast, desk: Any) -> None:
    for address in ("a@betsu.co.jp", "b@betsu.co.jp", "c@kita.jp"):
        cast.lead(email=address)
    look(cast.at)
    client = desk(cast.marketer)
    assert client.get(f"{LIST}?rule=no-country").context["companies"] == 2
    assert client.get(f"{LIST}?rule=no-phone").context["companies"] is None


def test_marketing_has_all_looked_at_again_and_sales_does_not(cast: Cast, desk: Any) -> None:
    walking.complete(at=cast.at)
    assert desk(cast.rep).post("/leads/quality/look/").status_code == 403
    client = desk(cast.marketer)
    assert client.post("/leads/quality/look/").url == "/reports/quality/"
    page = client.get("/reports/quality/").content.decode()
    assert "All are being looked at again: 0%." in page
    assert "Look at all again" not in page


def test_nothing_chosen_is_said(cast: Cast, desk: Any) -> None:
    answer = desk(cast.marketer).post(
        "/leads/quality/mend/", {"rule": "no-country", "value": "x"}, follow=True
    )
    assert "Choose at least one lead first." in answer.content.decode()


def test_the_list_asks_as_much_for_many_as_for_one(
    cast: Cast, desk: Any, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client, url = desk(cast.marketer), f"{LIST}?rule=no-country"
    cast.lead()
    look(cast.at)
    with CaptureQueriesContext(connection) as one:
        client.get(url)
    for _ in range(9):
        cast.lead()
    look(cast.at)
    with django_assert_num_queries(len(one)):
        client.get(url)


def test_the_export_names_what_was_found(cast: Cast, desk: Any) -> None:
    cast.lead(last_name="=cmd()")
    look(cast.at)
    answer = desk(cast.marketer).get("/leads/quality.csv?rule=no-country")
    header, row = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert header[-1] == "What was found"
    assert "Missing: Country" in row[-1]
    assert row[1].startswith("'=")
