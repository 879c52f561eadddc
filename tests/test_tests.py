"""What every test owes: it asserts something whatever it is given to loop over."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
DISPLAYS = (ast.Constant, ast.Dict, ast.List, ast.Set, ast.Tuple)
WRAPPERS = frozenset({"enumerate", "items", "keys", "list", "reversed", "sorted", "values"})


def is_filled(loop: ast.expr) -> bool:
    """Whether a loop surely runs: over what is written there, a constant, or counted numbers."""
    match loop:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.isupper()
        case ast.BinOp(left=left, right=right):
            return is_filled(left) or is_filled(right)
        case ast.Call(func=ast.Name(id="range")):
            return True
        case ast.Call(func=ast.Name(id="zip"), keywords=[ast.keyword(arg="strict", value=value)]):
            # What is compared pair by pair is of one length; both are results, not searches.
            return ast.unparse(value) == "True" or any(map(is_filled, loop.args))
        case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in WRAPPERS:
            return is_filled(first)
        case ast.Call(func=ast.Attribute(value=value, attr=name)):
            return is_filled(value) if name in WRAPPERS else name in {"pairwise", "product"}
    return isinstance(loop, DISPLAYS)


def is_check(called: ast.expr, helpers: frozenset[str]) -> bool:
    """Whether a call asserts: by its name, or as a function of this file that does."""
    name = ast.unparse(called).split(".")[-1]
    known = helpers | {"expect", "fail", "raises", "warns"}
    return name in known or "assert" in name or "check" in name


def asserts(nodes: Iterable[ast.AST], helpers: frozenset[str]) -> bool:
    """Whether something is asserted outside loops that may be empty."""
    for node in nodes:
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call) and is_check(node.func, helpers):
            return True
        if isinstance(node, ast.For) and not is_filled(node.iter):
            continue
        if asserts(ast.iter_child_nodes(node), helpers):
            return True
    return False


def hollow(text: str) -> list[str]:
    """Return the tests of a file that may assert nothing."""
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
    helpers = frozenset(
        function.name
        for function in functions
        if not function.name.startswith("test_")
        and any(isinstance(node, ast.Assert) for node in ast.walk(function))
    )
    return [
        function.name
        for function in functions
        if function.name.startswith("test_") and not asserts(function.body, helpers)
    ]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("for x in found(): assert x", ["test_it"]),
        ("for x in found(): assert x\n assert y", []),
        ("for x in (1, 2): assert x", []),
        ("for x in sorted(found()): same(x)", ["test_it"]),
        ("same(found())", []),
        ("found()", ["test_it"]),
    ],
)
def test_a_hollow_test_is_seen(body: str, found: list[str]) -> None:
    assert hollow(f"def same(x): assert x\n\ndef test_it():\n {body}") == found


def test_no_test_asserts_in_loops_alone_that_may_be_empty() -> None:
    files = sorted(TESTS.rglob("test_*.py"))
    assert len(files) > 100
    assert [
        f"{file.name}: {name}" for file in files for name in hollow(file.read_text("utf-8"))
    ] == []
