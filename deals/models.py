"""Deals, the stages they pass, what is sold, and who decides on the buyer's side."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from crm import grams
from crm.models import Account, Contact, StakeholderRole
from crm.models.base import Stamped, sane_days, sane_moments
from crm.querysets import BatonQuerySet
from crm.states import one_of
from deals.querysets import DealQuerySet, OfDealQuerySet, StageQuerySet
from leads.models import Lead, Programme


class DealOutcome(models.TextChoices):
    OPEN = "open", _("Open")
    WON = "won", _("Won")
    LOST = "lost", _("Lost")


class LocalName(models.Model):
    """A catalogue row people read in their own language."""

    name = models.CharField(_("name"), max_length=80)
    name_ja = models.CharField(_("name in Japanese"), max_length=80, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        in_japanese = (get_language() or "").startswith("ja")
        return self.name_ja if in_japanese and self.name_ja else self.name


class DealStage(LocalName):
    """A stage of the pipeline. Exactly one is for won deals, one for lost ones."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    probability = models.PositiveSmallIntegerField(
        _("probability in %"), default=10, validators=[MaxValueValidator(100)]
    )
    outcome = models.CharField(_("outcome"), max_length=8, choices=DealOutcome, default=DealOutcome.OPEN)

    objects = StageQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("deal stage"), _("deal stages")
        constraints = [
            one_of("outcome", DealOutcome, name="deal_stage_outcome_known"),
            models.UniqueConstraint(
                fields=["outcome"], condition=~Q(outcome="open"), name="deal_stage_one_won_one_lost"
            ),
            models.CheckConstraint(condition=Q(probability__lte=100), name="deal_stage_probability_sane"),
        ]


class Product(models.Model):
    code = models.CharField(_("code"), max_length=80, unique=True)
    name = models.CharField(_("name"), max_length=120)
    price = models.DecimalField(_("list price"), max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="JPY")

    objects = BatonQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("product"), _("products")
        constraints = [
            models.CheckConstraint(condition=Q(price=None) | Q(price__gte=0), name="product_price_sane")
        ]

    def __str__(self) -> str:
        return self.name


class LossReason(LocalName):
    """Why a deal was lost, and whether and when its lead goes back to nurture."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    recycles = models.BooleanField(_("back to nurture"), default=True)
    wait_days = models.PositiveSmallIntegerField(
        _("wait in days"), default=90, validators=[MaxValueValidator(3650)]
    )
    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("programme")
    )

    objects = BatonQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("loss reason"), _("loss reasons")
        constraints = [models.CheckConstraint(condition=Q(wait_days__lte=3650), name="loss_wait_sane")]


class Deal(Stamped):
    name = models.CharField(_("name"), max_length=200)
    account = models.ForeignKey(
        Account,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="deals",
        verbose_name=_("account"),
    )
    contact = models.ForeignKey(
        Contact,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="deals",
        verbose_name=_("contact"),
    )
    lead = models.ForeignKey(
        Lead, on_delete=models.PROTECT, null=True, blank=True, related_name="deals", verbose_name=_("lead")
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="deals", verbose_name=_("owner")
    )
    product = models.ForeignKey(
        Product,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="deals",
        verbose_name=_("product"),
    )
    stage = models.ForeignKey(
        DealStage, on_delete=models.PROTECT, related_name="deals", verbose_name=_("stage"), editable=False
    )
    stage_at = models.DateTimeField(_("in this stage since"), editable=False)
    amount = models.DecimalField(
        _("amount"), max_digits=14, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    currency = models.CharField(
        _("currency"),
        max_length=3,
        default="JPY",
        validators=[RegexValidator(r"^[A-Z]{3}$", _("Use a three-letter code such as JPY."))],
    )
    expected_close_on = models.DateField(_("expected close"), null=True, blank=True)
    opened_at = models.DateTimeField(_("opened at"))
    engaged_at = models.DateTimeField(_("engaged at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True, editable=False)
    lost_reason = models.ForeignKey(
        LossReason,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("reason of the loss"),
        editable=False,
    )
    close_note = models.TextField(_("what decided"), blank=True, editable=False)
    external_id = models.CharField(_("external id"), max_length=120, blank=True)
    sought = grams.sought("name")

    objects = DealQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("deal"), _("deals")
        constraints = [
            models.UniqueConstraint(
                fields=["external_id"], condition=~Q(external_id=""), name="deal_external_id_unique"
            ),
            models.CheckConstraint(
                condition=Q(amount=None) | Q(amount__gte=0, amount__lt=10**12),
                name="deal_amount_sane",
                violation_error_message=_("Enter an amount of zero or more."),
            ),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="deal_currency_sane"),
            sane_days("expected_close_on", name="deal_days_sane"),
            sane_moments("stage_at", "opened_at", "engaged_at", "closed_at", name="deal_moments_sane"),
            models.CheckConstraint(
                condition=Q(lost_reason=None) | Q(closed_at__isnull=False), name="deal_lost_is_closed"
            ),
        ]
        indexes = [
            # my deals by stage: list and board
            models.Index(fields=["owner", "stage", "-id"], name="deal_owner_stage"),
            models.Index(fields=["stage", "-id"], name="deal_stage"),
            # won and lost in a period
            models.Index(fields=["closed_at"], condition=Q(closed_at__isnull=False), name="deal_closed"),
            models.Index(fields=["updated_at", "id"], name="deal_updated"),
            # searching: deals whose name holds a word
            grams.index(name="deal_grams"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        return self.stage.outcome == DealOutcome.OPEN


class Stance(models.TextChoices):
    CHAMPION = "champion", _("Champion")
    SUPPORTER = "supporter", _("Supporter")
    NEUTRAL = "neutral", _("Neutral")
    SCEPTIC = "sceptic", _("Sceptic")
    BLOCKER = "blocker", _("Blocker")


class Stakeholder(models.Model):
    """A member of a deal's buying committee."""

    deal = models.ForeignKey(
        Deal, on_delete=models.CASCADE, related_name="stakeholders", verbose_name=_("deal")
    )
    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, related_name="committees", verbose_name=_("contact")
    )
    role = models.CharField(_("role"), max_length=16, choices=StakeholderRole)
    stance = models.CharField(_("stance"), max_length=16, choices=Stance, default=Stance.NEUTRAL)
    note = models.CharField(_("note"), max_length=200, blank=True)

    objects = OfDealQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("stakeholder"), _("buying committee")
        constraints = [
            models.UniqueConstraint(fields=["deal", "contact"], name="stakeholder_once"),
            one_of("role", StakeholderRole, name="stakeholder_role_known"),
            one_of("stance", Stance, name="stakeholder_stance_known"),
        ]

    def __str__(self) -> str:
        return f"{self.contact} ({self.get_role_display()})"
