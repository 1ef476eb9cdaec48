"""Interfaces parse, call one deed and answer; they never write. Only they ask the clock."""

import ast
import re

import pytest

from tests.support.source import Module, modules

WRITES = {
    "save",
    "create",
    "update",
    "delete",
    "bulk_create",
    "bulk_update",
    "get_or_create",
    "update_or_create",
}
# Plain dicts and sets, which have an `update` of their own.
HARMLESS = {"context", "kwargs", "params", "attrs", "headers", "extra", "digest", "super()"}
# Answers of retried calls are kept in the transaction of their effect: the mechanism itself has to write.
MECHANISMS = {"crm.api.idempotency", "crm.api.throttling"}
# Whoever asks the clock beside the interfaces, and why.
MAY_ASK = {
    "crm.present": "the clock itself",
    "crm.outbox": "delivers after the commit, when nobody is there to pass a time",
    "crm.mailing": "quiet hours are those of the moment a letter is queued, however old its fact",
}

NOW_CALLS = re.compile(
    r"^((timezone|datetime|date|dt|datetime\.datetime|datetime\.date)\.(now|utcnow|today|localdate)|time\.time)$"
)
NOW_SQL = re.compile(
    r"(?i)\b(now\(\)|clock_timestamp\(\)|current_timestamp|current_date|statement_timestamp\(\))"
)


def writing(module: Module) -> list[str]:
    problems = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
            receiver = ast.unparse(node.func.value)
            if receiver.rpartition(".")[2] not in HARMLESS:
                problems.append(f"{module.at(node)} calls {receiver[-40:]}.{node.func.attr}()")
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "transaction":
            problems.append(f"{module.at(node)} uses transaction.{node.attr}")
    return problems


def asking_the_clock(module: Module) -> list[str]:
    """Every way to learn the time but crm.present; and crm.present itself, for what is no interface."""
    return [f"{module.at(node)}: {said}" for node in ast.walk(module.tree) if (said := _asks(node, module))]


def _asks(node: ast.AST, module: Module) -> str | None:
    if isinstance(node, ast.Call):
        called = ast.unparse(node.func)
        if NOW_CALLS.match(called) or (
            called in ("timezone.localtime", "timezone.localdate") and not node.args
        ):
            return called
        if called == "present.now" and not (module.is_interface or module.app == "project"):
            return "present.now() outside an interface"
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and not module.is_migration:
        if re.search(r"(?i)\b(select|update|insert|where|set)\b", node.value) and NOW_SQL.search(node.value):
            return "the time in SQL"
    return None


def interfaces() -> list[Module]:
    return [module for module in modules() if module.is_interface and module.app != "project"]


def test_interfaces_do_not_write() -> None:
    looked_at = [module for module in interfaces() if module.name not in MECHANISMS]
    assert [line for module in looked_at for line in writing(module)] == []


def test_only_interfaces_ask_the_clock() -> None:
    looked_at = [module for module in modules() if module.name not in MAY_ASK]
    assert [line for module in looked_at for line in asking_the_clock(module)] == []


@pytest.mark.parametrize(
    "text",
    [
        "lead.save()",
        "Lead.objects.create()",
        "x.update(a=1)",
        "x.delete()",
        "with transaction.atomic(): pass",
        "form.save()",
    ],
)
def test_an_interface_that_writes_is_seen(text: str) -> None:
    assert writing(Module("desk.views", text))


def test_filling_a_context_is_no_write() -> None:
    assert not writing(Module("desk.views", "context.update(a=1)"))


@pytest.mark.parametrize(
    "text",
    [
        "timezone.now()",
        "datetime.now(UTC)",
        "date.today()",
        "timezone.localdate()",
        "time.time()",
        "present.now()",
        "cursor.execute('SELECT now()')",
        "cursor.execute('UPDATE x SET at = CURRENT_TIMESTAMP')",
    ],
)
def test_a_rule_that_asks_the_clock_is_seen(text: str) -> None:
    assert asking_the_clock(Module("sla.handoffs", text))


def test_an_interface_asks_the_one_clock_only() -> None:
    assert not asking_the_clock(Module("desk.views", "present.now()"))
    assert asking_the_clock(Module("desk.views", "timezone.now()"))
