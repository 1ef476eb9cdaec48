"""The people of both sides: users, their teams, their leave, their API tokens."""

from __future__ import annotations

import zoneinfo
from datetime import datetime
from functools import cache
from typing import Any

from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from knox.models import AbstractAuthToken

from crm.models.base import Stamped, sane_days
from crm.names import name_or
from crm.querysets import LeaveQuerySet, TeamQuerySet, UserQuerySet
from crm.states import one_of


@cache
def zones() -> list[str]:
    """Every zone there is, in order; to find them, hundreds of files are looked at."""
    return sorted(zoneinfo.available_timezones())


def validate_zone(name: str) -> None:
    if name not in zones():
        raise ValidationError(
            _("“%(name)s” is not a time zone. Write it like Asia/Tokyo."), params={"name": name}
        )


class Role(models.TextChoices):
    REP = "rep", _("Sales rep")
    MANAGER = "manager", _("Sales manager")
    MARKETER = "marketer", _("Marketer")
    ADMIN = "admin", _("Administrator")


class Theme(models.TextChoices):
    AUTO = "auto", _("As the device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class Density(models.TextChoices):
    COMPACT = "compact", _("Compact")
    COMFORTABLE = "comfortable", _("Comfortable")


class Language(models.TextChoices):
    ENGLISH = "en", "English"
    JAPANESE = "ja", "日本語"


class Mails(models.TextChoices):
    AT_ONCE = "at_once", _("At once")
    DIGEST = "digest", _("Once a day")
    NONE = "none", _("None")


class Team(Stamped):
    name = models.CharField(_("name"), max_length=120, unique=True)
    calendar = models.ForeignKey(
        "crm.Calendar", on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("working calendar")
    )

    objects = TeamQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("team"), _("teams")

    def __str__(self) -> str:
        return self.name


class People(UserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """`createsuperuser` makes an administrator; being staff follows from the role."""

    def create_superuser(
        self, username: str, email: str | None = None, password: str | None = None, **extra: Any
    ) -> Any:
        return self.create_user(username, email, password, role=Role.ADMIN, **extra)

    def _create_user(self, username: str, email: str | None, password: str | None, **extra: Any) -> Any:
        extra.pop("is_staff", None)
        return super()._create_user(username, email, password, **extra)


class User(AbstractUser):  # type: ignore[django-manager-missing]
    role = models.CharField(_("role"), max_length=16, choices=Role, default=Role.REP)
    team = models.ForeignKey(
        Team, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("team"), related_name="members"
    )
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="Asia/Tokyo", validators=[validate_zone]
    )
    language = models.CharField(_("language"), max_length=8, choices=Language, default=Language.ENGLISH)
    theme = models.CharField(_("theme"), max_length=8, choices=Theme, default=Theme.AUTO)
    density = models.CharField(_("density"), max_length=16, choices=Density, default=Density.COMPACT)
    capacity = models.PositiveSmallIntegerField(
        _("capacity"),
        default=20,
        help_text=_("Open handoffs this person can work at once; shares the load by it."),
    )
    daily_limit = models.PositiveSmallIntegerField(
        _("new handoffs a day"),
        null=True,
        blank=True,
        help_text=_("At most so many new ones a day; empty for no limit."),
    )
    mails = models.CharField(_("mails"), max_length=8, choices=Mails, default=Mails.AT_ONCE)
    digest_hour = models.PositiveSmallIntegerField(_("hour of the daily mail"), default=8)
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    quiet_days_off = models.BooleanField(_("quiet on days off"), default=False)
    urgent_always = models.BooleanField(_("urgent mails at any time"), default=False)
    hears_hot_leads = models.BooleanField(_("told of every hot lead"), default=False)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True, editable=False)

    objects = People()  # type: ignore[misc]

    class Meta:
        verbose_name, verbose_name_plural = _("user"), _("users")
        constraints = [
            one_of("role", Role, name="user_role_known"),
            models.CheckConstraint(condition=Q(capacity__lte=1000), name="user_capacity_sane"),
            one_of("mails", Mails, name="user_mails_known"),
            models.CheckConstraint(
                condition=Q(digest_hour__lte=23),
                name="user_digest_hour_of_day",
                violation_error_message=_("Choose an hour from 0 to 23."),
            ),
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False) & ~Q(quiet_from=F("quiet_until")),
                name="user_quiet_hours_whole",
                violation_error_message=_("Give both ends of the quiet hours, and two different times."),
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        return name_or(self.first_name, self.last_name, self.username)

    # Marketers live in the admin; whoever may enter it is decided by the role alone.
    @property
    def is_staff(self) -> bool:  # type: ignore[override]
        return self.role in (Role.MARKETER, Role.ADMIN)


class Leave(models.Model):
    """Days on which a person is away and gets no handoffs; both ends included."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="leaves", verbose_name=_("person"))
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))

    objects = LeaveQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("leave"), _("leaves")
        constraints = [
            sane_days("starts_on", "ends_on", name="leave_days_sane"),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="leave_ends_after_start",
                violation_error_message=_("The last day comes before the first."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.starts_on}–{self.ends_on}"


class ApiToken(AbstractAuthToken):
    """A token of an integration: stored as a hash, with a name, scopes and an optional expiry."""

    name = models.CharField(_("name"), max_length=120, blank=True)
    scopes = ArrayField(models.CharField(max_length=32), default=list, verbose_name=_("scopes"))
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True)
    read_at: datetime  # when a call came with it: see `crm.present`

    class Meta:
        verbose_name, verbose_name_plural = _("API token"), _("API tokens")
