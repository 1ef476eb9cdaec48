"""Imports and foreign keys point down only, inside functions too."""

import graphlib

import pytest
from django.apps import apps

from tests.support.source import LAYERS, Import, Module, modules, own


def upward(module: Module) -> list[str]:
    """Imports of a higher app, by `import` or by a name in a string that loads code."""
    return [
        f"{module.name}:{found.line} imports {found.module}"
        for found in [*module.imports(), *named_in_strings(module)]
        if own(found.module) and LAYERS.index(found.module.split(".")[0]) > module.rank
    ]


def named_in_strings(module: Module) -> list[Import]:
    """apps.get_model("sla.Handoff"), import_module("sla.handoffs"), import_string(…): imports by another name."""
    import ast

    loaders = {"get_model", "import_module", "import_string", "get_app_config", "find_spec"}
    calls = [node for node in ast.walk(module.tree) if isinstance(node, ast.Call)]
    named = [call for call in calls if ast.unparse(call.func).split(".")[-1] in loaders and call.args]
    values = [(call.args[0].value, call.lineno) for call in named if isinstance(call.args[0], ast.Constant)]
    return [Import(value, line) for value, line in values if isinstance(value, str)]


def upward_inside(module: Module) -> list[str]:
    """Inside an app: rules and deeds know no forms, forms know no views."""
    if module.app == "project" or module.is_interface:
        return []
    problems = []
    for found in module.imports():
        other = Module(found.module, "")
        if own(found.module) and other.app == module.app and not found.types_only:
            if other.is_interface or (other.is_form and not module.is_form):
                problems.append(f"{module.name}:{found.line} imports {found.module}")
    return problems


def careless(module: Module) -> list[str]:
    """Relative imports, `import *`, and lazy imports of our own apps (an AppConfig's ready() has to be lazy)."""
    problems = []
    for found in module.imports():
        lazy = found.lazy and own(found.module) and module.parts[-1:] != ["apps"] and module.app != "project"
        if lazy or found.module.startswith(".") or found.module.endswith(".*"):
            problems.append(f"{module.name}:{found.line} imports {found.module}")
    return problems


def cycle(sources: tuple[Module, ...]) -> list[str]:
    """A circle of imports at load time, or nothing."""
    names = {module.name for module in sources}
    graph: dict[str, set[str]] = {}
    for module in sources:
        targets = {found.module for found in module.imports() if not found.types_only and not found.lazy}
        known = {target if target in names else target.rpartition(".")[0] for target in targets} & names
        graph[module.name] = known - {module.name, *_parents(module.name)}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return [str(name) for name in error.args[1]]
    return []


def _parents(name: str) -> set[str]:
    """A package's __init__ gathers its modules, and they may name their siblings through it."""
    parts = name.split(".")
    return {".".join(parts[:length]) for length in range(1, len(parts))}


def upward_keys() -> list[str]:
    problems = []
    for app in LAYERS:
        for model in apps.get_app_config(app).get_models():
            for field in model._meta.get_fields():
                if field.is_relation and field.concrete and field.related_model:
                    target = field.related_model._meta.app_label
                    if target in LAYERS and LAYERS.index(target) > LAYERS.index(app):
                        problems.append(f"{model._meta.label}.{field.name} -> {target}")
    return problems


def test_imports_point_down() -> None:
    assert [line for module in modules() for line in upward(module)] == []


def test_inside_an_app_imports_point_down() -> None:
    assert [line for module in modules() for line in upward_inside(module)] == []


def test_imports_are_absolute_and_plain() -> None:
    assert [line for module in modules() for line in careless(module)] == []


def test_no_circle_of_imports() -> None:
    assert cycle(modules()) == []


def test_foreign_keys_point_down() -> None:
    assert upward_keys() == []


# Negative controls: each check sees what it is for.


@pytest.mark.parametrize(
    "text",
    [
        "from sla import handoffs",
        "import sla.handoffs",
        "def deed():\n    from sla.handoffs import offer",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from sla.models import Handoff",
        "try:\n    import desk\nexcept ImportError:\n    pass",
        "with x:\n    from desk import views",
        "match x:\n    case 1:\n        import desk",
        "apps.get_model('sla.Handoff')",
        "import_module('sla.handoffs')",
    ],
)
def test_an_upward_import_is_seen(text: str) -> None:
    assert upward(Module("leads.capture.door", text))
    assert not upward(Module("project.urls", text))


@pytest.mark.parametrize(
    "text", ["from leads.views import page", "from leads import forms", "import leads.api"]
)
def test_a_deed_that_knows_its_interface_is_seen(text: str) -> None:
    assert upward_inside(Module("leads.capture.door", text))
    assert not upward_inside(Module("leads.capture.views", text))


@pytest.mark.parametrize(
    "text", ["from . import x", "from crm import *", "def f():\n    from crm import ledger"]
)
def test_a_careless_import_is_seen(text: str) -> None:
    assert careless(Module("leads.capture.door", text))


def test_a_circle_is_seen() -> None:
    assert cycle((Module("crm.a", "from crm import b"), Module("crm.b", "from crm.a import x")))
    assert not cycle((Module("crm.a", "from crm import b"), Module("crm.b", "import json")))
