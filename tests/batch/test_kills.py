"""Kills at random moments, two batches at once, a full disk; benchmarks/scale does hundreds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from intervaldetect.batch.folder import run_batch
from intervaldetect.simulate import Plan, simulate
from intervaldetect.simulate.files import to_bytes
from tests.batch.killing import (
    Content,
    content,
    fill_up,
    finish,
    kill_at_random,
    run_two,
    size_of,
    start,
)

FILES = 24


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("runs")
    first = datetime(2026, 5, 1, 6, tzinfo=UTC)
    for index in range(FILES):
        plan = Plan(
            run_type="easy", duration_s=400.0 + 10 * index,
            start_time=first + timedelta(hours=17 * index, seconds=37 * index),
        )  # fmt: skip
        (root / f"{index}.fit").write_bytes(to_bytes(simulate(plan, seed=index), "fit"))
    return root


@pytest.fixture(scope="module")
def whole(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = tmp_path_factory.mktemp("whole")
    assert run_batch(folder, store, jobs=1).read == FILES
    return store


@pytest.fixture(scope="module")
def expected(whole: Path) -> Content:
    return content(whole)


def test_kills_at_random_moments_lose_and_double_nothing(
    folder: Path, expected: Content, tmp_path: Path
) -> None:
    hits, done = kill_at_random(
        folder, tmp_path / "store", expected, kills=5, jobs=2, seed=6, within_s=2.5
    )
    assert hits == 5
    assert done >= 1


@pytest.mark.parametrize("wait_s", [0.0, 0.7])
def test_of_two_batches_one_is_refused_or_waits_for_nothing(
    folder: Path, expected: Content, tmp_path: Path, wait_s: float
) -> None:
    assert run_two(folder, tmp_path / "store", expected, wait_s=wait_s) <= 1


def test_a_full_disk_is_a_clean_stop(
    folder: Path, whole: Path, expected: Content, tmp_path: Path
) -> None:
    """The limit on the size of a file stands in for a disk: writing beyond it fails."""
    store = tmp_path / "store"
    limit = size_of(whole) // 2
    stored = fill_up(
        folder, store, expected, lambda: finish(start(folder, store, limit=limit)), lambda: None
    )
    assert stored < FILES
