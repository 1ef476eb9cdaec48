"""Importers of products and deals. A deal is told by its external id; what a row cannot name is said, and it stays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import access, importing
from crm.importers import people_named
from crm.importing import CREATED, UNCHANGED, UPDATED, Context, Field, Line, Subject, keyed
from crm.keys import company_key
from crm.models import Account, User
from crm.text import shown
from deals import catalogue, pipeline
from deals.models import Deal, DealOutcome, DealStage, LossReason, Product
from leads.models import Lead

MOST_AMOUNT, MOST_NEW_STAGES = 10**12, 20


class Products:
    kind: ClassVar[str] = "products"
    fields: ClassVar[Sequence[Field]] = (
        Field("name", gettext_lazy("name"), required=True),
        Field("code", gettext_lazy("code")),
        Field("price", gettext_lazy("list price"), importing.NUMBER),
        Field("currency", gettext_lazy("currency"), fill=True),
    )

    def subjects(self, line: Line) -> list[Subject]:
        return [
            Subject(keyed(("code", line.text("code") or line.text("name"))), ("name", "price", "currency"))
        ]

    def take(self, lines: Sequence[Line], context: Context) -> None:
        for line in lines:
            _check_money(line, "price")
            if not line.problems:
                name = line.text("name")[:120]
                line.outcome = catalogue.bring_product(
                    code=(line.text("code") or name)[:80],
                    name=name,
                    price=line.values["price"],
                    currency=line.text("currency"),
                )


def _check_money(line: Line, name: str) -> None:
    if not 0 <= (line.values.get(name) or 0) < MOST_AMOUNT:
        line.refuse(name, _("Enter an amount of zero or more."))
    currency = line.text("currency")
    if currency and not (len(currency) == 3 and currency.isascii() and currency.isupper()):
        line.refuse("currency", _("Use a three-letter code such as JPY."))


class Deals:
    """Deals in the state they are in elsewhere; with a lead, the handoff between them becomes history too."""

    kind: ClassVar[str] = "deals"
    fields: ClassVar[Sequence[Field]] = (
        Field("external_id", gettext_lazy("external id"), required=True),
        Field("name", gettext_lazy("name")),
        Field("owner", gettext_lazy("owner"), fill=True),
        Field("account", gettext_lazy("account")),
        Field("product", gettext_lazy("product")),
        Field("lead", gettext_lazy("external id of the lead")),
        Field("stage", gettext_lazy("stage"), fill=True),
        Field("amount", gettext_lazy("amount"), importing.NUMBER),
        Field("currency", gettext_lazy("currency"), fill=True),
        Field("engaged_at", gettext_lazy("engaged at"), importing.MOMENT),
        Field("closed_at", gettext_lazy("closed at"), importing.MOMENT),
    )

    def take(self, lines: Sequence[Line], context: Context) -> None:
        look_up = _LookUp(lines, context)
        fresh: list[pipeline.Past] = []
        for line in lines:
            past = look_up.past(line)
            if past is None:
                continue
            known = look_up.deals.get(past.opening.external_id)
            if known:
                line.outcome = _renewed(line, known, past, look_up)
            else:
                fresh.append(past)
                line.outcome = CREATED
        pipeline.bring_in(fresh, by=context.by, at=context.at)

    def subjects(self, line: Line) -> list[Subject]:
        overwriting = ("owner", "account", "product", "stage", "amount", "engaged_at", "closed_at")
        return [Subject(keyed(("external_id", line.text("external_id"))), overwriting)]


def _renewed(line: Line, deal: Deal, past: pipeline.Past, look_up: _LookUp) -> str:
    """What the file tells anew. An open stage stays as people moved it here; a blank erases nothing."""
    changes = _changes(deal, past.opening, names_owner=look_up.names_owner(line))
    outcome, now = past.stage.outcome, deal.stage.outcome
    if outcome != now and DealOutcome.OPEN not in (outcome, now):
        line.refuse("stage", _("This deal was closed differently here. Reopen it first."))
        return importing.REJECTED
    closes = now == DealOutcome.OPEN != outcome
    if not changes and not closes:
        return UNCHANGED
    if not look_up.may_work(deal.owner_id):
        line.refuse("", _("Only its owner, their manager or an administrator may change this deal."))
        return importing.REJECTED
    if changes:
        pipeline.edit(deal, by=look_up.by, at=look_up.at, **changes)
    if closes:
        pipeline.close_imported(deal, past, by=look_up.by, at=look_up.at)
    return UPDATED


def _changes(deal: Deal, told: pipeline.Opening, *, names_owner: bool) -> dict[str, Any]:
    values = {"amount": told.amount, "owner": told.owner if names_owner else None, "product": told.product}
    if told.account_id and told.account_id != deal.account_id:
        values["account"] = Account.objects.get(pk=told.account_id)
    return {
        name: value for name, value in values.items() if value is not None and value != getattr(deal, name)
    }


class _LookUp:
    """Everything the rows of a batch may name, fetched once."""

    def __init__(self, lines: Sequence[Line], context: Context) -> None:
        self._context, self.by, self.at = context, context.by, context.at
        self._worked = _worked(context.by)
        self._new_stages = 0
        self.deals = _by(
            Deal.objects.filter(external_id__in=_told(lines, "external_id")).select_related(
                "stage", "owner", "product"
            ),
            lambda deal: deal.external_id,
        )
        self._people = people_named(_told(lines, "owner"))
        keys = {company_key(name)[:200] for name in _told(lines, "account")}
        self._accounts = _by(
            Account.objects.standing().filter(name_key__in=keys).order_by("-pk"), lambda row: row.name_key
        )
        products = list(Product.objects.order_by("-pk"))
        self._products = _by(products, lambda row: row.name) | _by(products, lambda row: row.code)
        self._squeezed = _by(products, lambda row: catalogue.squeezed(row.name))
        leads = Lead.objects.standing().filter(external_id__in=_told(lines, "lead")).select_related("contact")
        self._leads = _by(leads.order_by("-pk"), lambda lead: lead.external_id)
        stages = list(DealStage.objects.in_order())
        self._stages = _by(stages, lambda row: row.name.casefold()) | _by(stages, lambda row: row.code)
        self._first = pipeline.first_stage()
        self._lost = LossReason.objects.filter(code="unknown").first()

    def past(self, line: Line) -> pipeline.Past | None:
        """The deal of a line, or None with what is wrong said on the line."""
        _check_money(line, "amount")
        if len(line.text("external_id")) > 120:
            line.refuse("external_id", _("Use at most %(most)d characters.") % {"most": 120})
        owner = self._owner(line)
        stage = self._stage(line)
        self._check_days(line, stage)
        if line.problems or owner is None:
            return None
        closed = stage.outcome != DealOutcome.OPEN
        opening = self._opening(line, owner)
        lost = self._lost if stage.outcome == DealOutcome.LOST else None
        return pipeline.Past(opening, stage, line.values["closed_at"] if closed else None, lost)

    def _opening(self, line: Line, owner: Any) -> pipeline.Opening:
        account, product, lead = self._account(line), self._product(line), self._lead(line)
        parts = [str(part) for part in (account or lead, product) if part]
        return pipeline.Opening(
            name=(line.text("name") or " – ".join(parts) or line.text("external_id"))[:200],
            owner=owner,
            amount=line.values["amount"],
            currency=line.text("currency") or "JPY",
            account_id=account.pk if account else None,
            lead=lead,
            product=product,
            engaged_at=line.values["engaged_at"],
            external_id=line.text("external_id"),
        )

    def may_work(self, owner: int) -> bool:
        return self._worked is None or owner in self._worked

    def names_owner(self, line: Line) -> bool:
        return line.text("owner").casefold() in self._people

    def _check_days(self, line: Line, stage: DealStage) -> None:
        engaged, closed = line.values["engaged_at"], line.values["closed_at"]
        if stage.outcome != DealOutcome.OPEN and closed is None:
            line.refuse("closed_at", _("A closed deal needs the day it was closed."))
        if engaged and closed and closed < engaged:
            line.refuse("closed_at", _("This deal was closed before it was engaged."))
        if max(filter(None, (engaged, closed)), default=self._context.at) > self._context.at:
            line.refuse("closed_at" if closed else "engaged_at", _("This is in the future."))

    def _owner(self, line: Line) -> Any:
        name = line.text("owner")
        person = self._people.get(name.casefold()) or self._context.by
        if person is None:
            line.refuse("owner", _("There is no user %s. Import the users first.") % name)
        elif name and name.casefold() not in self._people:
            self._note(
                line,
                _("There is no user %(name)s; the deal is kept with %(person)s.")
                % {"name": name, "person": person},
            )
        if person and self.by and not access.sees_everything(self.by) and not self.may_work(person.pk):
            line.refuse("owner", _("%s is not in your team.") % person)
        return person

    def _stage(self, line: Line) -> DealStage:
        name = line.text("stage")
        if not name:
            return self._first
        if name.casefold() not in self._stages:
            self._add_stage(line, name)
        return self._stages.get(name.casefold()) or self._first

    def _add_stage(self, line: Line, name: str) -> None:
        """Whoever keeps the pipeline may add to it by a file; a column mapped wrongly must not flood it."""
        if self.by and not access.sees_everything(self.by):
            line.refuse("stage", _("The pipeline has no stage %s. Ask marketing to add it.") % shown(name))
        elif len(name) > 40 or self._new_stages >= MOST_NEW_STAGES:
            message = _("The pipeline has no stage %s. Is this the column of the stage?")
            line.refuse("stage", message % shown(name))
        else:
            self._new_stages += 1
            self._stages[name.casefold()] = catalogue.add_open_stage(name)
            self._note(line, _("The pipeline had no stage %s; it was added as an open one.") % name)

    def _account(self, line: Line) -> Account | None:
        name = line.text("account")
        account = self._accounts.get(company_key(name)[:200]) if name else None
        if not name and not line.text("lead"):
            self._note(line, _("No account is named; the deal is kept without."))
        elif name and account is None:
            self._note(line, _("There is no account %s; the deal is kept without.") % name)
        return account

    def _product(self, line: Line) -> Product | None:
        name = line.text("product")
        if not name or name in self._products:
            return self._products.get(name)
        alike = self._squeezed.get(catalogue.squeezed(name))
        if alike:
            self._note(
                line, _("Product %(name)s is read as %(product)s.") % {"name": name, "product": alike.name}
            )
            return alike
        self._note(line, self._unknown_product(name))
        return None

    def _unknown_product(self, name: str) -> str:
        nearest = catalogue.nearest(name, (row.name for row in self._products.values()))
        if nearest:
            message = _("There is no product %(name)s; the deal is kept without. Did you mean %(nearest)s?")
            return message % {"name": name, "nearest": nearest}
        return _("There is no product %s; the deal is kept without.") % name

    def _lead(self, line: Line) -> Lead | None:
        name = line.text("lead")
        if name and name not in self._leads:
            self._note(line, _("There is no lead %s; the deal is kept without.") % name)
        return self._leads.get(name)

    def _note(self, line: Line, message: str) -> None:
        self._context.notes.add(message, line.number)


def _worked(by: User | None) -> set[int] | None:
    """Ids of the people whose deals the person may change; None for everybody's."""
    if by is None or access.is_admin(by):
        return None
    return set(access.peers(by).values_list("pk", flat=True))


def _told(lines: Sequence[Line], name: str) -> set[str]:
    return {line.text(name) for line in lines} - {""}


def _by(rows: Iterable[Any], key: Callable[[Any], str]) -> dict[str, Any]:
    return {key(row): row for row in rows}


def register() -> None:
    importing.register(Products)
    importing.register(Deals)
