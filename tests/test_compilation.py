"""When kernels are compiled, who compiles, and that nobody can tell from the results."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from intervaldetect import analyse, to_dict
from intervaldetect.kernels import _jit, compilation
from intervaldetect.output.line import dumps
from intervaldetect.read import read_activity

GOLDEN = 6


def python(code: str, home: Path) -> str:
    ran = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"XDG_CACHE_HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert ran.stderr == ""
    return ran.stdout


def golden(season: Path) -> list[Path]:
    """Choose six files, some of each format."""
    by_format = [sorted(season.glob(f"*.{form}*")) for form in ("fit", "gpx", "tcx")]
    return [
        file for files, share in zip(by_format, (2, 2, 2), strict=True) for file in files[:share]
    ]


def test_six_summaries_are_the_same_without_a_compiler(season: Path, tmp_path: Path) -> None:
    files = golden(season)
    assert len(files) == GOLDEN
    code = (
        "import sys; from intervaldetect import analyse, read_activity, to_dict;"
        "from intervaldetect.output.summary import dumps;"
        f"files = {list(map(str, files))};"
        "[print(dumps(to_dict(analyse(read_activity(file))))) for file in files];"
        "print('numba' in sys.modules)"
    )
    *plain, loaded = python(code, tmp_path).splitlines()
    assert loaded == "False"
    for file, text in zip(files, plain, strict=True):
        assert json.loads(text) == json.loads(dumps(to_dict(analyse(read_activity(file)))))


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Have a process, and a machine, that compiled nothing; list what it does."""
    did: list[str] = []
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(_jit, "_compiled", False)
    monkeypatch.setattr(_jit, "JIT_ENABLED", True)
    monkeypatch.setattr(_jit, "compile_kernels", lambda: did.append("compiled"))
    monkeypatch.setattr(compilation, "_seen", 0)
    return did


def test_what_is_at_hand_serves_sooner(fresh: list[str]) -> None:
    compilation.expect(compilation.FRESH_BYTES)
    assert fresh == []
    compilation.done()
    compilation.expect(compilation.AT_HAND_BYTES)
    assert fresh == []
    compilation.expect(compilation.AT_HAND_BYTES + 1)
    assert fresh == ["compiled"]


def test_a_process_that_reads_on_and_on_compiles(fresh: list[str]) -> None:
    for _ in range(8):
        compilation.count(compilation.FRESH_BYTES // 8)
    assert fresh == []
    compilation.count(1)
    assert fresh == ["compiled"]


def test_a_process_that_analyses_on_and_on_compiles(
    fresh: list[str], monkeypatch: pytest.MonkeyPatch, season: Path
) -> None:
    activity = read_activity(min(season.glob("*.fit")))
    monkeypatch.setattr(compilation, "_seen", compilation.FRESH_BYTES - len(activity))
    analyse(activity)
    assert fresh == ["compiled"]


def test_other_sources_have_to_be_compiled_anew(
    fresh: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    compilation.done()
    assert compilation.at_hand()
    monkeypatch.setattr(_jit, "sources", lambda: "edited")
    assert not compilation.at_hand()


def test_one_process_compiles_while_others_go_on(fresh: list[str]) -> None:
    with compilation.only_one() as first, compilation.only_one() as second:
        assert (first, second) == (True, False)
    with compilation.only_one() as third:
        assert third


def test_without_a_home_everyone_may_compile(
    fresh: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null/none")
    compilation.done()
    assert not compilation.at_hand()
    with compilation.only_one() as first, compilation.only_one() as second:
        assert first
        assert second


def test_compiled_kernels_take_the_place_of_plain_ones(tmp_path: Path) -> None:
    code = (
        "from intervaldetect import segment; from intervaldetect.kernels import _jit, sums;"
        "before = segment.running_sums; _jit.compile_kernels();"
        "print(before is not sums.running_sums, segment.running_sums is sums.running_sums,"
        " hasattr(sums.running_sums, 'py_func'), _jit.compiled())"
    )
    could = str(_jit.JIT_ENABLED)
    assert python(code, tmp_path).split() == [could, "True", could, could]


def test_kernels_stay_plain_where_numba_cannot_be_loaded(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['numba'] = None;"
        "from intervaldetect.kernels import _jit, sums;"
        "import numpy as np;"
        "_jit.compile_kernels();"
        "weight, total = sums.running_sums(np.array([3.0, 4.0]), np.ones(2));"
        "print(_jit.compiled(), total[-1])"
    )
    assert python(code, tmp_path) == "False 7.0\n"
