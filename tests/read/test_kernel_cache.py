"""Where compiled kernels cannot be kept, or were kept badly, they are compiled again."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import intervaldetect
from intervaldetect.kernels._jit import JIT_ENABLED
from tests.read import build

pytestmark = pytest.mark.skipif(not JIT_ENABLED, reason="nothing is compiled")

READ = """
import sys
from intervaldetect.kernels import _jit
_jit.compile_kernels()
data = open(sys.argv[2], "rb").read()
"""
# One kernel costs a second to compile, those that a file needs cost eighteen.
CHECK = """
from intervaldetect.kernels import fit
assert fit.__file__.startswith(sys.argv[1])
from intervaldetect.read.fit_scan import as_words
print(fit.crc16(as_words(data, 0, len(data) - 2)))
print(bool(fit.crc16.stats.cache_hits))
"""
WHOLE = """
from intervaldetect.read import read_activity
assert len(read_activity(data)) == 24
"""
INSTALLED = Path(intervaldetect.__file__).parents[1]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("files") / "plain.fit"
    path.write_bytes(build.plain_fit(build.truth()).bytes())
    return path


def start(
    file: Path, *, installed: Path = INSTALLED, whole: bool = False, **settings: str
) -> subprocess.Popen[str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("NUMBA")}
    return subprocess.Popen(
        [sys.executable, "-c", READ + WHOLE * whole + CHECK, str(installed), str(file)],
        env={**kept, "PYTHONPATH": str(installed), **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def result(process: subprocess.Popen[str]) -> tuple[int, bool]:
    """Give the checksum that was computed, and whether its kernel came from the cache."""
    out, error = process.communicate(timeout=300)
    assert process.returncode == 0, error
    assert error == ""
    checksum, hits = out.splitlines()
    return int(checksum), hits == "True"


def expected(file: Path) -> int:
    return int.from_bytes(file.read_bytes()[-2:], "little")


@pytest.fixture(scope="module")
def cache(file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that six processes filled at once."""
    folder = tmp_path_factory.mktemp("cache")
    started = [start(file, NUMBA_CACHE_DIR=str(folder)) for _ in range(6)]
    assert {result(process)[0] for process in started} == {expected(file)}
    return folder


def test_six_processes_at_once_fill_a_cache_that_serves(cache, file):
    assert result(start(file, NUMBA_CACHE_DIR=str(cache))) == (expected(file), True)


@pytest.mark.parametrize(("suffix", "left"), [(".nbc", 100), (".nbi", 20)])
def test_a_truncated_cache_costs_a_compilation(cache, file, tmp_path, suffix, left):
    damaged = tmp_path / "cache"
    shutil.copytree(cache, damaged)
    files = list(damaged.rglob(f"*{suffix}"))
    assert files
    for each in files:
        os.truncate(each, left)
    assert result(start(file, NUMBA_CACHE_DIR=str(damaged))) == (expected(file), False)


def test_nothing_has_to_be_written_anywhere(file, tmp_path):
    """A read-only installation and no home: permissions alone would not stop an administrator."""
    installed = tmp_path / "installed"
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(INSTALLED / "intervaldetect", installed / "intervaldetect", ignore=ignore)
    folders = [path for path in installed.rglob("*") if path.is_dir()]
    for folder in folders:
        (folder / "__pycache__").write_bytes(b"")  # where a folder would be made
        folder.chmod(0o555)
    nowhere = {"HOME": "/dev/null/home", "XDG_CACHE_HOME": "/dev/null/cache"}
    try:
        before = sorted(installed.rglob("*"))
        assert result(start(file, installed=installed, whole=True, **nowhere)) == (
            expected(file),
            False,
        )
        assert sorted(installed.rglob("*")) == before
    finally:
        for folder in folders:
            folder.chmod(0o755)
