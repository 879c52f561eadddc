"""How many deliberate faults the tests of a room notice.

    python benchmarks/house/mutation.py [ROOM ...] [--count 15] [--seed 1] [--show]

cosmic-ray (``pip install cosmic-ray``) makes the faults: a comparison, an operator, a number, a
condition changed. Of all it can make in a room a seeded sample is tried, at most one a line, and
those of ``NAMED``, which were once seen to pass (``--count 0`` tries them alone). Each is put into
a copy of the tree and run against the room's own tests, those that call the changed function first,
which stop at the first failure; tests that nothing of the changed module reaches are not run.
Annotations are left out: nobody evaluates them. A fault that survives is a line, its change below
it with ``--show``; so is one that was only noticed because it took eight times as long.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import importlib
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import use_mutation
from cosmic_ray.plugins import get_operator, operator_names
from cosmic_ray.work_item import MutationSpec
from reached import Reached

ROOT = Path(__file__).resolve().parents[2]
TESTS = {
    "structure": ("tests/structure",),
    "label": ("tests/label",),
    "athlete": (
        "tests/athlete",
        "tests/label/test_bad_input.py",
        "tests/cli/test_athlete.py",
    ),
    "corrections": ("tests/corrections",),
    "store": ("tests/store",),
    "training": ("tests/training",),
    "read": (
        "tests/read/test_totals.py",
        "tests/read/test_order.py",
        "tests/read/test_read_build.py",
        "tests/read/test_fit_parts.py",
        "tests/read/test_fit_witnesses.py",
    ),
}
"""The tests of each room; of `read`, which has many more, those of what is named below."""


class Named(NamedTuple):
    """A fault that once passed unnoticed: a text in a file, and what stands there instead."""

    room: str
    file: str
    text: str
    instead: str


NAMED = (
    # Due reps out of step, on top of others, or in place of others.
    Named("structure", "structure/readings.py", "MIN_ALIKE - 1:", "1:"),
    Named("structure", "structure/readings.py", "2 * interval_s) < interval_s / 4", "0) < np.inf"),
    Named("structure", "structure/readings.py", "first = first[free.all(axis=1)]", "pass"),
    Named("structure", "structure/readings.py", "concatenate((spans,", "concatenate((spans[1:],"),
    # What a recovery is, and which bars a rep has to reach.
    Named("structure", "structure/readings.py", "MIN_RECOVERY_S = 10.0", "MIN_RECOVERY_S = 30.0"),
    Named("structure", "structure/readings.py", "SLOWEST_MEMBER = 0.85", "SLOWEST_MEMBER = 0.6"),
    Named("structure", "structure/sets.py", "BLOCK_GAP = 1.7", "BLOCK_GAP = 3.0"),
    Named("structure", "structure/sets.py", "CLEARLY_FASTER = 1.06", "CLEARLY_FASTER = 1.3"),
    Named("structure", "structure/grouping.py", "min(CLEAR_S, gap.seconds / 3.0)", "0.0"),
    # Hills are judged by the speed on level ground.
    Named("structure", "structure/judge.py", "~np.isnan(signal.adjusted_speed_mps) &", "False &"),
    # Laps against streams, either way.
    Named("structure", "structure/lap_fusion.py", "found.log_odds <= -LAPS_LOG_ODDS", "False"),
    Named("structure", "structure/lap_fusion.py", "named.faster < CLEARLY_FASTER", "False"),
    # Errors of thresholds.
    Named(
        "label", "label/features.py", "speed.standard_error / speed.value if speed", "0.0 if speed"
    ),
    Named("label", "label/features.py", "highest.standard_error / highest.value if", "0.0 if"),
    Named("label", "label/kinds.py", "if _is_fartlek(evidence):", "if False:"),
    Named("label", "label/kinds.py", "FARTLEK_SPREAD and _spread", "FARTLEK_SPREAD or _spread"),
    Named("label", "label/kinds.py", "HILL_GRADE = 0.03", "HILL_GRADE = 0.06"),
    # Huber weights.
    Named("athlete", "athlete/posterior.py", "np.maximum(far / OUTLIER, 1.0)", "np.ones_like(far)"),
    Named("athlete", "athlete/posterior.py", "np.minimum(far, OUTLIER)", "far"),
    # Strides kept inside corrected reps.
    Named("corrections", "corrections/apply.py", " and _free(s, edges)]", "]"),
    # Bytes of what was deleted.
    Named("store", "store/database.py", "PRAGMA secure_delete = ON", "PRAGMA secure_delete = OFF"),
    # A timer that cannot be, a clock that was set on the way, and one that was set off.
    Named("read", "read/totals.py", "replace(session, timer_s=None), [", "session, ["),
    Named("read", "read/totals.py", "too_long = timer > whole_s", "too_long = timer > 9e9"),
    Named("read", "read/pauses.py", "told = timer_s is not None and", "told = timer_s is None or"),
    Named("read", "read/clock.py", "] = FIX_JUMP_S", "] = UNEXPLAINED_JUMP_S"),
    Named("read", "read/clock.py", "if clock.start_unix >= POWER_ON_UNIX:", "if True:"),
    Named("read", "read/clock.py", "back, leap = raw_steps < 0,", "back, leap = raw_steps < -9e9,"),
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


def check_named(package: Path) -> None:
    """Fail before hours are spent where a fault cannot be made any more."""
    for fault in NAMED:
        if (package / fault.file).read_text("utf-8").count(fault.text) != 1:
            raise SystemExit(f"{fault.file} does not say {fault.text!r} once; mend NAMED")


@contextmanager
def named(fault: Named, package: Path) -> Iterator[None]:
    file = package / fault.file
    source = file.read_text("utf-8")
    file.write_text(source.replace(fault.text, fault.instead), "utf-8")
    try:
        yield
    finally:
        file.write_text(source, "utf-8")


def function_at(source: str, line: int) -> int | None:
    """Return the first line of the outermost function around a line, as its code object says it."""
    found = None
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min(n.lineno for n in (node, *node.decorator_list))
            if node.body[0].lineno <= line <= (node.end_lineno or 0):
                found = first if found is None else min(found, first)
    return found


def verdict(reached: Reached, file: Path, source: str, line: int) -> str:
    """Try the tests that call the changed function, then all that could notice it."""
    first, others = reached.tests_for(file, function_at(source, line))
    for tests in (first, others):
        ended = reached.run(tests) if tests else "passed"
        if ended != "passed":
            return ended
    return "passed"


def load_once(tree: Path) -> None:
    """Load what no fault changes, for every run to start with."""
    sys.path.insert(0, str(tree / "src"))
    sys.dont_write_bytecode = True
    jit = importlib.import_module("intervaldetect.kernels._jit")
    assert str(jit.__file__).startswith(str(tree)), jit.__file__
    jit.compile_kernels()
    loaded = {name.split(".")[1] for name in sys.modules if name.startswith("intervaldetect.")}
    assert not loaded & set(TESTS), loaded


def try_room(room: str, package: Path, count: int, seed: int, *, show: bool) -> tuple[int, int]:
    """Return how many faults were noticed, of how many."""
    reached = Reached(package / room, TESTS[room])
    noticed = tried = 0
    for fault in (each for each in NAMED if each.room == room):
        file = package / fault.file
        source = file.read_text("utf-8")
        line = source[: source.index(fault.text)].count("\n") + 1
        with named(fault, package):
            ended = verdict(reached, file, source, line)
        tried, noticed = tried + 1, noticed + (ended != "passed")
        if ended != "failed":
            print(f"  {fault.file}: {fault.text} -> {fault.instead}: {ended}", flush=True)
    for spec in sample(package / room, count, seed):
        operator, line = get_operator(spec.operator_name)(), spec.start_pos[0]
        with use_mutation(spec.module_path, operator, spec.occurrence) as (source, mutant):
            ended = verdict(reached, spec.module_path, source, line)
        tried, noticed = tried + 1, noticed + (ended != "passed")
        if ended != "failed":
            place = spec.module_path.relative_to(package)
            print(f"  {place}:{line} {spec.operator_name}: {ended}", flush=True)
            changed = difflib.unified_diff(
                source.splitlines(), mutant.splitlines(), n=1, lineterm=""
            )
            print(*list(changed)[3:] * show, sep="\n", end="\n" * show, flush=True)
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
        check_named(copy / "src/intervaldetect")
        load_once(copy)
        for room in options.rooms:
            print(room, flush=True)
            began = time.monotonic()
            noticed, tried = try_room(
                room, copy / "src/intervaldetect", options.count, options.seed, show=options.show
            )
            score, seconds = noticed / max(tried, 1), time.monotonic() - began
            print(f"  {noticed} of {tried} noticed ({score:.2f}) in {seconds:.0f} s", flush=True)


if __name__ == "__main__":
    main()
