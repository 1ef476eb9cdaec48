"""Whether marketing passed on every field the agreement's MQL definition asks for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from django.db.models import Q

from leads.completeness import LACKS
from leads.models import RequiredField
from sla.models import Agreement, Disposition

Required = Mapping[RequiredField, list[int]]


def required() -> Required:
    """The agreements that ask for each field. Looked up before, so that a count need not look into arrays."""
    asking: dict[RequiredField, list[int]] = defaultdict(list)
    for pk, fields in Agreement.objects.order_by("pk").values_list("pk", "definition__required_fields"):
        for name in fields:
            asking[RequiredField(name)].append(pk)
    return asking


def is_complete(asking: Required) -> Q:
    """A condition on handoffs. The fields are looked at as they are now; a handoff that sales gave back for its data
    was incomplete, and stays so when the data was mended since."""
    lacking = Q(data_task__kind=Disposition.FIX_DATA)
    for name, agreements in asking.items():
        lacking |= Q(agreement__in=agreements) & LACKS[name]
    return ~lacking
