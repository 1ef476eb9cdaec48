"""The content library: what marketing gives to whom, in which phase."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from content.querysets import AssetQuerySet
from crm.models import Language, StakeholderRole
from crm.models.base import Stamped, sane_days
from crm.states import one_of


class Phase(models.TextChoices):
    """The six buying phases; people move between them both ways."""

    AWARENESS = "awareness", _("Awareness")
    INTEREST = "interest", _("Interest")
    COMPARISON = "comparison", _("Comparison")
    CONSIDERATION = "consideration", _("Consideration")
    PURCHASE = "purchase", _("Purchase")
    RETENTION = "retention", _("Retention")


class AssetKind(models.TextChoices):
    SURVEY_REPORT = "survey_report", _("Survey report")
    WHITE_PAPER = "white_paper", _("White paper")
    CASE_STUDY = "case_study", _("Case study")
    WEBINAR = "webinar", _("Webinar")
    WEBINAR_ARCHIVE = "webinar_archive", _("On-demand webinar")
    ARTICLE = "article", _("Article")
    GUIDE = "guide", _("FAQ or guide")
    COMPARISON_TABLE = "comparison_table", _("Comparison table")
    PROPOSAL = "proposal", _("Proposal material")
    DEMO = "demo", _("Demo")
    ROI_SIMULATOR = "roi_simulator", _("ROI simulator")
    PRICE_LIST = "price_list", _("Price list")
    CONTRACT_SAMPLE = "contract_sample", _("Contract sample")
    SECURITY_SHEET = "security_sheet", _("Security sheet")
    SLA_DOCUMENT = "sla_document", _("SLA document")
    PAGE = "page", _("Web page")


class Asset(Stamped):
    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    kind = models.CharField(_("kind"), max_length=24, choices=AssetKind)
    title = models.CharField(_("title"), max_length=200)
    title_ja = models.CharField(_("title in Japanese"), max_length=200, blank=True)
    summary = models.TextField(_("summary"), blank=True)
    url = models.URLField(_("address"), blank=True)
    phases = ArrayField(
        models.CharField(max_length=16, choices=Phase), default=list, verbose_name=_("phases")
    )
    stakeholder_roles = ArrayField(
        models.CharField(max_length=16, choices=StakeholderRole),
        default=list,
        blank=True,
        verbose_name=_("stakeholder roles"),
    )
    industries = ArrayField(
        models.CharField(max_length=80), default=list, blank=True, verbose_name=_("industries")
    )
    language = models.CharField(_("language"), max_length=8, choices=Language, default=Language.ENGLISH)
    published_on = models.DateField(_("published on"), null=True, blank=True)
    reviewed_on = models.DateField(_("reviewed on"), null=True, blank=True)
    retired_on = models.DateField(_("retired on"), null=True, blank=True)
    next_step = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("next step"),
    )

    objects = AssetQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("asset"), _("assets")
        constraints = [
            one_of("kind", AssetKind, name="asset_kind_known"),
            sane_days("published_on", "reviewed_on", "retired_on", name="asset_days_sane"),
            models.CheckConstraint(
                condition=Q(phases__contained_by=list(Phase.values)),
                name="asset_phases_known",
                violation_error_message=_("Choose from the six phases."),
            ),
            models.CheckConstraint(
                condition=Q(stakeholder_roles__contained_by=list(StakeholderRole.values)),
                name="asset_roles_known",
                violation_error_message=_("Choose from the five stakeholder roles."),
            ),
        ]
        # delta sync
        indexes = [models.Index(fields=["updated_at", "id"], name="asset_updated")]

    def __str__(self) -> str:
        return self.local_title

    @property
    def local_title(self) -> str:
        in_japanese = (get_language() or "").startswith("ja")
        return self.title_ja if in_japanese and self.title_ja else self.title
