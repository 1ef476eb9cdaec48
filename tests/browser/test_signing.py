"""A new version of the contract from the draft to both signatures: on a desk, on a phone, in Japanese."""

from datetime import timedelta

import pytest

from tests.support.browsing import DESKTOP, PHONE

pytestmark = pytest.mark.browser


@pytest.fixture
def cast(live_server):
    from crm import present
    from tests.support.cast import gather

    return gather(present.now() - timedelta(days=1))


def clean(visitor):
    assert visitor.violations() == []
    assert not visitor.scrolls_sideways()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_both_sides_agree_on_a_new_version(visit, cast, viewport):
    from sla.models import Agreement

    running = cast.handoff()
    marketer = visit(cast.marketer, viewport=viewport, reduced_motion="reduce")
    page = marketer.open("/sla/")
    clean(marketer)
    page.get_by_role("link", name="Marketing and sales v1").click()
    clean(marketer)
    page.get_by_role("link", name="Draft the next version").click()
    page.locator("#sheet").get_by_role("button", name="Draft it").click()

    # The editor: a deadline, and what follows from a reason; the contract beside it follows.
    page.wait_for_url("**/edit/")
    clean(marketer)
    page.get_by_label("Hours to first contact").fill("4")
    page.locator("#preview ins", has_text="4").first.wait_for()
    page.locator("details.line", has_text="No budget").locator("summary").click()
    rule = page.locator("details.line", has_text="No budget")
    rule.get_by_label("Wait in days").fill("45")
    page.locator("#preview ins", has_text="45").wait_for()
    clean(marketer)
    page.get_by_role("button", name="Save the draft").click()
    page.get_by_text("The draft is saved.").wait_for()

    page.get_by_role("link", name="Propose to both sides").click()
    marketer.violations()
    page.locator("#sheet").get_by_role("button", name="Propose", exact=True).click()
    page.get_by_text("is proposed. Both sides can sign it now.").wait_for()
    page.get_by_role("link", name="Sign for my side").click()
    sheet = page.locator("#sheet")
    sheet.get_by_label("I have read version 3 and sign it for marketing.").check()
    assert marketer.violations() == []
    sheet.get_by_role("button", name="Sign", exact=True).click()
    page.get_by_text("You have signed version 3.").wait_for()

    # The other side sees what waits, what changed, and signs.
    manager = visit(cast.manager, viewport=viewport, reduced_motion="reduce")
    page = manager.open("/sla/")
    page.get_by_text("Waits for your signature").wait_for()
    page.get_by_role("link", name="Marketing and sales v3").click()
    page.get_by_role("link", name="What changes against version 1, now in force").click()
    page.get_by_text("2 clauses differ from Marketing and sales v1.").wait_for()
    assert page.locator(".contract del").all_inner_texts() == ["24", "120"]
    assert page.locator(".contract ins").all_inner_texts() == ["4", "45"]
    clean(manager)
    page.get_by_role("link", name="Sign for my side").click()
    page.locator("#sheet").get_by_label("I have read version 3 and sign it for sales.").check()
    page.locator("#sheet").get_by_role("button", name="Sign", exact=True).click()
    page.locator(".record-marks").get_by_text("In force").wait_for()
    assert page.locator(".signature-name").all_inner_texts() == ["Marketer", "Manager"]
    clean(manager)

    assert Agreement.objects.current().version == 3
    before = running.respond_by
    running.refresh_from_db()
    assert running.respond_by == before
    assert running.terms.body["response_hours"] == 24


def test_without_a_script_every_deed_is_a_form(visit, cast):
    from sla.models import Agreement, AgreementStatus

    page = visit(cast.marketer, viewport=PHONE, java_script_enabled=False).open("/sla/")
    page.get_by_role("link", name="Marketing and sales v1").click()
    page.get_by_role("link", name="Draft the next version").click()
    page.get_by_role("button", name="Draft it").click()
    page.get_by_label("Hours to accept or reject").fill("16")
    page.get_by_role("button", name="One more line").click()
    assert page.get_by_label("Hours to accept or reject").input_value() == "16"
    page.get_by_role("button", name="Preview").click()
    assert "16" in page.locator("#preview ins").all_inner_texts()
    page.get_by_role("button", name="Save the draft").click()
    page.get_by_role("link", name="Propose to both sides").click()
    page.get_by_role("button", name="Propose", exact=True).click()
    row = Agreement.objects.latest("version")
    assert (row.status, row.accept_hours) == (AgreementStatus.PROPOSED, 16)


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_in_japanese_the_contract_is_read_and_signed(visit, cast, viewport):
    from sla import agreements
    from sla.models import Agreement

    at = cast.at + timedelta(hours=1)
    row = agreements.draft_from(Agreement.objects.current(), by=cast.marketer, at=at)
    row = agreements.revise(row, accept_hours=16, by=cast.marketer, at=at)
    agreements.sign(agreements.propose(row, by=cast.marketer, at=at), by=cast.marketer, at=at)
    cast.manager.language = "ja"
    cast.manager.save()
    manager = visit(cast.manager, viewport=viewport, reduced_motion="reduce", locale="ja-JP")
    page = manager.open("/sla/")
    page.get_by_text("あなたの署名待ち").first.wait_for()
    clean(manager)
    page.goto(f"{manager.address}/sla/agreements/{row.pk}/?against=1")
    page.get_by_text("第1条（目的および対象リード）").wait_for()
    assert page.locator(".contract ins").all_inner_texts() == ["16"]
    clean(manager)
    page.get_by_role("link", name="自部門として署名").click()
    page.locator("#sheet").get_by_label("版3を読み、営業として署名します。").check()
    assert manager.violations() == []
    page.locator("#sheet").get_by_role("button", name="署名", exact=True).click()
    page.locator(".record-marks").get_by_text("発効中").wait_for()
    page.goto(f"{manager.address}/sla/agreements/{row.pk}/edit/")  # no longer a draft
    page.get_by_text("第1条（目的および対象リード）").wait_for()


def test_routing_and_its_dry_run_are_clean(visit, cast):
    for _turn in range(3):
        cast.lead()
    for viewport in (DESKTOP, PHONE):
        manager = visit(cast.marketer, viewport=viewport, reduced_motion="reduce")
        page = manager.open("/sla/routing/")
        page.get_by_label("Leads").select_option("inquiry")
        page.get_by_role("button", name="Try it").click()
        page.get_by_text("Has room for it and comes first in turn.").first.wait_for()
        clean(manager)
