"""Sessions judged by a process beside the one that writes: the same rows, whatever befalls it."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from intervaldetect.batch import judges, relabel
from intervaldetect.batch.folder import run_batch
from intervaldetect.batch.judges import Question, judge_beside, judge_here
from intervaldetect.batch.relabel import judge_history
from intervaldetect.records import Estimate, Thresholds
from intervaldetect.store import Store
from tests.batch.test_batch import content

FAST = Thresholds(threshold_speed_mps=Estimate(6.0, 0.1, "given"))
FILES = 5


@pytest.fixture(scope="module")
def judged_once(tmp_path_factory: pytest.TempPathFactory, season: Path) -> Path:
    """A store of some sessions."""
    runs, store = tmp_path_factory.mktemp("runs"), tmp_path_factory.mktemp("store")
    for file in sorted(season.glob("*.fit*"))[:FILES]:
        shutil.copy(file, runs / file.name)
    run_batch(runs, store, jobs=1)
    return store


@pytest.fixture
def here(judged_once: Path, tmp_path: Path) -> dict[str, Any]:
    """What the store holds once this process has judged by other thresholds."""
    shutil.copytree(judged_once, tmp_path / "here")
    with Store.create(tmp_path / "here") as store:
        assert judge_history(store, "me", "maker", given=FAST) == FILES
    return content(tmp_path / "here")


def judged_beside(store: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setattr(relabel, "MIN_BESIDE", FILES)
    monkeypatch.setattr(judges, "CHUNK", 2)
    with Store.create(store) as opened:
        assert judge_history(opened, "me", "maker", given=FAST, jobs=2) == FILES
    return content(store)


def refuse(_: Iterable[Question]) -> Any:
    raise AssertionError("this process was to judge nothing")


def answer_once(pipe: Connection) -> None:
    """Stand in for a process that dies behind its first answers."""
    pipe.send(list(judge_here(pipe.recv())))


def die(_: Connection) -> None:
    """Stand in for a process that dies before it answers."""


def test_a_process_beside_judges_as_this_one_does(
    judged_once: Path, here: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(judged_once, tmp_path / "beside")
    for module in (judges, relabel):
        monkeypatch.setattr(module, "judge_here", refuse)
    assert judged_beside(tmp_path / "beside", monkeypatch) == here


@pytest.mark.parametrize("work", [answer_once, die])
def test_what_a_dead_process_was_asked_is_judged_here(
    work: Any,
    judged_once: Path,
    here: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shutil.copytree(judged_once, tmp_path / "beside")
    monkeypatch.setattr(judges, "_work", work)
    assert judged_beside(tmp_path / "beside", monkeypatch) == here


def test_few_sessions_start_no_process(judged_once: Path, tmp_path: Path) -> None:
    shutil.copytree(judged_once, tmp_path / "few")
    with pytest.MonkeyPatch.context() as patch, Store.create(tmp_path / "few") as store:
        patch.setattr(relabel, "judge_beside", refuse)
        assert judge_history(store, "me", "maker", given=FAST, jobs=2) == FILES


def test_what_cannot_be_judged_fails_here() -> None:
    """The process beside ends without a word; the error is raised where the batch sees it."""
    with judge_beside() as judge, pytest.raises(ValueError, match="Expecting value"):
        list(judge([Question("no JSON", None, "{}", FAST)]))
