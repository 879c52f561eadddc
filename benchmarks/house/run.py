"""How the house is built: rooms, imports between them, the longest chain, complexity, lengths.

    python benchmarks/house/run.py src/intervaldetect [OTHER/src/intervaldetect ...]

prints a column for each tree, so that a worktree of an older commit shows what changed. A room is
a module or a package at the top; an import counts once for each pair of rooms, inside functions
too, and not where it is for types alone. Complexity is counted by lizard (``pip install lizard``).
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import lizard

SCANNERS = (
    "kernels/xml.py",
    "kernels/xml_point.py",
    "kernels/fit.py",
    "kernels/fit_guard.py",
    "kernels/markup.py",
)
OVER, FAR_OVER = 10, 25


def files_of(root: Path) -> list[Path]:
    return [file for file in sorted(root.rglob("*.py")) if file.name != "__main__.py"]


def room_of(root: Path, file: Path) -> str:
    return file.relative_to(root).with_suffix("").parts[0]


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield the dotted names of what is imported, but for types alone."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        else:
            yield from imported(node)


def links(root: Path) -> dict[str, set[str]]:
    """Return for each room the rooms that it imports."""
    rooms = {room_of(root, file) for file in files_of(root)} - {"__init__"}
    found: dict[str, set[str]] = {room: set() for room in rooms}
    for file in files_of(root):
        room = room_of(root, file)
        if room in rooms:
            names = (name.split(".") for name in imported(ast.parse(file.read_text("utf-8"))))
            found[room] |= {
                name[1]
                for name in names
                if name[0] == "intervaldetect" and len(name) > 1 and name[1] in rooms - {room}
            }
    return found


def longest_chain(found: dict[str, set[str]]) -> list[str]:
    @cache
    def below(room: str, above: frozenset[str] = frozenset()) -> tuple[str, ...]:
        chains = (below(other, above | {room}) for other in found[room] - above)
        return (room, *max(chains, key=len, default=()))

    return list(max(map(below, found), key=len))


def measure(root: Path) -> dict[str, str]:
    found = links(root)
    modules = [room for room in found if (root / f"{room}.py").is_file()]
    chain = longest_chain(found)
    functions = [
        (function.cyclomatic_complexity, function.nloc, f"{file.relative_to(root)}:{function.name}")
        for file in files_of(root)
        for function in lizard.analyze_file(str(file)).function_list
    ]
    over = sum(complexity > OVER for complexity, *_ in functions)
    far = sorted(
        (item for item in functions if item[0] > FAR_OVER and not item[2].startswith(SCANNERS)),
        reverse=True,
    )
    lengths = {file: file.read_text("utf-8").count("\n") for file in files_of(root)}
    longest = max(lengths, key=lambda file: lengths[file])
    return {
        "rooms": f"{len(found)} ({len(modules)} modules)",
        "modules at the top": ", ".join(sorted(modules)),
        "imports between rooms": str(sum(map(len, found.values()))),
        "longest chain": f"{len(chain)}: {' -> '.join(chain)}",
        "functions": str(len(functions)),
        f"complexity over {OVER}": f"{over} ({100 * over / len(functions):.1f} %)",
        f"over {FAR_OVER}, scanners apart": ", ".join(f"{c} {name}" for c, _, name in far)
        or "none",
        "longest module": f"{lengths[longest]} {longest.relative_to(root)}",
        "longest function": "{1} {2}".format(*max(functions, key=lambda item: item[1])),
    }


def main() -> None:
    for root in map(Path, sys.argv[1:] or ["src/intervaldetect"]):
        print(root)
        for name, value in measure(root).items():
            print(f"  {name:28} {value}")


if __name__ == "__main__":
    main()
