"""How many deliberate faults the tests of a room notice.

    python benchmarks/house/mutation.py [ROOM ...] [--count 15] [--seed 1] [--show]

cosmic-ray (``pip install cosmic-ray``) makes the faults: a comparison, an operator, a number, a
condition changed. Of all it can make in a room a seeded sample is tried, at most one a line, and
those of ``NAMED``, which were once seen to pass. Each is put into a copy of the tree and run
against the room's own tests alone, which stop at the first failure. Annotations are left out:
nobody evaluates them. A fault that survives is a line, its change below it with ``--show``.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_and_test
from cosmic_ray.plugins import get_operator, operator_names
from cosmic_ray.work_item import MutationSpec, TestOutcome

ROOT = Path(__file__).resolve().parents[2]
TESTS = {
    "structure": ("tests/structure",),
    "label": ("tests/label",),
    "athlete": (
        "tests/label/test_thresholds.py",
        "tests/label/test_bad_input.py",
        "tests/cli/test_athlete.py",
    ),
    "corrections": ("tests/corrections",),
    "store": ("tests/store",),
    "training": ("tests/training",),
}
"""The tests of each room."""


class Named(NamedTuple):
    """A fault that once passed unnoticed: a text in a file, and what stands there instead."""

    room: str
    file: str
    text: str
    instead: str


NAMED = (
    Named(
        "label", "label/features.py", "speed.standard_error / speed.value if speed", "0.0 if speed"
    ),
    Named("label", "label/features.py", "highest.standard_error / highest.value if", "0.0 if"),
    Named("athlete", "athlete/posterior.py", "np.maximum(far / OUTLIER, 1.0)", "np.ones_like(far)"),
    Named("structure", "structure/lap_fusion.py", "found.log_odds <= -LAPS_LOG_ODDS", "False"),
    Named("corrections", "corrections/apply.py", "RAMP_S = 6.0", "RAMP_S = 0.0"),
    Named("corrections", "corrections/apply.py", "and _free(s, edges)]", "]"),
    Named("store", "store/database.py", "PRAGMA secure_delete = ON", "PRAGMA secure_delete = OFF"),
    Named("structure", "structure/sets.py", "BLOCK_GAP = 1.7", "BLOCK_GAP = 3.0"),
)


def annotations(tree: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        for name in ("annotation", "returns"):
            found = getattr(node, name, None)
            if isinstance(found, ast.expr):
                yield found


def mutants(file: Path) -> Iterator[MutationSpec]:
    """Yield every fault that can be made in a file, but for its annotations."""
    source = file.read_text("utf-8")
    left_out = [
        ((a.lineno, a.col_offset), (a.end_lineno or 0, a.end_col_offset or 0))
        for a in annotations(ast.parse(source))
    ]
    nodes = list(ast_nodes(get_ast(source)))
    for name in sorted(operator_names()):
        if get_operator(name).arguments():
            continue
        operator = get_operator(name)()
        places = (place for node in nodes for place in operator.mutation_positions(node))
        for occurrence, (start, end) in enumerate(places):
            if not any(a <= start and end <= b for a, b in left_out):
                yield MutationSpec(file, name, occurrence, start, end)


def sample(room: Path, count: int, seed: int) -> list[MutationSpec]:
    """Return some of a room's faults, at most one a line."""
    chance = random.Random(seed)
    by_line: dict[tuple[Path, int], list[MutationSpec]] = {}
    for file in sorted(room.rglob("*.py")):
        for spec in mutants(file):
            by_line.setdefault((file, spec.start_pos[0]), []).append(spec)
    lines = chance.sample(sorted(by_line), min(count, len(by_line)))
    return [chance.choice(by_line[line]) for line in lines]


def run(command: str) -> tuple[bool, float]:
    began = time.monotonic()
    done = subprocess.run(command.split(), capture_output=True, check=False)
    return done.returncode == 0, time.monotonic() - began


def named_survives(fault: Named, package: Path, command: str) -> bool:
    file = package / fault.file
    source = file.read_text("utf-8")
    if source.count(fault.text) != 1:
        raise SystemExit(f"{fault.file} does not say {fault.text!r} once")
    file.write_text(source.replace(fault.text, fault.instead), "utf-8")
    try:
        return run(command)[0]
    finally:
        file.write_text(source, "utf-8")


def nearest_first(module: Path, tests: tuple[str, ...]) -> list[str]:
    """Return the tests of a room, those named after the module before all others."""
    name = module.parent.name if module.stem == "__init__" else module.stem
    files = [file for test in tests for file in sorted(Path(test).rglob(f"test_*{name}*.py"))]
    return [*map(str, files), *tests]


def try_room(room: str, package: Path, count: int, seed: int, *, show: bool) -> tuple[int, int]:
    """Return how many faults were noticed, of how many."""
    command = f"{sys.executable} -m pytest -q -x -p no:cacheprovider "
    everything = command + " ".join(TESTS[room])
    passes, seconds = run(everything)
    if not passes:
        raise SystemExit(f"{room}: its tests fail without any fault")
    noticed = tried = 0
    for fault in (each for each in NAMED if each.room == room):
        survived = named_survives(fault, package, everything)
        tried, noticed = tried + 1, noticed + (not survived)
        if survived:
            print(f"  {fault.file}: {fault.text} -> {fault.instead}", flush=True)
    for spec in sample(package / room, count, seed):
        tests = " ".join(nearest_first(spec.module_path, TESTS[room]))
        result = mutate_and_test((spec,), command + tests, 4.0 * seconds + 30.0)
        tried += 1
        if result.test_outcome is not TestOutcome.SURVIVED:
            noticed += 1
            continue
        place = f"{spec.module_path.relative_to(package)}:{spec.start_pos[0]}"
        print(f"  {place} {spec.operator_name}", flush=True)
        if show:
            print(result.diff)
    return noticed, tried


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("rooms", nargs="*", choices=[[], *TESTS], default=list(TESTS))
    parser.add_argument("--count", type=int, default=15)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "tree"
        ignored = shutil.ignore_patterns(".git", ".venv", ".*_cache", "demo", "build", "dist")
        shutil.copytree(ROOT, copy, ignore=ignored)
        os.chdir(copy)
        os.environ |= {"PYTHONPATH": str(copy / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
        for room in options.rooms:
            print(room, flush=True)
            noticed, tried = try_room(
                room, copy / "src/intervaldetect", options.count, options.seed, show=options.show
            )
            print(f"  {noticed} of {tried} noticed ({noticed / max(tried, 1):.2f})", flush=True)


if __name__ == "__main__":
    main()
