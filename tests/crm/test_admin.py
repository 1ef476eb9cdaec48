"""Who may enter the admin, what each page answers, and the retry of the outbox."""

import re
from itertools import product

import pytest
from django.contrib import admin
from django.db.models import DateField
from django.urls import reverse

from crm.backends import CATALOGUES, OURS, allows
from crm.models import Delivery, LedgerEntry, OutboxMessage, User
from leads.events import recording
from leads.events.recording import Behaviour
from sla import handoffs

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def dated(model):
    """The date columns a list is filtered by."""
    names = [
        name for name in admin.site._registry[model].list_filter if isinstance(name, str) and "__" not in name
    ]
    return [name for name in names if isinstance(model._meta.get_field(name), DateField)]


@pytest.fixture
def happened(cast):
    """Something in most tables."""
    handoff = cast.handoff(source="web", campaign="spring")
    handoffs.contact(handoff, channel="call", outcome="reached", by=cast.rep, at=cast.at)
    handoffs.reject(handoff, reason="bad-timing", by=cast.rep, at=cast.at)
    recording.record([Behaviour("site", "e1", "inquiry", cast.at, lead=cast.lead().pk)], by=None, at=cast.at)
    return cast


@pytest.mark.parametrize("person", ["rep", "manager"])
def test_sales_cannot_enter(cast, client, person):
    client.force_login(getattr(cast, person))
    answer = client.get(reverse("admin:index"))
    assert answer.status_code == 302
    assert "login" in answer["Location"]


@pytest.mark.parametrize("person", ["admin", "marketer"])
def test_every_page_answers(happened, client, person):
    user = getattr(happened, person)
    client.force_login(user)
    request = type("Request", (), {"user": user, "method": "GET"})()
    for model in MODELS:
        page = admin.site._registry[model]
        expected = 200 if page.has_view_or_change_permission(request) else 403
        added = 200 if page.has_add_permission(request) else 403
        assert client.get(address(model, "changelist")).status_code == expected, model
        assert client.get(address(model, "add")).status_code == added, model
        for row in model._default_manager.order_by("pk")[:2]:
            assert client.get(address(model, "change", row.pk)).status_code == expected, model


def test_no_page_has_inline_script_or_style(happened, client):
    client.force_login(happened.admin)
    for model, page in product(MODELS, ("changelist", "add")):
        text = client.get(address(model, page)).content.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", text), model
        assert "<style" not in text, model
        assert not re.search(r"<[a-z][^>]*\sstyle=", text), model


OURS_ONLY = {True: ("", "__year"), False: ()}
WILD = ("0001-01-01", "99999-01-01", "9999-12-31", "2026-02-31", "nonsense", "9" * 30)


def test_a_wild_date_is_no_fault(happened, client):
    client.force_login(happened.admin)
    asked = [
        (model, name + suffix)
        for model in MODELS
        for name in dated(model)
        for suffix in ("__gte", "__lt", *OURS_ONLY[model._meta.app_label in OURS])
    ]
    for (model, name), value in product(asked, WILD):
        answer = client.get(address(model, "changelist"), {name: value})
        assert answer.status_code in (200, 302, 400), f"{model} {name}={value}"
    assert len(asked) > 20


def test_a_date_typed_by_hand_filters(happened, client):
    client.force_login(happened.admin)
    for day, count in (("2026-01-01", 1), ("2199-01-01", 0)):
        answer = client.get(
            reverse("admin:sla_feedback_changelist"), {"given_at__gte": day, "given_at__lt": "2199-12-31"}
        )
        assert answer.context["cl"].queryset.count() == count


@pytest.mark.parametrize("role", ["rep", "manager"])
def test_sales_holds_no_permission(role):
    person = User(username="x", role=role)
    assert not any(allows(person, f"{name.replace('.', '.change_')}") for name in CATALOGUES)
    assert not allows(person, "sla.view_feedback")


def test_a_marketer_changes_catalogues_and_views_the_rest():
    person = User(username="x", role="marketer")
    assert all(allows(person, name.replace(".", ".change_")) for name in CATALOGUES)
    assert allows(person, "sla.view_handoff")
    assert not allows(person, "crm.change_user")
    assert not allows(person, "sla.change_handoff")
    assert not allows(person, "axes.view_accessattempt")


def test_a_marketer_looks_at_schedules_and_administrators_alone_change_them():
    marketer, admin = User(username="x", role="marketer"), User(username="y", role="admin")
    assert allows(marketer, "django_celery_beat.view_periodictask")
    for verb in ("add", "change", "delete"):
        for model in ("periodictask", "intervalschedule", "crontabschedule"):
            assert not allows(marketer, f"django_celery_beat.{verb}_{model}")
            assert allows(admin, f"django_celery_beat.{verb}_{model}")


def test_an_inactive_administrator_holds_nothing():
    assert not allows(User(username="x", role="admin", is_active=False), "crm.change_user")


def test_an_administrator_hires_a_person_with_role_and_password(cast, client):
    client.force_login(cast.admin)
    told = {"username": "hanako", "usable_password": "true", "role": "marketer", "team": ""}
    told |= {"password1": "a long enough one", "password2": "a long enough one"}
    client.post(reverse("admin:crm_user_add"), told)
    person = User.objects.get(username="hanako")
    assert (person.role, person.check_password("a long enough one")) == ("marketer", True)


def test_a_marketer_sees_no_password_of_others(cast, client):
    client.force_login(cast.marketer)
    assert "md5" not in client.get(reverse("admin:crm_user_change", args=[cast.rep.pk])).content.decode()


def test_retry_takes_up_a_message_that_was_given_up(cast, client, clock):
    message = OutboxMessage.objects.create(
        kind=Delivery.MAIL,
        key="k",
        topic="mail",
        attempts=12,
        failed_at=cast.at,
        error="refused",
        due_at=cast.at,
    )
    client.force_login(cast.admin)
    client.post(
        reverse("admin:crm_outboxmessage_changelist"), {"action": "retry", "_selected_action": [message.pk]}
    )
    message.refresh_from_db()
    assert (message.failed_at, message.attempts, message.error) == (None, 0, "refused")


def test_the_ledger_cannot_be_changed_even_by_an_administrator(happened, client):
    client.force_login(happened.admin)
    entry = LedgerEntry.objects.order_by("pk").first()
    assert client.post(address(LedgerEntry, "change", entry.pk), {"reason": "x"}).status_code == 403
    assert client.post(address(LedgerEntry, "delete", entry.pk), {"post": "yes"}).status_code == 403


def test_both_inputs_of_a_moment_have_a_label(client, cast):
    client.force_login(cast.admin)
    text = client.get("/admin/django_celery_beat/periodictask/add/").content.decode()
    for name in ("id_start_time_0", "id_start_time_1", "id_expires_0", "id_expires_1"):
        assert f'<label for="{name}">' in text, name


@pytest.mark.django_db
def test_every_list_of_ours_is_handed_out_as_its_filters_leave_it(client, happened):
    client.force_login(happened.admin)
    ours = [model for model in MODELS if getattr(admin.site._registry[model], "is_exported", False)]
    for model in ours:
        page = client.get(address(model, "changelist"))
        assert 'href="export.csv"' in page.content.decode(), model
        answer = client.get(address(model, "export"))
        assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv; charset=utf-8"), model
        assert len(answer.content.decode().splitlines()) >= len(page.context["cl"].result_list), model
    assert len(ours) > 30


@pytest.mark.django_db
def test_an_exported_list_has_the_filtered_rows_in_the_words_of_the_page(client, happened):
    client.force_login(happened.marketer)
    lead = happened.lead(source="=cmd()")
    address_of_it = reverse("admin:leads_lead_export") + f"?q={lead.contact.email}"
    [_header, row] = client.get(address_of_it).content.decode().splitlines()
    assert "Inquiry" in row
    assert ",=cmd" not in row
