"""Forms are built, posts judged and consent texts kept in the admin."""

import pytest
from django.urls import reverse

from crm.models import LedgerEntry
from leads.models import CaptureForm, ConsentText, FormSubmission, Lead
from leads.tasks import forget
from tests.support.forms import SITE, Person, make_form

pytestmark = pytest.mark.django_db
NEW = reverse("admin:leads_captureform_add")


@pytest.fixture
def marketer(cast, client, clock):
    client.force_login(cast.marketer)
    return client


def built(**said):
    inline = {"questions-TOTAL_FORMS": 1, "questions-INITIAL_FORMS": 0}
    question = {"questions-0-name": "company", "questions-0-asked": "unknown", "questions-0-position": 0}
    form = {
        "title": "Paper",
        "slug": "paper",
        "language": "en",
        "kind": "form",
        "most_fields": 4,
        "link_days": 7,
    }
    return inline | question | form | {"is_active": "on"} | said


def test_a_marketer_builds_a_form_that_answers_at_once(cast, marketer, clock):
    assert marketer.post(NEW, built(origins=SITE)).status_code == 302
    assert Person(clock).fill_in(email="a@kaze.example", company="Kaze").status_code == 303
    assert Lead.objects.get().account.name == "Kaze"


def test_a_new_form_explains_itself_and_begins_with_rows_for_questions(marketer):
    page = marketer.get(NEW)
    assert "Until then only you and your colleagues see the page" in page.content.decode()
    assert "the e-mail address is always asked" in page.content.decode()
    assert page.context["inline_admin_formsets"][0].formset.total_form_count() == 3


@pytest.mark.parametrize("origin", ["https://a.example/path", "a.example", "javascript:x"])
def test_an_origin_with_a_path_is_refused_in_words(marketer, origin):
    page = marketer.post(NEW, built(origins=origin)).content.decode()
    assert "Write it like https://www.example.com" in page
    assert not CaptureForm.objects.exists()


def test_required_consent_needs_its_words(marketer):
    page = marketer.post(NEW, built(consent_required="on")).content.decode()
    assert "Choose the consent text" in page


def test_the_admin_shows_what_to_paste_and_it_works(cast, marketer, clock):
    form = make_form(origins=[SITE])
    page = marketer.get(reverse("admin:leads_captureform_change", args=[form.pk])).content.decode()
    assert "&lt;form action=" in page
    assert "&lt;iframe src=" in page
    said = {"email": "a@kaze.example", "agree": "on", "c": str(form.consent_id)}
    answer = Person(clock).client.post("/f/paper/", said, headers={**Person(clock).headers, "Origin": SITE})
    assert answer.status_code == 303
    assert Lead.objects.get().contact.consent == "granted"


def test_posts_are_taken_in_or_thrown_away(cast, marketer, clock):
    make_form()
    for name in ("a", "b"):
        Person(clock).fill_in(email=f"{name}@kaze.example", homepage="x")
    first, second = FormSubmission.objects.order_by("pk")
    assert (
        "Filled in a field" in marketer.get(reverse("admin:leads_formsubmission_changelist")).content.decode()
    )
    listed = reverse("admin:leads_formsubmission_changelist")
    marketer.post(listed, {"action": "accept", "_selected_action": [first.pk]})
    marketer.post(listed, {"action": "discard", "_selected_action": [second.pk]})
    assert list(FormSubmission.objects.order_by("pk").values_list("status", flat=True)) == [
        "taken",
        "discarded",
    ]
    assert Lead.objects.get().contact.email == "a@kaze.example"


def test_a_held_post_can_be_judged_on_its_own_page(cast, marketer, clock):
    make_form()
    Person(clock).fill_in(email="a@kaze.example", homepage="x")
    post = FormSubmission.objects.get()
    page = marketer.get(reverse("admin:leads_formsubmission_change", args=[post.pk])).content.decode()
    assert 'value="accept"' in page
    assert 'value="discard"' in page
    listed = reverse("admin:leads_formsubmission_changelist")
    marketer.post(listed, {"action": "accept", "index": "0", "_selected_action": [post.pk]})
    after = marketer.get(reverse("admin:leads_formsubmission_change", args=[post.pk])).content.decode()
    assert Lead.objects.exists()
    assert 'value="accept"' not in after


def test_a_held_post_says_until_when_it_waits(cast, marketer, clock, settings):
    settings.HELD_POST_DAYS = 10
    make_form()
    Person(clock).fill_in(email="a@kaze.example", homepage="x")
    page = marketer.get(reverse("admin:leads_formsubmission_changelist")).content.decode()
    assert "11 Jun 2026" in page


def test_the_page_of_a_held_post_is_in_words(cast, marketer, clock, settings):
    settings.HELD_POST_DAYS = 10
    make_form()
    Person(clock).fill_in(email="a@kaze.example", last_name="Aoki", homepage="x")
    post = FormSubmission.objects.get()
    page = marketer.get(reverse("admin:leads_formsubmission_change", args=[post.pk])).content.decode()
    assert "Last name: Aoki" in page
    assert "11 Jun 2026" in page
    assert "Get the paper 2026-06-01 10:00" in page  # on the marketer's clock


def test_a_held_post_nobody_decides_about_is_forgotten_in_the_end(cast, marketer, clock):
    make_form()
    Person(clock).fill_in(email="a@kaze.example", homepage="x")
    clock.move(days=89)
    forget()
    assert FormSubmission.objects.get().answers
    clock.move(days=1)
    forget()
    post = FormSubmission.objects.get()
    assert (post.status, post.answers, post.decided_by) == ("discarded", {}, None)
    assert LedgerEntry.objects.get(kind="form_post.discarded").actor is None


def test_a_post_that_was_taken_in_stays(cast, marketer, clock):
    make_form()
    Person(clock).fill_in(email="a@kaze.example")
    clock.move(days=400)
    forget()
    assert FormSubmission.objects.get().status == "taken"


def test_what_waits_is_told_on_the_first_page(marketer, clock):
    make_form()
    Person(clock).fill_in(email="a@kaze.example", homepage="x")
    [(words, url)] = marketer.get(reverse("admin:index")).context["waiting"]
    assert words == "1 form post was held back and waits for a look."
    assert marketer.get(url).context["cl"].queryset.count() == 1


def test_words_on_a_published_form_are_fixed_and_followed_by_a_version(marketer):
    text = make_form().consent
    address = reverse("admin:leads_consenttext_change", args=[text.pk])
    assert (
        marketer.post(address, {"name": "X", "version": 1, "language": "en", "text": "Y"}).status_code == 403
    )
    listed = reverse("admin:leads_consenttext_changelist")
    marketer.post(listed, {"action": "draft", "_selected_action": [text.pk]})
    draft = ConsentText.objects.get(version=2)
    assert marketer.post(address.replace(f"/{text.pk}/", f"/{draft.pk}/"), {
        "name": "Marketing", "version": 2, "language": "en", "text": "Only by mail.",
    }).status_code == 302  # fmt: skip


def test_a_page_with_the_old_words_is_shown_again_before_anything_is_agreed(cast, clock):
    form, person = make_form(), Person(clock)
    person.open()
    CaptureForm.objects.update(
        consent=ConsentText.objects.create(name="Marketing", version=2, text="New words.")
    )
    answer = person.send(email="a@kaze.example", agree="on")
    assert (answer.status_code, "New words." in answer.content.decode()) == (422, True)
    assert not Lead.objects.exists()
    assert form.consent.used_at is None


def test_the_lead_page_tells_how_they_came_and_what_they_asked(cast, client, clock):
    make_form(fields="message*", title="Ask us")
    Person(clock).fill_in(
        query="?utm_source=google&utm_campaign=spring", email="a@kaze.example", message="How much?"
    )
    client.force_login(cast.marketer)
    page = client.get(reverse("desk:lead-detail", args=[Lead.objects.get().pk])).content.decode()
    assert "Came by google / spring" in page
    assert "How much?" in page
    admin = client.get(
        reverse("admin:leads_lead_changelist") + f"?touches__form__id__exact={CaptureForm.objects.get().pk}"
    )
    assert admin.context["cl"].queryset.count() == 1
