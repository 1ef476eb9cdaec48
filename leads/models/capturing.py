"""Public forms: what they ask, the consent they ask for, and what came in through them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from content.models import Asset
from crm.models import Language
from crm.models.base import Stamped
from crm.querysets import BatonQuerySet
from crm.states import one_of
from leads.capture.origins import is_origin
from leads.models.engagement import EventKind
from leads.models.lead import Lead
from leads.querysets import SubmissionQuerySet


def validate_origins(origins: list[str]) -> None:
    wrong = next((text for text in origins if not is_origin(text)), None)
    if wrong is not None:
        message = _("“%(text)s” is not a web address without a path. Write it like https://www.example.com.")
        raise ValidationError(message, params={"text": wrong})


def origins_field(label: Any, hint: Any) -> ArrayField:
    """Web origins such as https://www.example.com, divided by commas."""
    return ArrayField(
        models.CharField(max_length=253),
        default=list,
        blank=True,
        verbose_name=label,
        help_text=hint,
        validators=[validate_origins],
    )


class ConsentText(Stamped):
    """What a person agrees to, word for word. A version that somebody has agreed to never changes."""

    name = models.CharField(_("name"), max_length=80)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    language = models.CharField(_("language"), max_length=8, choices=Language, default=Language.ENGLISH)
    text = models.TextField(_("text"), max_length=3000)
    used_at = models.DateTimeField(_("first agreed to at"), null=True, blank=True, editable=False)

    objects = BatonQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("consent text"), _("consent texts")
        constraints = [
            models.UniqueConstraint(
                fields=["name", "language", "version"],
                name="consent_text_version_once",
                violation_error_message=_("This version exists already. Take the next number."),
            ),
            one_of("language", Language, name="consent_text_language_known"),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version} ({self.language})"

    @property
    def as_agreed(self) -> str:
        """As the contact keeps it: the text, and which one it was."""
        return f"{self.text}\n— {self}"


# What a form may bring about; anything else a person did is told by the beacon, a link or another tool.
FORM_KINDS = (EventKind.FORM, EventKind.INQUIRY, EventKind.DEMO_REQUEST, EventKind.WEBINAR_REGISTERED)


class CaptureForm(Stamped):
    """A public page that asks for a few things and gives something in return."""

    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    title = models.CharField(_("title"), max_length=120)
    intro = models.TextField(_("introduction"), max_length=1000, blank=True)
    language = models.CharField(_("language"), max_length=8, choices=Language, default=Language.ENGLISH)
    is_active = models.BooleanField(_("published"), default=False)
    kind = models.CharField(
        _("counts as"), max_length=24, choices=[(kind.value, kind.label) for kind in FORM_KINDS], default=EventKind.FORM
    )  # fmt: skip
    most_fields = models.PositiveSmallIntegerField(
        _("fields at once"), default=4, validators=[MinValueValidator(1), MaxValueValidator(12)],
        help_text=_("At most so many questions at a time; who comes back is asked the next ones."),
    )  # fmt: skip
    button = models.CharField(_("button"), max_length=40, blank=True)
    consent = models.ForeignKey(
        ConsentText, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("consent text")
    )
    consent_required = models.BooleanField(_("consent required"), default=False)
    asset = models.ForeignKey(
        Asset, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("asset behind it")
    )  # fmt: skip
    link_days = models.PositiveSmallIntegerField(
        _("download for days"), default=7, validators=[MinValueValidator(1), MaxValueValidator(90)]
    )
    source = models.CharField(_("source"), max_length=80, blank=True, default="form")
    medium = models.CharField(_("medium"), max_length=80, blank=True)
    campaign = models.CharField(_("campaign"), max_length=120, blank=True)
    thanks = models.TextField(_("words of thanks"), max_length=1000, blank=True)
    next_asset = models.ForeignKey(
        Asset, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("next step: asset"),
        help_text=_("Without one, the next step of the asset behind the form is offered."),
    )  # fmt: skip
    next_form = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("next step: form")
    )  # fmt: skip
    origins = origins_field(
        _("may be embedded on"), _("Web addresses without a path, such as https://www.example.com.")
    )

    objects = BatonQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("form"), _("forms")
        constraints = [
            one_of("language", Language, name="capture_form_language_known"),
            models.CheckConstraint(
                condition=Q(kind__in=[str(kind) for kind in FORM_KINDS]), name="capture_form_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(most_fields__gte=1, most_fields__lte=12), name="capture_form_size_sane"
            ),
            models.CheckConstraint(
                condition=Q(link_days__gte=1, link_days__lte=90), name="capture_form_link_days_sane"
            ),
            models.CheckConstraint(
                condition=Q(consent_required=False) | Q(consent__isnull=False),
                name="capture_form_consent_has_words",
                violation_error_message=_("Choose the consent text that has to be agreed to."),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class FieldName(models.TextChoices):
    """What a form can ask beside the e-mail address, which every form asks."""

    LAST_NAME = "last_name", _("Last name")
    FIRST_NAME = "first_name", _("First name")
    COMPANY = "company", _("Company")
    DEPARTMENT = "department", _("Department")
    JOB_TITLE = "job_title", _("Job title")
    ROLE = "stakeholder_role", _("Stakeholder role")
    PHONE = "phone", _("Phone")
    INDUSTRY = "industry", _("Industry")
    EMPLOYEES = "employee_count", _("Employees")
    COUNTRY = "country", _("Country")
    MESSAGE = "message", _("Message")


class Asked(models.TextChoices):
    UNKNOWN = "unknown", _("Only when unknown")
    ALWAYS = "always", _("Always")


class FormField(models.Model):
    """One question of a form."""

    form = models.ForeignKey(CaptureForm, on_delete=models.CASCADE, related_name="questions")
    name = models.CharField(_("field"), max_length=24, choices=FieldName)
    label = models.CharField(_("other words"), max_length=80, blank=True)
    is_required = models.BooleanField(_("required"), default=False)
    asked = models.CharField(_("asked"), max_length=8, choices=Asked, default=Asked.UNKNOWN)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    objects = BatonQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("question"), _("questions")
        constraints = [
            models.UniqueConstraint(
                fields=["form", "name"],
                name="form_field_once",
                violation_error_message=_("This is asked already. Remove one of the two."),
            ),
            one_of("name", FieldName, name="form_field_name_known"),
            one_of("asked", Asked, name="form_field_asked_known"),
        ]

    def __str__(self) -> str:
        return self.label or str(self.get_name_display())


class Fate(models.TextChoices):
    TAKEN = "taken", _("Taken in")
    HELD = "held", _("Held back")
    DISCARDED = "discarded", _("Thrown away")


class FormSubmission(models.Model):
    """One post of a form. What was typed is kept only while a person still has to look at it."""

    form = models.ForeignKey(
        CaptureForm, on_delete=models.PROTECT, related_name="submissions", verbose_name=_("form")
    )
    received_at = models.DateTimeField(_("received at"))
    # Of the number that makes a second post of the same page the same post.
    receipt = models.CharField(max_length=64, editable=False)
    status = models.CharField(_("status"), max_length=12, choices=Fate)
    doubts = ArrayField(models.CharField(max_length=16), default=list, blank=True, verbose_name=_("doubts"))
    answers = models.JSONField(_("answers"), default=dict, blank=True)
    consent = models.ForeignKey(
        ConsentText, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("agreed to")
    )
    lead = models.ForeignKey(
        Lead, on_delete=models.PROTECT, null=True, blank=True, related_name="submissions", verbose_name=_("lead")
    )  # fmt: skip
    link_until = models.DateTimeField(_("download until"), null=True, blank=True)
    downloaded_at = models.DateTimeField(_("downloaded at"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("decided by"),
    )  # fmt: skip

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("form post"), _("form posts")
        constraints = [
            one_of("status", Fate, name="form_submission_status_known"),
            models.UniqueConstraint(fields=["receipt"], name="form_submission_once"),
            models.CheckConstraint(
                condition=Q(status=Fate.HELD) | Q(answers={}), name="form_submission_keeps_only_held"
            ),
        ]
        indexes = [
            # what a marketer still has to look at
            models.Index(fields=["-id"], condition=Q(status=Fate.HELD), name="form_submission_held"),
        ]

    def __str__(self) -> str:
        return f"{self.form} {localtime(self.received_at):%Y-%m-%d %H:%M}"
