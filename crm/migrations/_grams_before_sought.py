"""The index of grams as it was while the text it is of was made anew for each look, for the migrations of that time."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db.models import F, Func, TextField, Value
from django.db.models.functions import Concat


def index(*fields: str, name: str) -> GinIndex:
    parts: list[Any] = []
    for field in fields:
        parts += [F(field[1:])] if field.startswith("+") else [Value(" "), F(field)]
    joined = Concat(*parts, output_field=TextField())
    text = Func(joined, template="lower(normalize(%(expressions)s, NFKC))", output_field=TextField())
    grams = Func(text, function="crm_grams", output_field=SearchVectorField())
    return GinIndex(grams, name=name, gin_pending_list_limit=256)
