"""Accounts and contacts over REST."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters import rest_framework as filters
from rest_framework.exceptions import ValidationError

from crm import directory, grams
from crm.api.filters import ChangedFilter, Filters, Number
from crm.api.serializers import AccountAnswer, AccountInput, ContactAnswer, ContactInput
from crm.api.views import Resource
from crm.domains import domain_of
from crm.identity import InvalidIdentity, parse_corporate_number, parse_email
from crm.models import Account, Contact, StakeholderRole
from crm.states import Refused

SCOPES = {"read": "leads:read", "write": "leads:write"}


class Mergeable(Resource):
    """Records whose old id leads to the one they were merged into."""

    def get_object(self) -> Any:
        """Reading follows the id of a merged record; a deed names the record that stands."""
        model = self.rows().model
        asked = model.objects.visible_to(self.user).filter(pk=self.kwargs["pk"], merged_into__isnull=False)
        if self.request.method == "GET" and (into := asked.values_list("merged_into", flat=True).first()):
            self.kwargs["pk"] = into
        return super().get_object()


class AccountFilters(Filters):
    name = filters.CharFilter(method="by_name")
    domain = filters.CharFilter()
    industry = filters.CharFilter()
    country = filters.CharFilter()
    external_id = filters.CharFilter()

    def by_name(self, rows: Any, name: str, value: str) -> Any:
        return rows.named(*grams.words(value)).filter(name__icontains=value)


class Accounts(Mergeable):
    required_scopes = SCOPES
    serializer_class, input_class, patch_class = AccountAnswer, AccountInput, AccountInput
    filterset_class = AccountFilters

    def rows(self) -> QuerySet[Account]:
        rows: QuerySet[Account] = Account.objects.visible_to(self.user).standing().select_related("owner")
        return rows

    def add(self, values: dict[str, Any]) -> Account:
        return directory.add_account(by=self.user, at=self.at, **_keyed(values))

    def edit(self, row: Account, values: dict[str, Any]) -> Account:
        return directory.edit_account(row, by=self.user, at=self.at, **_keyed(values))


def _keyed(values: dict[str, Any]) -> dict[str, Any]:
    if values.get("domain"):
        values["domain"] = domain_of(values["domain"])
    if values.get("corporate_number"):
        values["corporate_number"] = parse_corporate_number(values["corporate_number"])
    return values


def email_key_asked(value: str) -> str:
    """The key of an address in a filter."""
    try:
        return parse_email(value).key
    except InvalidIdentity as error:
        raise ValidationError({"email": [str(error)]}) from error


class ContactFilters(Filters):
    updated_since = ChangedFilter(
        label="updated_since",
        help_text=gettext_lazy(
            "People who changed, or whose company did, at this moment or later, such as 2026-01-31T09:00:00+09:00."
        ),
    )
    email = filters.CharFilter(field_name="email_key", method="by_email")
    account = Number(field_name="account_id")
    external_id = filters.CharFilter()
    stakeholder_role = filters.ChoiceFilter(choices=StakeholderRole.choices)

    def by_email(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(email_key=email_key_asked(value))


class Contacts(Mergeable):
    required_scopes = SCOPES
    serializer_class, input_class, patch_class = ContactAnswer, ContactInput, ContactInput
    filterset_class = ContactFilters

    def rows(self) -> QuerySet[Contact]:
        return Contact.objects.visible_to(self.user).standing().select_related("account", "owner")

    def add(self, values: dict[str, Any]) -> Contact:
        if not (values.get("email") or values.get("phone") or values.get("external_id")):
            message = _("Give an e-mail address, a phone number or an external id.")
            raise Refused(message, field="email", code="required")
        return directory.add_contact(by=self.user, at=self.at, **values)

    def edit(self, row: Contact, values: dict[str, Any]) -> Contact:
        return directory.edit_contact(row, by=self.user, at=self.at, **values)
