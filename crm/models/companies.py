"""Accounts, contacts, and who works which account."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm import grams
from crm.models.base import Stamped, sane_moments
from crm.names import name_or
from crm.querysets import AccountQuerySet, BatonQuerySet, ContactQuerySet
from crm.states import one_of


class Account(Stamped):
    """A company."""

    name = models.CharField(_("name"), max_length=200)
    name_key = models.CharField(max_length=200, editable=False)
    domain = models.CharField(_("web domain"), max_length=253, blank=True)
    industry = models.CharField(_("industry"), max_length=80, blank=True)
    employee_count = models.PositiveIntegerField(_("employees"), null=True, blank=True)
    country = models.CharField(_("country"), max_length=80, blank=True)
    address = models.CharField(_("postal address"), max_length=300, blank=True)
    corporate_number = models.CharField(_("corporate number"), max_length=13, blank=True)
    external_id = models.CharField(_("external id"), max_length=120, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="accounts",
        verbose_name=_("owner"),
    )
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    sought = grams.sought("name", "domain")

    objects = AccountQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("account"), _("accounts")
        constraints = [
            models.UniqueConstraint(
                fields=["external_id"], condition=~Q(external_id=""), name="account_external_id_unique"
            ),
            models.UniqueConstraint(
                fields=["domain"], condition=~Q(domain="") & Q(merged_into=None), name="account_domain_unique"
            ),
            models.CheckConstraint(
                condition=Q(employee_count=None) | Q(employee_count__lte=10_000_000),
                name="account_employees_sane",
            ),
        ]
        indexes = [
            # capture and import: the company with this normalised name
            models.Index(fields=["name_key"], name="account_name_key"),
            # capture: the company with this number
            models.Index(
                fields=["corporate_number"],
                condition=~Q(corporate_number=""),
                name="account_corporate_number",
            ),
            # delta sync: updated since, in order
            models.Index(fields=["updated_at", "id"], name="account_updated"),
            # the list of companies, by name
            models.Index(fields=["name", "id"], name="account_name"),
            # searching: companies whose name or domain holds a word
            grams.index(name="account_grams"),
        ]

    def __str__(self) -> str:
        return self.name


class AccountAccess(models.Model):
    """A user works, or has worked, an account: what `visible_to` rests on."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)

    objects = BatonQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("account access"), _("account access")
        # visible_to: the accounts of this user
        constraints = [models.UniqueConstraint(fields=["user", "account"], name="account_access_once")]


class StakeholderRole(models.TextChoices):
    EXECUTIVE = "executive", _("Executive")
    END_USER = "end_user", _("End user")
    IT = "it", _("IT")
    PROCUREMENT = "procurement", _("Procurement")
    LEGAL = "legal", _("Legal")


class Consent(models.TextChoices):
    UNKNOWN = "unknown", _("Unknown")
    GRANTED = "granted", _("Granted")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Contact(Stamped):
    """A person, at a company or not yet known to be at one."""

    account = models.ForeignKey(
        Account,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="contacts",
        verbose_name=_("account"),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="contacts",
        verbose_name=_("owner"),
    )
    email = models.CharField(_("e-mail"), max_length=254, blank=True)
    email_key = models.CharField(max_length=254, blank=True, editable=False)
    first_name = models.CharField(_("first name"), max_length=80, blank=True)
    last_name = models.CharField(_("last name"), max_length=80, blank=True)
    job_title = models.CharField(_("job title"), max_length=160, blank=True)
    department = models.CharField(_("department"), max_length=120, blank=True)
    stakeholder_role = models.CharField(
        _("stakeholder role"), max_length=16, choices=StakeholderRole, blank=True
    )
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    phone_key = models.CharField(max_length=20, blank=True, editable=False)
    external_id = models.CharField(_("external id"), max_length=120, blank=True)
    consent = models.CharField(_("consent"), max_length=16, choices=Consent, default=Consent.UNKNOWN)
    consent_at = models.DateTimeField(_("consent given or withdrawn at"), null=True, blank=True)
    consent_text = models.TextField(_("consent text"), blank=True)
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    # A Japanese name is typed as one word; the given name may also be typed alone.
    sought = grams.sought("last_name", "+first_name", "first_name", "email")

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("contact"), _("contacts")
        constraints = [
            models.UniqueConstraint(
                fields=["email_key"],
                condition=~Q(email_key="") & Q(merged_into=None),
                name="contact_email_unique",
                violation_error_message=_("Another contact has this e-mail address. Open that one instead."),
            ),
            models.UniqueConstraint(
                fields=["external_id"], condition=~Q(external_id=""), name="contact_external_id_unique"
            ),
            one_of("consent", Consent, name="contact_consent_known"),
            sane_moments("consent_at", name="contact_consent_at_sane"),
        ]
        indexes = [
            # capture without e-mail: the person with this number
            models.Index(fields=["phone_key"], condition=~Q(phone_key=""), name="contact_phone_key"),
            # events and capture: who the person that had this address was merged into
            models.Index(
                fields=["email_key"], condition=Q(merged_into__isnull=False), name="contact_old_email"
            ),
            models.Index(fields=["updated_at", "id"], name="contact_updated"),
            # the list of leads, by name
            models.Index(fields=["last_name", "id"], name="contact_last_name"),
            # searching: people whose name or address holds a word
            grams.index(name="contact_grams"),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        """Names as the person writes them: 姓 名 in Japanese, given name first otherwise."""
        otherwise = (self.email, self.external_id, self.phone, f"#{self.pk}")
        return name_or(self.first_name, self.last_name, *otherwise)

    @property
    def has_opted_out(self) -> bool:
        return self.consent == Consent.WITHDRAWN
