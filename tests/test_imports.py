"""Imports go one way: cli -> batch, pipeline -> stages -> kernels, records, errors."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import intervaldetect
from intervaldetect.batch.one_file import UNDECIDING
from intervaldetect.kernels import _jit
from intervaldetect.read import READERS

ROOT = Path(intervaldetect.__file__).parent

# What everything may import: it decides nothing about an activity. And what that may import itself.
FOUNDATION = {"errors", "records", "kernels", "toml_text"}
FOUNDATION |= {"endurance"}  # races, for thresholds, kinds and predictions alike
BELOW = {"records": {"errors"}}
STAGES = {"read", "clean", "segment", "structure", "label"}
# What else each part may import; the stages themselves, nothing but this.
ALLOWED = {
    "structure": {"notation"},  # prints the workout it found
    "session_features": {"clean"},  # one cost of a grade for both
    "athlete": {"session_features"},  # the durations its curves are given for
    "label": {"athlete", "session_features"},  # as athlete
    "pipeline": STAGES - {"read"} | {"session_features", "athlete", "corrections"},
    "simulate": {"notation", "write"},
    "plan": {"notation", "read", "write"},  # in notation, or a FIT workout
    "corrections": {"notation", "structure"},  # corrected reps are measured and described anew
    "output": set(),
    "job": {"athlete", "corrections", "output", "read"},  # a file, and what changes its result
    "store": {"job", "output"},
    "batch": {"athlete", "corrections", "job", "label", "output", "pipeline", "read"}
    | {"session_features", "store", "structure", "simulate"},
    "training": {"store"},
    "mcp_server": {"store", "training"},  # asks a store, changes nothing
    "score": {"output", "pipeline", "read"},  # judges a folder to measure it
    "scrub": {"clean", "read", "write"},  # positions to distance, then written anew
    "sync": {"batch", "corrections", "job", "output", "read", "write"},
    "report": {"athlete", "batch", "notation", "output", "plan", "store", "training"},
    "serve": {"batch", "corrections", "job", "output", "pipeline", "read", "report", "store"},
    "cli": {"athlete", "batch", "corrections", "job", "notation", "output", "plan", "read"}
    | {"mcp_server", "report", "score", "scrub", "serve", "store", "sync", "training", "write"},
    "__main__": {"cli"},
}
# Library -> the only files or folders that import it.
OUTSIDERS = {
    "numba": {"kernels/_jit.py"},
    "polars": {
        "batch/dataset.py",
        "cli/history.py",
        "cli/response.py",
        "cli/training.py",
        "mcp_server/",
        "output/export.py",
        "records/analysis.py",  # what a notebook asks of an analysis, loaded when it asks
        "records/notebook.py",
        "report/control_terminal.py",
        "report/response_terminal.py",
        "report/cells.py",
        "report/series_terminal.py",
        "report/training_terminal.py",
        "store/",
        "training/",
    },
    "http": {"serve/", "sync/client.py"},  # the one place that asks another machine
    "starlette": {"cli/serve.py", "serve/"},
    "typer": {"cli/"},
    "uvicorn": {"cli/serve.py", "serve/run.py"},
    "rich": {
        "cli/__init__.py",
        "report/athlete_terminal.py",
        "report/console.py",
        "report/progress.py",
        "report/control_terminal.py",
        "report/response_terminal.py",
        "report/table.py",
        "report/terminal.py",
        "report/cells.py",
        "report/series_terminal.py",
        "report/training_terminal.py",
    },
}


def imported(file: Path) -> Iterator[str]:
    """Yield the dotted names of all modules a file imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def part_of(file: Path) -> str:
    return file.relative_to(ROOT).with_suffix("").parts[0]


FILES = sorted(file for file in ROOT.rglob("*.py") if file != ROOT / "__init__.py")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_imports_go_one_way(file: Path) -> None:
    part = part_of(file)
    wanted = {
        name.split(".")[1]
        for name in imported(file)
        if name.startswith("intervaldetect.") and name != "intervaldetect.__version__"
    }
    allowed = FOUNDATION | ALLOWED.get(part, set()) | {part}
    if part in FOUNDATION:
        allowed = BELOW.get(part, set()) | {part}
    assert wanted <= allowed, f"{part} imports {sorted(wanted - allowed)}"


@pytest.mark.parametrize("library", sorted(OUTSIDERS))
def test_heavy_libraries_have_their_place(library: str) -> None:
    found = {
        file.relative_to(ROOT).as_posix()
        for file in FILES
        for name in imported(file)
        if name.split(".")[0] == library
    }
    places = tuple(OUTSIDERS[library])
    assert found
    assert all(name.startswith(places) for name in found), found


def test_reading_a_store_loads_neither_arrays_nor_readers() -> None:
    modules = ("numpy", "numba", "intervaldetect.records", "intervaldetect.read")
    program = (
        "import sys; from intervaldetect.report import control_terminal, training_terminal;"
        "from intervaldetect.training import control_weeks, load_weeks, race_list, training_weeks;"
        f"print([name for name in {modules} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_stages_do_not_import_one_another() -> None:
    for stage in STAGES:
        assert not ALLOWED.get(stage, set()) & STAGES


@pytest.mark.parametrize(
    ("rooms", "unknown"),
    [
        (("read", "scrub"), {"workout", "analysis"}),
        (("clean", "segment", "structure", "notation"), {"analysis"}),
    ],
)
def test_a_stage_knows_no_record_of_later_ones(rooms: tuple[str, ...], unknown: set[str]) -> None:
    made = {module: made_in(ROOT / "records" / f"{module}.py") for module in unknown}
    later = {
        f"intervaldetect.records.{name}"
        for module, names in made.items()
        for name in ({module} | {f"{module}.{each}" for each in names} | names)
    }
    assert all(made.values())
    for file in (file for file in FILES if part_of(file) in rooms):
        assert not later & set(imported(file)), file


def made_in(file: Path) -> set[str]:
    """Return the names of the classes and values that a module makes."""
    body = ast.parse(file.read_text("utf-8")).body
    classes = {node.name for node in body if isinstance(node, ast.ClassDef)}
    assigned = (node for node in body if isinstance(node, ast.Assign))
    return classes | {t.id for node in assigned for t in node.targets if isinstance(t, ast.Name)}


def test_kernels_import_numpy_and_their_decorator_only() -> None:
    files = sorted((ROOT / "kernels").glob("*.py"))
    assert files
    for file in files:
        # The second runs while nothing is compiled, the third says when to.
        if file.name not in {"_jit.py", "_plain.py", "compilation.py"}:
            roots = {name.split(".")[0] for name in imported(file)}
            allowed = {"__future__", "collections", "intervaldetect", "math", "numpy", "sys"}
            assert roots <= allowed | {"typing"}, file.name


def test_what_does_not_make_compiled_code_stale_holds_no_kernel() -> None:
    assert _jit.NEVER_COMPILED
    for name in _jit.NEVER_COMPILED:
        names = {each.rpartition(".")[2] for each in imported(ROOT / "kernels" / name)}
        assert not names & {"kernel", "helper", "kernel_beside"}, name


def named(file: Path) -> str:
    parts = file.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def reached(starts: set[str]) -> set[str]:
    """Return the modules that some modules import, and those import, wherever in them."""
    files = {named(file): file for file in FILES}
    found: set[str] = set()
    ahead = starts & set(files)
    while ahead:
        found |= ahead
        names = {name for module in ahead for name in imported(files[module])}
        ahead = ((names | {name.rpartition(".")[0] for name in names}) & set(files)) - found
    return found


def test_only_what_decides_a_result_makes_stores_analyse_anew() -> None:
    """What no analysis imports is named as undeciding, and nothing else is."""
    batch = {f"intervaldetect.batch.{name}" for name in ("one_file", "second_pass", "relabel")}
    deciding = reached(batch | {module for module, _ in READERS.values()})
    shown = {"intervaldetect.records.notebook", "intervaldetect.store.frames"}
    assert shown <= deciding  # loaded by methods that no analysis calls
    undeciding = {
        named(file) for file in FILES if file.relative_to(ROOT).as_posix().startswith(UNDECIDING)
    }
    packages = {named(file) for file in FILES if file.name == "__init__.py"}
    assert undeciding & deciding == shown
    assert {named(file) for file in FILES} - deciding - packages == undeciding - packages - shown
