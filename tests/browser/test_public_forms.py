"""A stranger's whole way: from the ad to the form, the paper, and back, where only the next things are asked."""

import pytest

from leads.models import CaptureForm, Lead, Site
from tests.support.browsing import DESKTOP, PHONE
from tests.support.forms import BROWSER, make_form

pytestmark = pytest.mark.browser
STRANGER = {"user_agent": BROWSER["User-Agent"], "reduced_motion": "reduce"}


@pytest.fixture
def company(live_server, monkeypatch):
    from crm import present
    from leads import spam
    from tests.support.cast import gather

    monkeypatch.setattr(spam, "FASTEST", spam.FASTEST * 0)
    cast = gather(present.now())
    asset = {"url": f"{live_server.url}/healthz"}
    form = make_form(fields="last_name company! job_title industry phone", intro="Twelve pages.")
    type(form.asset).objects.update(**asset)
    make_form("shiryo", language="ja", title="資料ダウンロード", fields="last_name company! phone")
    return cast


def is_clean(visitor):
    return (visitor.violations(), visitor.scrolls_sideways()) == ([], False)


@pytest.mark.parametrize(
    "options",
    [{"viewport": DESKTOP}, {"viewport": PHONE, "java_script_enabled": False}],
    ids=["desktop", "phone"],
)
def test_from_stranger_to_reader_to_somebody_known(visit, company, options):
    """On the phone without a script, which no part of it needs."""
    stranger = visit(**STRANGER, **options)
    page = stranger.open("/f/paper/?utm_source=google&utm_campaign=spring")
    has_script = options.get("java_script_enabled", True)
    assert not has_script or is_clean(stranger), stranger.violations()
    page.get_by_label("Business e-mail").fill("aya@kaze.example")
    page.get_by_label("Company").fill("Kaze K.K.")
    page.get_by_label("You may write to me.").check()
    page.get_by_role("button", name="Send").click()
    page.get_by_role("heading", name="Thank you").wait_for()
    assert not has_script or is_clean(stranger), stranger.violations()
    page.get_by_role("link", name="The paper").click()
    page.wait_for_url("**/healthz")
    page = stranger.open("/f/paper/")
    page.get_by_text("Welcome back").wait_for()
    assert page.get_by_label("Business e-mail").count() == 0
    page.get_by_label("Phone").fill("03-1234-5678")
    page.get_by_role("button", name="Send").click()
    page.get_by_role("heading", name="Thank you").wait_for()
    lead = Lead.objects.select_related("contact", "account").get()
    assert (lead.source, lead.campaign, lead.account.name) == ("google", "spring", "Kaze K.K.")
    assert (lead.contact.phone_key, lead.touches.count()) == ("+81312345678", 2)
    assert sorted(lead.events.values_list("kind", flat=True)) == ["download", "form", "form"]


def test_the_japanese_form_on_a_phone_tells_a_slip_and_keeps_what_was_typed(visit, company):
    stranger = visit(**STRANGER, viewport=PHONE)
    page = stranger.open("/f/shiryo/")
    assert is_clean(stranger), stranger.violations()
    page.evaluate("document.querySelector('.public-form').noValidate = true")
    page.get_by_label("会社のメールアドレス").fill("まちがい")
    page.get_by_label("会社名").fill("風株式会社")
    page.get_by_role("button", name="送信").click()
    page.get_by_role("alert").wait_for()
    assert is_clean(stranger), stranger.violations()
    assert page.get_by_label("会社名").input_value() == "風株式会社"


def test_the_beacon_is_silent_until_the_visitor_agrees(visit, company, live_server):
    """The page of thanks of a form stands in for a page of a site that carries the script."""
    Site.objects.create(code="www", name="Site", origins=[live_server.url])
    CaptureForm.objects.update(origins=[live_server.url])
    stranger = visit(**STRANGER)
    told = []
    stranger.page.on(
        "request", lambda request: told.append(request.url) if request.url.endswith("/b/") else None
    )
    stranger.context.add_init_script("Object.defineProperty(navigator, 'webdriver', {get: () => false})")
    page = stranger.open("/f/paper/")
    page.add_script_tag(url=f"{live_server.url}/b.js")
    assert (told, "_baton" in page.evaluate("document.cookie")) == ([], False)
    with page.expect_response("**/b/") as answered:
        page.evaluate("baton.consent()")
    assert answered.value.status == 204
    assert "_baton" in page.evaluate("document.cookie")
    page.evaluate("baton.consent(false)")
    assert "_baton" not in page.evaluate("document.cookie")
