"""A public form from the first look to the download: counted once, by the one door, nothing shown back."""

import pytest
from django.core.exceptions import PermissionDenied

from crm.models import Consent, Contact, LedgerEntry
from leads.capture import submissions, visitors
from leads.capture.views.strangers import sender_of
from leads.models import Asked, BehaviourEvent, CaptureForm, ConsentText, Fate, FormSubmission, Lead, Touch
from tests.support.forms import SITE, Person, make_form

pytestmark = pytest.mark.django_db
NAMED = {"email": "Aya@Kaze.example", "last_name": "Aoki", "company": "Kaze K.K."}


@pytest.fixture
def form(cast):
    return make_form()


@pytest.fixture
def person(form, clock):
    return Person(clock)


def test_who_fills_a_form_in_becomes_a_lead_with_what_they_told(person):
    answer = person.fill_in(**NAMED, agree="on")
    assert (answer.status_code, answer["Location"].startswith("/f/paper/thanks/")) == (303, True)
    lead = Lead.objects.get(contact__email_key="aya@kaze.example")
    assert (lead.contact.last_name, lead.account.name, lead.source) == ("Aoki", "Kaze K.K.", "form")
    assert lead.contact.consent == Consent.GRANTED
    assert [event.kind for event in lead.events.all()] == ["form"]


def test_the_contact_keeps_the_words_and_the_version_they_agreed_to(person, form):
    person.fill_in(**NAMED, agree="on")
    kept = Contact.objects.get(email_key="aya@kaze.example").consent_text
    assert kept == "You may write to me.\n— Marketing v1 (en)"
    form.consent.refresh_from_db()
    assert form.consent.used_at is not None


def test_who_does_not_agree_is_taken_in_without_consent_and_without_a_cookie(person):
    answer = person.fill_in(**NAMED)
    assert Contact.objects.get(email_key="aya@kaze.example").consent == Consent.UNKNOWN
    assert not answer.cookies


def test_consent_that_is_required_is_asked_for_in_words(cast, clock):
    make_form(consent_required=True)
    answer = Person(clock).fill_in(**NAMED)
    assert answer.status_code == 422
    assert "Please agree" in answer.content.decode()
    assert not Lead.objects.exists()


def test_a_slip_is_told_beside_its_field_and_what_was_typed_is_kept(person):
    answer = person.fill_in(**NAMED | {"email": "not an address"})
    page = answer.content.decode()
    assert (answer.status_code, 'value="Kaze K.K."' in page, "is not an e-mail address" in page) == (
        422,
        True,
        True,
    )


def test_the_same_post_again_counts_once_and_gets_the_same_answer(person):
    first = person.fill_in(**NAMED)
    again = person.send(again=person.sent)
    assert first["Location"] == again["Location"]
    assert (FormSubmission.objects.count(), BehaviourEvent.objects.count(), Touch.objects.count()) == (
        1,
        1,
        1,
    )


def test_a_returning_person_is_taken_in_again_and_nothing_is_blanked(cast, person, clock):
    lead = cast.lead(email=NAMED["email"], job_title="Head of sales", last_name="Aoki")
    person.fill_in(email=NAMED["email"], last_name="", company="")
    lead.contact.refresh_from_db()
    assert (lead.contact.last_name, lead.contact.job_title) == ("Aoki", "Head of sales")
    assert lead.events.count() == 1


def test_whoever_types_somebody_s_address_changes_nothing_that_is_known(cast, person):
    known = cast.lead(email="aya@kaze.example", last_name="Aoki", first_name="", company="Kaze K.K.").contact
    Contact.objects.filter(pk=known.pk).update(consent=Consent.WITHDRAWN)
    person.fill_in(email="aya@kaze.example", last_name="Mallory", company="Kaze K.K.", agree="on")
    known.refresh_from_db()
    assert (known.last_name, known.consent) == ("Aoki", Consent.WITHDRAWN)


def test_the_asset_opens_only_after_sending_and_counts_once(person):
    assert person.client.get("/f/paper/get/guessed/", headers=person.headers).status_code == 410
    thanks = person.client.get(person.fill_in(**NAMED)["Location"], headers=person.headers)
    link = thanks.context["link"]
    for _time in range(2):
        assert (
            person.client.get(link, headers=person.headers)["Location"] == "https://files.example/paper.pdf"
        )
    assert list(BehaviourEvent.objects.filter(kind="download").values_list("asset__slug", flat=True)) == [
        "paper-asset"
    ]


def test_a_program_that_follows_the_link_does_not_count(person):
    link = person.fill_in(**NAMED)["Location"].replace("/thanks/", "/get/")
    assert person.client.get(link, headers={"User-Agent": "curl/8.5.0"}).status_code == 302
    assert person.client.head(link, headers=person.headers).status_code == 302
    assert not BehaviourEvent.objects.filter(kind="download").exists()


def test_the_link_expires_and_is_kept_as_a_hash_only(person, clock):
    link = person.fill_in(**NAMED)["Location"].replace("/thanks/", "/get/")
    secret = link.rstrip("/").rpartition("/")[2]
    assert (len(secret), FormSubmission.objects.filter(receipt=secret).exists()) == (64, False)
    clock.move(days=8)
    assert person.client.get(link, headers=person.headers).status_code == 410


def test_a_form_that_is_not_published_is_gone_and_takes_nothing(person, form):
    person.open()
    CaptureForm.objects.update(is_active=False)
    assert (person.send(**NAMED).status_code, person.open().status_code) == (410, 410)
    assert person.client.get("/f/nowhere/").status_code == 404
    assert not Lead.objects.exists()


def test_a_marketer_looks_at_a_form_before_it_is_published(cast, person):
    CaptureForm.objects.update(is_active=False)
    person.client.force_login(cast.marketer)
    assert "Preview" in person.open().content.decode()


def test_the_page_speaks_the_form_s_language_whatever_the_browser_asks_for(cast, clock):
    make_form(language="ja", title="資料ダウンロード")
    page = Person(clock).open().content.decode()
    assert '<html lang="ja"' in page
    assert "メールアドレス" in page


# -- the way that led here --------------------------------------------------------------------------


def test_each_way_is_kept_and_the_first_stays_on_the_lead(person):
    query = "?utm_source=google&utm_medium=cpc&utm_campaign=spring&utm_term=sla"
    person.open(query=query, Referer="https://news.example/story?user=aya#top")
    person.send(**NAMED)
    person.fill_in(query="?utm_source=letter", email=NAMED["email"])
    lead = Lead.objects.get()
    assert (lead.source, lead.medium, lead.campaign) == ("google", "cpc", "spring")
    first, second = lead.touches.order_by("pk")
    assert (first.referrer, first.landing_page, first.term) == ("news.example/story", "/f/paper/", "sla")
    assert (second.source, second.form.slug) == ("letter", "paper")


def test_a_campaign_is_kept_whole_and_not_mixed_with_the_form_s_own(person):
    CaptureForm.objects.update(medium="form", campaign="always")
    person.fill_in("paper", "?utm_source=google", email="a@kaze.example")
    person.fill_in("paper", email="b@kaze.example")
    kept = Touch.objects.order_by("pk").values_list("source", "medium", "campaign")
    assert list(kept) == [("google", "", ""), ("form", "form", "always")]


# -- who comes back ---------------------------------------------------------------------------------


def test_who_comes_back_is_asked_the_next_questions_only_and_sees_nothing_stored(person):
    person.fill_in(**NAMED, job_title="CFO", agree="on")
    page = person.open().content.decode()
    assert person.asked == ["phone"]
    assert "Welcome back" in page
    assert not [said for said in ("Aoki", "Kaze", "aya", "CFO") if said.lower() in page.lower()]


def test_who_has_agreed_is_not_asked_to_agree_again_unless_it_is_required(person, form):
    person.fill_in(**NAMED, agree="on")
    assert "You may write to me" not in person.open().content.decode()
    CaptureForm.objects.update(consent_required=True)
    assert "You may write to me" in person.open().content.decode()


def test_what_they_add_goes_to_the_person_they_were(person):
    person.fill_in(**NAMED, agree="on")
    person.fill_in(phone="03-1234-5678", job_title="CFO")
    lead = Lead.objects.get()
    assert (lead.contact.email_key, lead.events.count()) == ("aya@kaze.example", 2)


def test_a_form_may_ask_for_the_department(cast, clock):
    make_form(fields="company department")
    Person(clock).fill_in(email="aya@kaze.example", company="Kaze K.K.", department="Purchasing")
    assert Contact.objects.get(email_key="aya@kaze.example").department == "Purchasing"


def test_not_you_makes_the_browser_nobody_again(person):
    person.fill_in(**NAMED, agree="on")
    person.client.post("/f/paper/not-me/", headers=person.headers)
    person.open()
    assert "email" in person.asked


def test_typing_the_address_of_somebody_known_teaches_nothing(cast, clock, person):
    """The same answer, and the next form asks the same, whether the address is known or not."""
    cast.lead(email="boss@known.example", job_title="CEO", phone="03-1111-2222", company="Known")
    pages = []
    for address in ("boss@known.example", "nobody@new.example"):
        stranger = Person(clock)
        answer = stranger.fill_in(email=address, agree="on")
        stranger.open()
        pages.append((answer.status_code, len(answer["Location"]), stranger.asked))
    assert pages[0] == pages[1]


def test_a_mailed_link_proves_who_it_is_and_asks_by_what_we_know(cast, person):
    lead = cast.lead(email="boss@known.example", job_title="CEO", company="Known", last_name="Ono")
    key = visitors.mail_key(lead.contact, at=cast.at)
    page = person.open(query=f"?k={key}").content.decode()
    assert person.asked == ["phone"]
    assert not [said for said in ("boss@", "Ono", "CEO") if said in page]
    person.send(phone="03-1234-5678")
    lead.contact.refresh_from_db()
    assert lead.contact.phone_key == "+81312345678"


@pytest.mark.parametrize("key", ["", "x", "WzEsMV0:1:forged", "\x00", "é" * 500])
def test_a_forged_link_is_nobody_s(person, key):
    assert person.open(query=f"?k={key}").status_code == 200
    assert "email" in person.asked


# -- what is held back ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "seconds", "doubt"),
    [
        ({}, 0.5, "fast"),
        ({"homepage": "https://x.example"}, 20, "trap"),
        ({"company": "www.a.example www.b.example www.c.example"}, 20, "links"),
    ],
)
def test_a_doubtful_post_is_thanked_for_and_kept_aside(person, said, seconds, doubt):
    person.open()
    answer = person.send(seconds=seconds, **NAMED | said)
    row = FormSubmission.objects.get()
    assert (answer.status_code, row.status, row.doubts) == (303, Fate.HELD, [doubt])
    assert not Lead.objects.exists()


def test_a_program_is_held_back(form, clock):
    Person(clock, **{"User-Agent": "python-requests/2.32"}).fill_in(**NAMED)
    assert FormSubmission.objects.get().doubts == ["bot"]


def test_what_was_held_back_is_taken_in_through_the_same_door(cast, person):
    link = person.fill_in(**NAMED, homepage="x", agree="on")["Location"].replace("thanks", "get")
    person.client.get(link, headers=person.headers)
    assert submissions.accept(FormSubmission.objects.all(), by=cast.marketer, at=person.clock.now) == 1
    row, lead = FormSubmission.objects.get(), Lead.objects.get()
    assert (row.status, row.answers, row.lead_id) == (Fate.TAKEN, {}, lead.pk)
    assert sorted(lead.events.values_list("kind", flat=True)) == ["download", "form"]
    assert lead.contact.consent == Consent.GRANTED
    assert submissions.accept([row], by=cast.marketer, at=person.clock.now) == 0
    assert LedgerEntry.objects.get(kind="form_post.accepted").actor == cast.marketer


def test_only_marketing_decides_about_what_was_held_back(cast, person):
    person.fill_in(**NAMED, homepage="x")
    with pytest.raises(PermissionDenied):
        submissions.accept(FormSubmission.objects.all(), by=cast.rep, at=cast.at)
    assert FormSubmission.objects.get().status == Fate.HELD


def test_what_is_thrown_away_is_forgotten(cast, person):
    person.fill_in(**NAMED, homepage="x")
    submissions.discard(FormSubmission.objects.all(), by=cast.marketer, at=person.clock.now)
    row = FormSubmission.objects.get()
    assert (row.status, row.answers, Lead.objects.count()) == (Fate.DISCARDED, {}, 0)


def test_too_many_of_one_address_are_held_and_too_many_of_one_sender_refused(person, monkeypatch):
    monkeypatch.setattr("leads.capture.spam.PER_ADDRESS_A_DAY", 1)
    monkeypatch.setattr("leads.capture.spam.REFUSED_AN_HOUR", 2)
    statuses = [person.fill_in(**NAMED).status_code for _time in range(3)]
    assert statuses == [303, 303, 429]
    assert list(FormSubmission.objects.order_by("pk").values_list("doubts", flat=True)) == [[], ["address"]]


def test_a_page_that_was_open_too_long_is_shown_once_more_with_everything_typed(person):
    person.open()
    answer = person.send(seconds=25 * 3600, **NAMED)
    person.page = answer
    assert (answer.status_code, 'value="Aoki"' in answer.content.decode()) == (422, True)
    assert person.send(**NAMED).status_code == 303


# -- on other sites ---------------------------------------------------------------------------------


def elsewhere(person, origin=SITE, **said):
    return person.client.post("/f/paper/", {**NAMED, **said}, headers=person.headers | {"Origin": origin})


def test_a_plain_form_on_an_allowed_site_is_taken_in_once(person):
    CaptureForm.objects.update(origins=[SITE])
    answers = [elsewhere(person) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert (FormSubmission.objects.count(), Lead.objects.count()) == (1, 1)


def test_a_program_that_sends_it_first_keeps_nobody_out(person):
    CaptureForm.objects.update(origins=[SITE])
    program = Person(person.clock, **{"User-Agent": "python-requests/2.32"})
    for sender in (program, person, person):
        assert elsewhere(sender).status_code == 303
    row, lead = FormSubmission.objects.get(), Lead.objects.get()
    assert (row.status, row.answers, row.doubts, row.lead) == (Fate.TAKEN, {}, ["bot"], lead)
    assert lead.events.count() == 1


def test_a_plain_form_stays_as_it_was_pasted_whatever_is_asked_by_now(person, form):
    CaptureForm.objects.update(origins=[SITE], most_fields=2)
    form.questions.filter(name="job_title").update(is_required=True)
    form.questions.filter(name="phone").update(asked=Asked.ALWAYS)
    assert elsewhere(person).status_code == 303
    contact = Contact.objects.get(email_key="aya@kaze.example")
    assert (contact.last_name, contact.account.name) == ("Aoki", "Kaze K.K.")


def test_who_agrees_on_a_plain_form_has_agreed_to_the_words_that_stand_there(person, form):
    newer = ConsentText.objects.create(name="Marketing", version=2, text="New words.")
    CaptureForm.objects.update(origins=[SITE], consent=newer, consent_required=True)
    assert elsewhere(person, agree="on", c=str(form.consent_id)).status_code == 303
    contact = Contact.objects.get(email_key="aya@kaze.example")
    assert (contact.consent, contact.consent_text) == (
        Consent.GRANTED,
        "You may write to me.\n— Marketing v1 (en)",
    )


@pytest.mark.parametrize("told", ["", "x", "999999999999", "another"])
def test_words_that_never_stood_on_the_form_are_not_agreed_to(person, told):
    CaptureForm.objects.update(origins=[SITE])
    another = ConsentText.objects.create(name="Sale of addresses", text="Anything.")
    answer = elsewhere(person, agree="on", c=str(another.pk) if told == "another" else told)
    assert (answer.status_code, Lead.objects.exists()) == (422, False)


def test_a_plain_form_whose_consent_is_asked_no_more_is_taken_in_without(person, form):
    CaptureForm.objects.update(origins=[SITE], consent=None)
    assert elsewhere(person, agree="on", c=str(form.consent_id)).status_code == 303
    assert Contact.objects.get(email_key="aya@kaze.example").consent == Consent.UNKNOWN


def test_a_plain_form_misses_what_it_requires_itself(person, form):
    CaptureForm.objects.update(origins=[SITE])
    form.questions.filter(name="company").update(is_required=True)
    assert elsewhere(person, company="").status_code == 422
    assert not Lead.objects.exists()


def test_a_plain_form_on_another_site_has_to_be_sent_once_more_from_our_page(person):
    CaptureForm.objects.update(origins=[SITE])
    assert elsewhere(person, origin="https://www.elsewhere.example").status_code == 422
    assert not Lead.objects.exists()


@pytest.mark.parametrize(
    ("following", "goes"),
    [
        (f"{SITE}/done", f"{SITE}/done"),
        ("https://evil.example/", "/f/paper"),
        (f"{SITE}.evil.example/", "/f/paper"),
    ],
)
def test_afterwards_it_goes_only_to_the_form_s_own_sites(person, following, goes):
    CaptureForm.objects.update(origins=[SITE])
    assert elsewhere(person, next=following)["Location"].startswith(goes)


def test_only_the_form_s_sites_may_frame_it(person):
    policy = person.open()["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    CaptureForm.objects.update(origins=[SITE])
    framed = person.open()
    assert f"frame-ancestors {SITE}" in framed["Content-Security-Policy"]
    assert "X-Frame-Options" not in framed


# -- who asks, and what it costs --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("proxies", "passed", "sender"),
    [
        (0, "9.9.9.9", "127.0.0.1"),
        (1, "9.9.9.9, 8.8.8.8", "8.8.8.8"),
        (2, "6.6.6.6, 9.9.9.9, 8.8.8.8", "9.9.9.9"),
    ],
)
def test_a_sender_is_who_our_own_proxies_saw(rf, settings, proxies, passed, sender):
    """What a stranger writes into the header themselves stands further left and is not believed."""
    settings.AXES_IPWARE_PROXY_COUNT = proxies or None
    assert sender_of(rf.get("/", headers={"X-Forwarded-For": passed})) == sender


def test_a_form_asks_the_database_little(person, django_assert_max_num_queries):
    with django_assert_max_num_queries(7):
        person.open()
