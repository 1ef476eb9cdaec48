"""What is sold, and the stages deals pass, as lists bring them."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal

from django.db import transaction
from django.db.models import Max

from deals.models import DealOutcome, DealStage, Product

ALIKE = 0.8


@transaction.atomic
def bring_product(*, code: str, name: str, price: Decimal | None, currency: str) -> str:
    """Find or add a product by its code; "created", "updated" or "unchanged"."""
    told = {"name": name, "price": price, "currency": currency}
    known = {field: value for field, value in told.items() if value not in ("", None)}
    product = Product.objects.select_for_update().filter(code=code).first()
    if product is None:
        Product.objects.create(code=code, **known)
        return "created"
    changed = [field for field, value in known.items() if getattr(product, field) != value]
    for field in changed:
        setattr(product, field, known[field])
    if changed:
        product.save(update_fields=changed)
    return "updated" if changed else "unchanged"


def add_open_stage(name: str) -> DealStage:
    """An open stage that another system's deals stand in, behind those there are."""
    last = DealStage.objects.open().aggregate(last=Max("position"))["last"] or 0
    code = re.sub(r"[^\w-]+", "-", name.casefold()).strip("-")[:40]
    stage, _created = DealStage.objects.get_or_create(
        code=code, defaults={"name": name[:80], "position": last + 1, "outcome": DealOutcome.OPEN}
    )
    return stage


def squeezed(name: str) -> str:
    """A name for comparing: without case, width, spaces and punctuation."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).casefold())


def nearest(name: str, names: Iterable[str]) -> str:
    """The name most like this one, or nothing when none is much like it."""
    by_key = {squeezed(other): other for other in names}
    found = difflib.get_close_matches(squeezed(name), by_key, n=1, cutoff=ALIKE)
    return by_key[found[0]] if found else ""
