"""What every model keeps to: no hidden order, and a name for each index and constraint."""

import ast

import pytest
from django.apps import apps
from django.db import models

from tests.support.source import LAYERS, Module, modules

NAMED = {
    "Index",
    "UniqueConstraint",
    "CheckConstraint",
    "ExclusionConstraint",
    "GinIndex",
    "BrinIndex",
    "GistIndex",
}


def own_models() -> list[type[models.Model]]:
    return [model for app in LAYERS for model in apps.get_app_config(app).get_models()]


def nameless(module: Module) -> list[str]:
    """Indexes and constraints that leave their name to Django, and fields that make an index on the quiet."""
    problems = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            words = {word.arg for word in node.keywords}
            if ast.unparse(node.func).rpartition(".")[2] in NAMED and "name" not in words:
                problems.append(f"{module.at(node)} has no name")
            if "db_index" in words and "True" in [
                ast.unparse(w.value) for w in node.keywords if w.arg == "db_index"
            ]:
                problems.append(f"{module.at(node)} uses db_index")
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in (
            "unique_together",
            "index_together",
        ):
            problems.append(f"{module.at(node)} uses {ast.unparse(node.targets[0])}")
    return problems


def ordered(candidates: list[type[models.Model]]) -> list[str]:
    return [model._meta.label for model in candidates if model._meta.ordering]


def test_no_model_has_a_hidden_order() -> None:
    assert ordered(own_models()) == []


def test_indexes_and_constraints_have_names() -> None:
    looked_at = [module for module in modules() if "models" in module.parts]
    assert [line for module in looked_at for line in nameless(module)] == []


# Parts that are only ever reached through the row they belong to, which answers for them.
PARTS = {
    "crm.ApiToken": "crm.User",
    "leads.BehaviourRule": "leads.ScoringModel",
    "leads.Disqualifier": "leads.ScoringModel",
    "leads.FitGrade": "leads.ScoringModel",
    "leads.FitRule": "leads.ScoringModel",
    "leads.LeadScore": "leads.Lead",
    "sla.Escalation": "sla.Handoff",
}


def test_every_model_answers_visible_to() -> None:
    """Interfaces start from it; a model without it could not be shown safely."""
    silent = {model._meta.label for model in own_models() if not _answers(model)}
    assert silent == set(PARTS), "the rest need a QuerySet with visible_to()"
    assert all(_answers(apps.get_model(whole)) for whole in PARTS.values())


def _answers(model: type[models.Model]) -> bool:
    return hasattr(model._default_manager.all(), "visible_to")


@pytest.mark.parametrize(
    "text",
    [
        "models.Index(fields=['a'])",
        "UniqueConstraint(fields=['a'])",
        "models.IntegerField(db_index=True)",
        "class Meta:\n    unique_together = [('a', 'b')]",
    ],
)
def test_a_nameless_index_is_seen(text: str) -> None:
    assert nameless(Module("crm.models", text))


def test_a_hidden_order_is_seen() -> None:
    class Ordered(models.Model):
        class Meta:
            app_label = "nowhere"
            ordering = ["pk"]

    assert ordered([Ordered])
