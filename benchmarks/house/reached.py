"""Which tests call which functions of a room, and runs of a few of them that start at once.

Runs are children forked from a process that has loaded numpy, numba and the compiled kernels, none
of which a fault of a room changes.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

EVERYTHING = "*"
"""Called by a test that starts processes: what they call is not seen."""


class Recorder:
    """A plugin that writes down what each test calls of a folder, and how long it takes."""

    def __init__(self, folder: Path, out: Path) -> None:
        self.folder, self.out = str(folder), out
        self.called: set[str] = set()
        self.tests: dict[str, dict[str, Any]] = {}
        sys.addaudithook(self.audit)

    def audit(self, event: str, _args: tuple[Any, ...]) -> None:
        if event in {"subprocess.Popen", "os.fork", "os.posix_spawn"}:
            self.called.add(EVERYTHING)

    def trace(self, frame: FrameType, _event: str, _arg: object) -> None:
        code = frame.f_code
        if code.co_filename.startswith(self.folder):
            self.called.add(f"{code.co_filename}:{code.co_firstlineno}")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.called = set()
        began = time.monotonic()
        sys.settrace(self.trace)  # type: ignore[arg-type]
        threading.settrace(self.trace)  # type: ignore[arg-type]
        result = yield
        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]
        fixtures = item._fixtureinfo.name2fixturedefs  # type: ignore[attr-defined]
        wide = [name for name, known in fixtures.items() if known[-1].scope == "session"]
        file = item.nodeid.partition("::")[0]
        self.tests[item.nodeid] = {
            "seconds": time.monotonic() - began,
            "called": sorted(self.called),
            "shares": [file, *(n for n in wide if n not in {"quick_start", "tmp_path_factory"})],
        }
        return result

    def pytest_sessionfinish(self) -> None:
        self.out.write_text(json.dumps(self.tests), "utf-8")


class Chosen:
    """A plugin that leaves some tests, in an order of its own."""

    def __init__(self, tests: Sequence[str]) -> None:
        self.order = {name: k for k, name in enumerate(tests)}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted(
            (item for item in items if item.nodeid in self.order),
            key=lambda item: self.order[item.nodeid],
        )


def child(arguments: list[str], plugin: object, most_s: float) -> str:
    """Return how a run of pytest in a child of its own ended: passed, failed or timed out."""
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        code = 3
        try:
            code = int(pytest.main(["-q", "-x", "-p", "no:cacheprovider", *arguments], [plugin]))
        finally:
            os._exit(code)
    until = time.monotonic() + most_s
    while time.monotonic() < until:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return "passed" if status == 0 else "failed"
        time.sleep(0.02)
    os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return "timed out"


class Reached:
    """The tests of a room by what they call."""

    def __init__(self, room: Path, files: tuple[str, ...]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "tests.json"
            if child(list(files), Recorder(room, out), 3600.0) != "passed":
                raise SystemExit(f"{room.name}: its tests fail without any fault")
            self.tests = json.loads(out.read_text("utf-8"))
        self.shared: dict[str, set[str]] = defaultdict(set)
        for test in self.tests.values():
            for name in test["shares"]:
                self.shared[name] |= set(test["called"])

    def tests_for(self, file: Path, function: int | None) -> tuple[list[str], list[str]]:
        """Return the tests that call a function, and others that may notice a change of its module.

        Without a function (the change is of the module itself) the first are those that call any.
        What a test of a file, or one with a fixture of the whole run, calls may have been kept for
        the others, so these count among the second. The quickest files come first.
        """
        begins = f"{file}:" if function is None else f"{file}:{function}"
        first, others = set(), set()
        for name, test in self.tests.items():
            if any(
                c == begins or (function is None and c.startswith(begins)) for c in test["called"]
            ):
                first.add(name)
            elif EVERYTHING in test["called"] or any(
                c.startswith(f"{file}:") or c == EVERYTHING
                for group in test["shares"]
                for c in self.shared[group]
            ):
                others.add(name)
        return self.in_order(first), self.in_order(others)

    def in_order(self, names: set[str]) -> list[str]:
        whole: dict[str, float] = defaultdict(float)
        for name in names:
            whole[name.partition("::")[0]] += self.tests[name]["seconds"]
        return sorted(
            names,
            key=lambda n: (
                whole[n.partition("::")[0]],
                n.partition("::")[0],
                self.tests[n]["seconds"],
            ),
        )

    def run(self, names: list[str]) -> str:
        files = list(dict.fromkeys(name.partition("::")[0] for name in names))
        seconds = sum(self.tests[name]["seconds"] for name in names)
        return child(files, Chosen(names), 8.0 * seconds + 60.0)
