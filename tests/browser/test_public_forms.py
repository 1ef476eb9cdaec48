"""A stranger's whole way: from the ad to the form, the paper, and back, where only the next things are asked."""

from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from django.conf import settings

from leads.capture.forms_embedding import as_html
from leads.models import CaptureForm, Lead, Site
from tests.support.browsing import DESKTOP, PHONE
from tests.support.forms import BROWSER, make_form

pytestmark = pytest.mark.browser
STRANGER = {"user_agent": BROWSER["User-Agent"], "reduced_motion": "reduce"}


@pytest.fixture
def company(live_server, monkeypatch):
    from crm import present
    from leads.capture import spam
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


@pytest.fixture
def site(company, live_server):
    """A web site of its own, each page with the script and a pasted form."""
    with serving() as (address, pages):
        Site.objects.create(code="www", name="Site", origins=[address])
        CaptureForm.objects.update(origins=[address])
        form = CaptureForm.objects.get(slug="paper")
        pasted = as_html(form, at=form.created_at).replace(settings.BASE_URL, live_server.url)
        script = f'<script src="{live_server.url}/b.js" defer></script>'
        pages.append(f"<!doctype html><title>x</title><link rel=icon href=data:,>{pasted}{script}")
        yield address


@contextmanager
def serving():
    """An address on this machine that answers every path with the last of its pages."""
    pages = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(pages[-1].encode())

        def log_message(self, *_said):
            pass

    server = ThreadingHTTPServer(("localhost", 0), Answer)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}", pages
    server.shutdown()
    server.server_close()


@pytest.fixture
def passer_by(visit):
    """Somebody on the other site, by a browser that does not say a program drives it."""
    stranger = visit(**STRANGER)
    stranger.context.add_init_script("Object.defineProperty(navigator, 'webdriver', {get: () => false})")
    yield stranger
    stranger.problems.clear()  # the site stands elsewhere, on purpose


def test_the_beacon_is_silent_until_the_visitor_agrees_and_then_knows_the_whole_way(passer_by, site):
    """Came by an advertisement, looked at prices, and sent the pasted form two pages later."""
    page, told = passer_by.page, []
    page.on("request", lambda request: told.append(request.method) if request.url.endswith("/b/") else None)
    page.goto(f"{site}/start?utm_source=google&utm_campaign=spring")
    assert (told, page.evaluate("document.cookie")) == ([], "")
    with page.expect_response("**/b/") as answered:
        page.evaluate("baton.consent()")
    assert (answered.value.status, told) == (204, ["POST"])
    page.goto(f"{site}/pricing")
    with page.expect_response("**/b/"):
        page.evaluate("baton.consent()")
    page.get_by_label("Business e-mail").fill("aya@kaze.example")
    page.get_by_label("Company").fill("Kaze K.K.")
    page.get_by_role("button", name="Send").click()
    page.get_by_role("heading", name="Thank you").wait_for()
    lead = Lead.objects.get()
    [touch] = lead.touches.all()
    assert (touch.source, touch.campaign, touch.landing_page) == (
        "google",
        "spring",
        "localhost/start",
    )
    assert sorted(event.properties.get("path", "") for event in lead.events.all()) == [
        "",
        "/pricing",
        "/start",
    ]
    page.goto(f"{site}/start")
    page.evaluate("baton.consent(false)")
    assert page.evaluate("document.cookie") == ""


def test_without_consent_the_next_page_still_tells_the_campaign(passer_by, site):
    """Nothing is kept in the browser: the address of our own page before is read, and is no referrer."""
    page = passer_by.page
    page.goto(f"{site}/start?utm_source=google&utm_campaign=spring")
    page.evaluate("location.href = '/pricing'")
    page.wait_for_url("**/pricing")
    assert page.locator("[name=utm_campaign]").input_value() == "spring"
    assert page.locator("[name=referrer]").input_value() == ""
    assert page.evaluate("[document.cookie, sessionStorage.length]") == ["", 0]


def test_a_site_that_loads_no_pages_tells_each_view_of_who_agreed(passer_by, site):
    page, told = passer_by.page, []
    page.on("request", lambda request: told.append(request) if request.url.endswith("/b/") else None)
    page.goto(f"{site}/start")
    page.evaluate("baton.view()")
    with page.expect_response("**/b/"):
        page.evaluate("baton.consent()")
    with page.expect_response("**/b/"):
        page.evaluate("history.pushState({}, '', '/pricing'); baton.view()")
    assert [request.post_data_json["p"] for request in told] == ["/start", "/pricing"]
