"""How big things are. Small pieces are the habit; the bounds are those of the house style."""

import ast
import statistics

from tests.support.source import modules, percentile, templates


def function_lengths(tree: ast.AST) -> list[int]:
    """Lines of each function, its docstring and decorators not counted."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [_length(function) for function in functions]


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = function.body[0]
    lines = (function.end_lineno or 0) - function.lineno + 1
    if (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    ):
        lines -= (first.end_lineno or 0) - first.lineno + 1
    return lines


def file_lengths() -> list[int]:
    return [module.text.count("\n") for module in modules() if module.text.strip()]


def template_lengths() -> list[int]:
    return [path.read_text().count("\n") for path in templates()]


def described(what: str, lengths: list[int]) -> str:
    middle, high = statistics.median(lengths), percentile(lengths, 0.9)
    return f"{len(lengths)} {what}: median {middle}, p90 {high}, longest {max(lengths)}"


def test_functions_are_short() -> None:
    lengths = [length for module in modules() for length in function_lengths(module.tree)]
    print(described("functions", lengths))
    assert statistics.median(lengths) <= 9
    assert percentile(lengths, 0.9) <= 30


def test_files_are_short() -> None:
    lengths = file_lengths()
    print(described("files", lengths))
    assert percentile(lengths, 0.9) <= 220


def test_templates_are_short() -> None:
    lengths = template_lengths()
    print(described("templates", lengths))
    assert percentile(lengths, 0.9) <= 60


def test_a_long_function_would_be_seen() -> None:
    text = 'def f():\n    """Said in\n    two lines."""\n' + "    x = 1\n" * 40
    assert function_lengths(ast.parse(text)) == [41]


def test_the_percentile_is_the_nearest_rank() -> None:
    assert percentile(list(range(1, 11)), 0.9) == 9
    assert percentile([5], 0.9) == 5
    assert percentile([1, 1, 1, 100], 0.9) == 100
