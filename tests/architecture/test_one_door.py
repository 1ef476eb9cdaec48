"""A state field is written in one module. Every other way to write it is found."""

import ast
import re
from collections.abc import Iterator

import pytest
from django.apps import apps

from tests.support.source import LAYERS, Module, modules

# Which module may write the state of which model.
DOORS = {
    ("Lead", "stage"): "leads.lifecycle",
    ("Handoff", "status"): "sla.handoffs.door",
    ("Deal", "stage"): "deals.pipeline",
    ("Agreement", "status"): "sla.agreements",
    ("ScoringModel", "status"): "leads.scoring.versions",
    ("ImportRun", "status"): "crm.imports.door",
    ("FormSubmission", "status"): "leads.capture.submissions",
    ("DuplicatePair", "status"): "crm.duplicates",
    ("Enrolment", "status"): "leads.nurture.enrolment",
    ("SimulationRun", "status"): "sla.runs",
    ("ScoringRun", "status"): "sla.runs",
}
# Which module makes new rows of it, in their first state: by the constructor alone.
BIRTHS = {("Lead", "stage"): "leads.capture.door", ("Handoff", "status"): "sla.offering"}
STATE_NAMES = {field for _model, field in DOORS}
SQL_UPDATE = re.compile(r"(?is)\bupdate\s+(\S+).*?\bset\b(.*?)(?:\bwhere\b|\bfrom\b|\breturning\b|$)")
WRITERS = {"update", "create", "get_or_create", "update_or_create", "acreate", "aupdate"}


def writes(module: Module) -> Iterator[tuple[str, str, ast.AST]]:
    """(what is written to, field, where): the receiver as text, as far as the source tells it."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            yield from _assigned(node)
        elif isinstance(node, ast.Call):
            yield from _called(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from _in_sql(node)


def _assigned(node: ast.Assign | ast.AugAssign | ast.AnnAssign) -> Iterator[tuple[str, str, ast.AST]]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    for target in targets:
        for part in ast.walk(target):
            if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store):
                yield ast.unparse(part.value), part.attr.removesuffix("_id"), node


def _called(node: ast.Call) -> Iterator[tuple[str, str, ast.AST]]:
    called = ast.unparse(node.func)
    name = called.rpartition(".")[2]
    if name == "setattr" and len(node.args) > 1 and isinstance(node.args[1], ast.Constant):
        yield ast.unparse(node.args[0]), str(node.args[1].value), node
    if name in WRITERS or name[:1].isupper():
        yield from ((called, field.removesuffix("_id"), node) for field in _keywords(node))
    if name in ("bulk_update", "abulk_update", "update_all"):
        yield from ((called, field, node) for argument in node.args[1:] for field in _strings(argument))
        yield from ((called, field, node) for word in node.keywords for field in _strings(word.value))


def _keywords(node: ast.Call) -> Iterator[str]:
    """Keyword names, and the keys of dicts that are spread or handed on as defaults."""
    for word in node.keywords:
        if word.arg:
            yield word.arg
        if word.arg in (None, "defaults", "create_defaults") and isinstance(word.value, ast.Dict):
            yield from (str(key.value) for key in word.value.keys if isinstance(key, ast.Constant))


def _strings(node: ast.AST) -> list[str]:
    return [
        part.value
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]


def _in_sql(node: ast.Constant) -> Iterator[tuple[str, str, ast.AST]]:
    for statement in re.finditer(
        r"(?is)\bupdate\s+(\S+).*?\bset\b(.*?)(?:\bwhere\b|\bfrom\b|\breturning\b|$)", node.value
    ):
        for field in re.findall(r"(?i)[\"\s,(](\w+?)(?:_id)?\"?\s*=", " " + statement[2]):
            yield statement[1], field, node


def model_of(receiver: str, field: str) -> str | None:
    """The model that a receiver names (`handoff`, `self.handoff`, `Handoff.objects`, `sla_handoff`), or None."""
    words = [word.lower() for word in re.findall(r"[A-Za-z]+", receiver.split("(")[0])]
    named = [model for model, state in DOORS if state == field and model.lower() in words]
    return named[0] if named else None


def outside_the_door(module: Module) -> list[str]:
    """Writes of a state that the module has no right to: by the model where it shows, else by the field's name."""
    problems = []
    for receiver, field, node in writes(module):
        if field not in STATE_NAMES or receiver == "cls":
            continue
        model = model_of(receiver, field)
        if model is None and _constructs(receiver):
            continue  # another class that happens to take such an argument
        if model and receiver == model and BIRTHS.get((model, field)) == module.name:
            continue
        rightful = (
            {DOORS[model, field]}
            if model
            else {door for (_m, state), door in DOORS.items() if state == field}
        )
        if module.name not in rightful:
            problems.append(f"{module.at(node)} writes {model or receiver}.{field}")
    return problems


def _constructs(receiver: str) -> bool:
    return receiver.rpartition(".")[2][:1].isupper()


def test_states_are_written_behind_their_door_only() -> None:
    ours = [module for module in modules() if module.app != "project"]
    assert [line for module in ours for line in outside_the_door(module)] == []


def test_every_state_field_has_a_door() -> None:
    """A new model with a state has to name its door here."""
    found = {
        (model.__name__, field.name)
        for app in LAYERS
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.concrete_fields
        if field.name in STATE_NAMES
    }
    assert found - set(DOORS) == set()


@pytest.mark.parametrize(
    "text",
    [
        "lead.stage = Stage.MQL",
        "self.lead.stage = 'mql'",
        "lead.stage, lead.owner = stage, owner",
        "setattr(lead, 'stage', 'mql')",
        "Lead.objects.filter(pk=1).update(stage='mql')",
        "Lead.objects.visible_to(user).filter(pk__in=ids).update(stage='mql')",
        "Lead.objects.filter(pk=1).update(**{'stage': 'mql'})",
        "Lead.objects.bulk_update(leads, ['stage', 'owner'])",
        "Lead.objects.bulk_update(leads, fields=['stage'])",
        "bulk.update_all(leads, fields=['stage'])",
        "Lead.objects.update_or_create(pk=1, defaults={'stage': 'mql'})",
        "Lead(stage='mql')",
        "rows.update(stage='mql')",
        "cursor.execute('UPDATE leads_lead SET stage = %s WHERE id = 1')",
        "cursor.execute('update leads_lead set owner_id = 1, \"stage\"= %s from x')",
        "deal.stage_id = 3",
        "Deal.objects.filter(pk=1).update(stage_id=3)",
        "handoff.status = 'accepted'",
        "Handoff.objects.update(status='rejected')",
    ],
)
def test_a_write_beside_the_door_is_seen(text: str) -> None:
    assert outside_the_door(Module("desk.views", text))


def test_the_door_itself_may_write() -> None:
    assert not outside_the_door(Module("leads.lifecycle", "lead.stage = to"))
    assert outside_the_door(Module("leads.lifecycle", "deal.stage = to")), (
        "a door opens for its own model only"
    )


def test_new_rows_are_made_by_one_module_and_moved_by_the_other() -> None:
    assert not outside_the_door(Module("leads.capture.door", "Lead(stage='inquiry')"))
    assert outside_the_door(Module("leads.capture.door", "lead.stage = 'mql'"))
    assert outside_the_door(Module("leads.capture.door", "Lead.objects.update(stage='mql')"))


@pytest.mark.parametrize(
    "text",
    [
        "Lead.objects.filter(stage='mql')",
        "if lead.stage == Stage.MQL: pass",
        "class Lead:\n    stage = 1",
        "cursor.execute('SELECT stage FROM leads_lead WHERE stage = 1')",
        "JsonResponse(data, status=503)",
    ],
)
def test_reading_is_no_write(text: str) -> None:
    assert not outside_the_door(Module("desk.views", text))
