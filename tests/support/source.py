"""The project's own source, parsed, for tests that look at its shape."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from tests.support.machine import ROOT

# From the ground up. Imports and foreign keys point down this list, never up.
LAYERS = ("crm", "content", "leads", "deals", "sla", "reports", "desk", "project")
INTERFACES = {
    "views",
    "api",
    "admin",
    "tasks",
    "management",
    "urls",
    "api_urls",
    "templatetags",
    "apps",
    "context",
}
FORMS = {"forms", "serializers", "filters"}


@dataclass(frozen=True)
class Import:
    """`module` may name an attribute as well: `from crm.present import now` is crm.present.now."""

    module: str
    line: int
    lazy: bool = False
    types_only: bool = False


@dataclass(frozen=True)
class Module:
    """A source file, or in a test a piece of text that pretends to be one."""

    name: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def app(self) -> str:
        return self.name.split(".")[0]

    @property
    def rank(self) -> int:
        return LAYERS.index(self.app)

    @property
    def parts(self) -> list[str]:
        return self.name.split(".")[1:]

    @property
    def is_interface(self) -> bool:
        """Also a module that takes a share of one: `urls_records` beside `urls`, `api_activities` beside `api`."""
        ends = self.parts[:1] + self.parts[-1:]
        shares = {part.partition("_")[0] for part in ends if part.startswith(("urls_", "api_"))}
        return bool(INTERFACES & {*self.parts, *shares})

    @property
    def is_form(self) -> bool:
        return bool(FORMS & {part.partition("_")[0] for part in self.parts})

    @property
    def is_migration(self) -> bool:
        return "migrations" in self.parts

    def imports(self) -> list[Import]:
        return list(_imports(self.tree.body, lazy=False, types_only=False))

    def at(self, node: ast.AST) -> str:
        return f"{self.name}:{getattr(node, 'lineno', '?')}"


def _imports(nodes: list[ast.stmt], *, lazy: bool, types_only: bool) -> Iterator[Import]:
    for node in nodes:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from (Import(name, node.lineno, lazy, types_only) for name in _names(node))
            continue
        inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        guarded = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for block in _blocks(node):
            yield from _imports(block, lazy=lazy or inside, types_only=types_only or guarded)


def _names(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names]


def _blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """The statements inside a statement, however it holds them: if, try, with, match, class, def."""
    for field in ("body", "orelse", "handlers", "finalbody", "cases"):
        for child in getattr(node, field, None) or []:
            if isinstance(child, ast.stmt):
                yield [child]
            elif isinstance(child, ast.AST):
                yield getattr(child, "body", [])


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the product but migrations."""
    return tuple(module for app in LAYERS for module in _of_app(app) if not module.is_migration)


def _of_app(app: str) -> Iterator[Module]:
    for path in sorted((ROOT / app).rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        yield Module(name, path.read_text())


@cache
def templates() -> tuple[Path, ...]:
    return tuple(sorted((ROOT / "templates").rglob("*.html")))


def own(name: str) -> bool:
    """Whether a dotted name is of this project."""
    return name.split(".")[0] in LAYERS


def percentile(values: list[int], share: float) -> int:
    """The nearest-rank percentile: at least this share of the values is not above it."""
    ordered = sorted(values)
    return ordered[max(0, -(-int(share * 100) * len(ordered) // 100) - 1)] if ordered else 0
