"""What a role may do in the admin: one table, asked through Django's own `has_perm`."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend

from crm import access

OURS = frozenset({"crm", "content", "leads", "deals", "sla"})
# When background work runs: marketing may look, administrators change it.
SCHEDULES = "django_celery_beat"

# What marketing keeps up: it may add, change and delete these. Everything else of ours it may view.
CATALOGUES = frozenset(
    {
        "content.asset",
        "crm.calendar",
        "crm.closure",
        "deals.dealstage",
        "deals.lossreason",
        "deals.product",
        "leads.behaviourrule",
        "leads.captureform",
        "leads.consenttext",
        "leads.disqualifier",
        "leads.eventmapping",
        "leads.fitgrade",
        "leads.fitrule",
        "leads.formfield",
        "leads.mqldefinition",
        "leads.pathrule",
        "leads.programme",
        "leads.scoringmodel",
        "leads.segment",
        "leads.site",
        "sla.agreement",
        "sla.escalationstep",
        "sla.reasonrule",
        "sla.rejectionreason",
        "sla.territory",
    }
)
# The system's own business, for administrators.
HIDDEN = frozenset({"crm.outboxmessage", "crm.webhook", "crm.webhookattempt", "crm.webhookdelivery"})
# Deeds that stand behind an admin action, beside Django's four verbs.
DEEDS = frozenset(
    {
        "sla.review_feedback",
        "sla.finish_datatask",
        "leads.judge_formsubmission",
        "leads.recycle_lead",
        "leads.disqualify_lead",
        "leads.withdraw_behaviourevent",
        "leads.restore_behaviourevent",
    }
)
VERBS = frozenset({"add", "change", "delete", "view"})


def allows(user: Any, permission: str) -> bool:
    """Whether the user's role holds a permission such as `sla.change_agreement`."""
    if access.is_admin(user):
        return True
    if not (access.is_member(user) and user.role == access.MARKETER):
        return False
    app, _dot, codename = permission.partition(".")
    verb, _underscore, model = codename.partition("_")
    if permission in DEEDS:
        return True
    if verb == "view":
        return app in OURS | {SCHEDULES} and f"{app}.{model}" not in HIDDEN
    return verb in VERBS and f"{app}.{model}" in CATALOGUES


class RoleBackend(BaseBackend):
    """Logs nobody in; answers permissions from the role alone."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return allows(user_obj, perm)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        if access.is_admin(user_obj):
            return True
        return access.sees_everything(user_obj) and app_label in OURS | {SCHEDULES}
