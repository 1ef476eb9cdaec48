"""Importers of the ground: users, accounts, contacts."""

from crm import importing
from crm.importers.accounts import Accounts
from crm.importers.contacts import Contacts
from crm.importers.users import Users, people_named

__all__ = ["Accounts", "Contacts", "Users", "people_named", "register"]


def register() -> None:
    for importer in (Users, Accounts, Contacts):
        importing.register(importer)
