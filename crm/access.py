"""Who may see and do what. Roles are few and fixed; records follow ownership.

A rep sees the records they own and the accounts they work; a manager those of the team; marketing
and administrators see everything. Foreign records are missing (404), forbidden deeds are refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from crm import bulk

if TYPE_CHECKING:
    from crm.models import Account, User

REP, MANAGER, MARKETER, ADMIN = "rep", "manager", "marketer", "admin"
ROLES = (REP, MANAGER, MARKETER, ADMIN)


def is_member(user: Any) -> bool:
    return bool(user.is_authenticated and user.is_active)


def is_admin(user: Any) -> bool:
    return is_member(user) and user.role == ADMIN


def sees_everything(user: Any) -> bool:
    return is_member(user) and user.role in (MARKETER, ADMIN)


def peers(user: User) -> QuerySet[User]:
    """The people whose records the user sees: themselves, or a manager's whole team."""
    people = apps.get_model("crm", "User")._default_manager.all()
    if not is_member(user):
        return people.none()
    if user.role == MANAGER and user.team_id:
        return people.filter(team_id=user.team_id)
    return people.filter(pk=user.pk)


def account_ids(user: User) -> QuerySet[Any]:
    """Ids of the accounts the user works, as a subquery."""
    granted = apps.get_model("crm", "AccountAccess")._default_manager
    return granted.filter(user__in=peers(user)).values("account_id")


def grant(pairs: Iterable[tuple[int, int]]) -> None:
    """Let users see accounts: pairs of (account id, user id). Granting twice is harmless."""
    granted = sorted(set(pairs))
    columns = {
        "account": [account for account, _user in granted],
        "user": [user for _account, user in granted],
    }
    if granted:
        bulk.insert_new(apps.get_model("crm", "AccountAccess"), columns)


def require_role(user: Any, *roles: str) -> None:
    """Refuse a deed to everybody but these roles; an administrator may do anything."""
    if is_member(user) and user.role in (*roles, ADMIN):
        return
    raise PermissionDenied(_("Your role does not allow this. Ask your manager or an administrator."))


def may_work(user: Any, owner_id: int | None) -> bool:
    """Whether the user may change a record of this owner: the owner, their manager, an admin."""
    if not is_member(user):
        return False
    if user.role == ADMIN or user.pk == owner_id:
        return True
    return user.role == MANAGER and bool(owner_id) and peers(user).filter(pk=owner_id or 0).exists()


def accounts_of(user: User) -> QuerySet[Account]:
    return apps.get_model("crm", "Account")._default_manager.visible_to(user)
