"""How the export or webhook of another tool is read as behaviour events: data, so that marketing keeps it up."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models.base import Stamped
from leads.models.engagement import EventKind
from leads.querysets import MappingQuerySet


class Signer(models.TextChoices):
    """Tools whose signature under a webhook we can check."""

    SENDGRID = "sendgrid", _("SendGrid")
    MAILGUN = "mailgun", _("Mailgun")
    HUBSPOT = "hubspot", _("HubSpot, version 3")
    TYPEFORM = "typeform", _("Typeform")


class EventMapping(Stamped):
    """Where in a row of the tool each part of an event is found.

    A place is the name of a column or key; a dot leads into an object, `[0]` to an item, `[type=email]` to the
    item that has this value; `a | b` takes the first that is there.
    """

    code = models.SlugField(_("code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    source = models.CharField(
        _("source"), max_length=80, help_text=_("Events count once by this and their id there.")
    )
    rows_at = models.CharField(
        _("place of the events"),
        max_length=200,
        blank=True,
        help_text=_("Where the list of events is, when it is inside an object."),
    )
    kind_at = models.CharField(_("kind"), max_length=200, blank=True)
    kinds = models.JSONField(
        _("kinds"),
        default=dict,
        blank=True,
        help_text=_("What the tool calls it, and our kind for it; “-” for what is no behaviour."),
    )
    kind_otherwise = models.CharField(
        _("kind where none is told"), max_length=24, choices=EventKind, blank=True
    )
    email_at = models.CharField(_("e-mail"), max_length=200, blank=True)
    person_at = models.CharField(_("external id of the lead"), max_length=200, blank=True)
    time_at = models.CharField(_("time"), max_length=200)
    time_format = models.CharField(
        _("time format"),
        max_length=120,
        blank=True,
        help_text=_(
            "Such as dd/mm/yyyy or %d %b %Y %H:%M; blank for ISO 8601, seconds since 1970, and yyyy/mm/dd."
        ),
    )
    zone = models.CharField(_("time zone"), max_length=60, default="Asia/Tokyo")
    id_at = models.CharField(
        _("id"), max_length=200, blank=True, help_text=_("Without one the content of the row is its id.")
    )
    asset_at = models.CharField(_("content"), max_length=200, blank=True)
    assets = models.JSONField(
        _("contents"), default=dict, blank=True, help_text=_("What the tool calls it, and the slug of ours.")
    )
    keeps = models.JSONField(
        _("kept beside"),
        default=list,
        blank=True,
        help_text=_("Further places that are kept with the event."),
    )
    refuses_scanners = models.BooleanField(
        _("scanners do not count"),
        default=False,
        help_text=_("Opens and clicks by mail filters are kept, marked, and left out of the score."),
    )
    agent_at = models.CharField(_("user agent"), max_length=200, blank=True)
    machine_at = models.CharField(_("marked as a machine"), max_length=200, blank=True)
    delivered_at = models.CharField(_("delivery time"), max_length=200, blank=True)
    scanner_seconds = models.PositiveSmallIntegerField(
        _("seconds after delivery"), default=2, validators=[MaxValueValidator(60)]
    )

    signer = models.CharField(
        _("signature"),
        max_length=12,
        choices=Signer,
        blank=True,
        help_text=_("Calls to this mapping that the tool did not sign a short while ago are refused."),
    )
    signing_key = models.CharField(_("key of the signature"), max_length=500, blank=True)

    objects = MappingQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("event mapping"), _("event mappings")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind_otherwise__in=["", *EventKind.values]),
                name="mapping_kind_known",
                violation_error_message=_("Choose one of the listed values."),
            ),
            models.CheckConstraint(
                condition=~Q(email_at="") | ~Q(person_at=""),
                name="mapping_tells_the_person",
                violation_error_message=_("Say where the person is found: by e-mail or by external id."),
            ),
            models.CheckConstraint(
                condition=~Q(kind_at="") | ~Q(kind_otherwise=""),
                name="mapping_tells_the_kind",
                violation_error_message=_("Say where the kind is found, or which kind all rows have."),
            ),
            models.CheckConstraint(
                condition=Q(scanner_seconds__lte=60),
                name="mapping_seconds_sane",
                violation_error_message=_("Use at most 60 seconds."),
            ),
            models.CheckConstraint(
                condition=Q(signer="") | Q(signer__in=Signer.values) & ~Q(signing_key=""),
                name="mapping_signature_has_a_key",
                violation_error_message=_("Enter the key that the tool shows for its webhooks."),
            ),
        ]

    def __str__(self) -> str:
        return self.name
