"""Questions about content."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Self

from django.db.models import Q

from crm.querysets import BatonQuerySet


class AssetQuerySet(BatonQuerySet):
    def in_use(self, on: date) -> Self:
        return self.filter(Q(retired_on=None) | Q(retired_on__gt=on))

    def for_phase(self, phase: str) -> Self:
        return self.filter(phases__contains=[phase])

    def keys_of(self, slugs: Iterable[str]) -> dict[str, int]:
        """The key of each by its slug; what is not in the library is missing."""
        return dict(self.filter(slug__in=set(slugs)).values_list("slug", "pk"))
