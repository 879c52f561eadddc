"""One session recorded twice is counted once; what is not surely the same is not merged."""

from __future__ import annotations

import itertools
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from intervaldetect.batch.folder import run_batch
from intervaldetect.cli.commands import _warn_of_two_people
from intervaldetect.job import ActivityResult, FileResult, Task
from intervaldetect.output.curves import views_of
from intervaldetect.output.summary import to_dict
from intervaldetect.read.archive import Source
from intervaldetect.records import Analysis
from intervaldetect.records.activity import Format
from intervaldetect.simulate import Plan, simulate
from intervaldetect.simulate.files import to_bytes
from intervaldetect.store import DATABASE, Store
from intervaldetect.store.duplicates import (
    Recording,
    _chains,
    is_same,
    is_shifted,
    overlapping,
    settle_duplicates,
    suggested,
)

START = datetime(2026, 5, 31, 16, 0, tzinfo=UTC)


def rec(start: float, elapsed: float, *, sha: str = "", metres: float | None = 9e3) -> Recording:
    return Recording(0, sha or f"{start} {elapsed}", start, elapsed, metres)


def test_only_starts_within_two_seconds_of_the_one_before_are_compared() -> None:
    runs = [rec(start, 3600.0) for start in (0.0, 2.0, 4.0, 6.1, 9000.0, 9001.0, 20_000.0)]
    chains = [[one.start_s - runs[0].start_s for one in chain] for chain in _chains(runs)]
    assert chains == [[0.0, 2.0, 4.0], [9000.0, 9001.0]]


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (rec(0.0, 3600.0, sha="b"), True),
        (rec(2.0, 3600.0), True),
        (rec(-2.0, 3601.0), True),
        (rec(2.1, 3600.0), False),
        (rec(0.0, 3636.0), True),
        (rec(0.0, 3637.0), False),
        (rec(0.0, 1200.0), False),  # the first leg of it
        (rec(600.0, 1200.0), False),  # another leg
        (rec(0.0, 3600.0, sha="a"), False),  # parts of one file
    ],
)
def test_start_overlap_and_end_decide(other: Recording, same: bool) -> None:
    one = rec(0.0, 3600.0, sha="a")
    assert is_same(one, other) is is_same(other, one) is same


def test_short_recordings_must_overlap() -> None:
    assert not is_same(rec(0.0, 12.0), rec(2.0, 10.1))
    assert is_same(rec(0.0, 120.0), rec(2.0, 118.0))


@pytest.mark.parametrize(
    ("other", "shifted"),
    [
        (rec(7200.0, 3600.0), True),
        (rec(-7201.5, 3620.0), True),
        (rec(5.5 * 3600.0, 3600.0), True),
        (rec(7203.0, 3600.0), False),
        (rec(7200.0, 3700.0), False),
        (rec(7200.0, 3600.0, metres=9.2e3), False),
        (rec(7200.0, 3600.0, metres=None), False),
        (rec(15 * 3600.0, 3600.0), False),
        (rec(0.0, 3600.0, sha="b"), False),
    ],
)
def test_quarters_of_an_hour_suggest_a_lost_zone(other: Recording, shifted: bool) -> None:
    one = rec(0.0, 3600.0, sha="a")
    assert is_shifted(one, other) is is_shifted(other, one) is shifted


def recording(
    analysis: Analysis, name: str, *, later_s: float = 0.0, athlete: str = "me", part: int = 1,
    sha: str = "", heart_rate: bool = True, form: Format = "fit",
) -> FileResult:  # fmt: skip
    activity = replace(
        analysis.activity,
        path=f"/runs/{name}",
        sha256=(sha or name[0]) * 64,
        start_time=analysis.activity.start_time + timedelta(seconds=later_s),
        part=part,
        format=form,
    )
    changed = replace(analysis, activity=activity, athlete=athlete)
    views = views_of(changed.signal)
    if not heart_rate:
        views = replace(views, heart_rate={})
    task = Task(Source(f"/runs/{name}", 1000, 1.5), athlete)
    judged = ActivityResult(to_dict(changed), views, None)
    return FileResult(task, "read", activity.sha256, (judged,))


def settled(folder: Path, *results: FileResult) -> Store:
    store = Store.create(folder)
    for result in results:
        store.put(result, "maker")
    for name in store.stale_athletes():
        settle_duplicates(store, name)
    return store


def shown(store: Store) -> list[str]:
    return [path for (path,) in store.query("SELECT path FROM activities ORDER BY path")]


def test_the_richest_is_kept_whatever_the_order(tmp_path: Path, analysis: Analysis) -> None:
    results = [
        recording(analysis, "a-phone.fit", heart_rate=False),
        recording(analysis, "b-service.gpx", later_s=1.0, form="gpx"),
        recording(analysis, "c-watch.fit", later_s=2.0),
    ]
    contents = []
    for number, order in enumerate(itertools.permutations(results)):
        with settled(tmp_path / str(number), *order) as store:
            assert shown(store) == ["/runs/c-watch.fit"]
            contents.append(store.query("SELECT * FROM duplicates"))
            sources = store.query("SELECT s.path FROM activity_sources s JOIN activities"
                                  " USING (activity) ORDER BY s.path")  # fmt: skip
            assert [Path(path).name[0] for (path,) in sources] == ["a", "b", "c"]
    assert len(contents[0]) == 2
    assert all(content == contents[0] for content in contents)


def test_a_chain_of_near_starts_is_not_one_session(tmp_path: Path, analysis: Analysis) -> None:
    chain = [recording(analysis, name, later_s=s) for name, s in (("a", 0.0), ("b", 2), ("c", 4))]
    with settled(tmp_path, *chain) as store:
        assert len(shown(store)) == 2


def test_athletes_and_parts_are_never_merged(tmp_path: Path, analysis: Analysis) -> None:
    with settled(
        tmp_path,
        recording(analysis, "a"),
        recording(analysis, "b", athlete="bo"),
        recording(analysis, "c", later_s=7200.0, athlete="cy"),
        recording(analysis, "d", sha="d", later_s=1e6),
        recording(analysis, "e", sha="d", part=2, later_s=1e6),
    ) as store:
        assert len(shown(store)) == 5
        assert store.query("SELECT * FROM duplicates") == []


def test_a_shifted_copy_is_suggested_and_stays(tmp_path: Path, analysis: Analysis) -> None:
    with settled(
        tmp_path, recording(analysis, "a"), recording(analysis, "b", later_s=7200.0, form="gpx")
    ) as store:
        assert len(shown(store)) == 2
        assert suggested(store) == [("/runs/b", "/runs/a", 7200.0)]
        assert suggested(store, "me") == suggested(store)
        assert suggested(store, "bo") == []


def test_a_double_that_goes_gives_the_session_back(tmp_path: Path, analysis: Analysis) -> None:
    rich, poor = recording(analysis, "a"), recording(analysis, "b", form="gpx")
    with settled(tmp_path, rich, poor) as store:
        assert shown(store) == ["/runs/a"]
        spoilt = FileResult(rich.task, "refused", "f" * 64, (), ("is broken",))
        store.put(spoilt, "maker")
        assert shown(store) == ["/runs/b"]
        assert store.stale_athletes() == ["me"]


@pytest.fixture(scope="module")
def formats(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two sessions of one day, and the first again as two services would give it."""
    folder = tmp_path_factory.mktemp("formats")
    plan = Plan(workout="4 x 800 m @ 2:40 (2:00 jog)", start_time=START, warmup_s=600.0)
    session = simulate(plan, seed=4)
    for suffix in ("fit", "gpx.gz", "tcx"):
        (folder / f"session.{suffix}").write_bytes(to_bytes(session, suffix))
    later = replace(plan, workout=None, run_type="easy", duration_s=1500.0,
                    start_time=START + timedelta(hours=5))  # fmt: skip
    (folder / "easy.fit").write_bytes(to_bytes(simulate(later, seed=5), "fit"))
    return folder


def tables(store: Path) -> dict[str, list[tuple[object, ...]]]:
    db = sqlite3.connect(store / DATABASE)
    names = db.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')").fetchall()
    found = {n: sorted(db.execute(f"SELECT * FROM {n}"), key=repr) for (n,) in names}
    db.close()
    return found


def test_three_formats_are_one_session_in_every_view(formats: Path, tmp_path: Path) -> None:
    from intervaldetect.training import read_history

    store = tmp_path / "store"
    run_batch(formats, store, jobs=1)
    with Store.open(store) as opened:
        assert sorted(Path(path).name for path in shown(opened)) == ["easy.fit", "session.fit"]
        assert len(list(opened.summaries())) == len(list(opened.history("me"))) == 2
        assert opened.query("SELECT count(*) FROM recordings") == [(4,)]
    history = read_history(store)
    assert history.runs.height == 2
    assert history.reps.height == 4
    for name in ("easy.fit", "session.gpx.gz", "session.tcx", "session.fit"):
        run_batch(formats / name, tmp_path / "pieces", jobs=1)
    assert tables(tmp_path / "pieces") == tables(store)


def test_runs_at_one_time_are_counted_for_each_athlete(
    tmp_path: Path, analysis: Analysis, capsys: pytest.CaptureFixture[str]
) -> None:
    sizes = [
        ("ada", 0.0, 3600.0, 9e3),
        ("ada", 600.0, 3600.0, 7e3),  # at once with the one before
        ("ada", 1200.0, 3600.0, 11e3),  # and so is this
        ("ada", 20_000.0, 3600.0, 9e3),
        ("ada", 21_800.0, 3600.0, 7e3),  # half of it is not more than half
        ("ada", 40_000.0, 3600.0, 9e3),
        ("ada", 40_010.0, 3600.0, 9.001e3),  # as far: another recording of the same
        ("bo", 700.0, 3600.0, 7e3),  # somebody else
        ("cy", 0.0, 3600.0, 9e3),
        ("cy", 900.0, 3600.0, 7e3),
    ]
    with Store.create(tmp_path) as store:
        assert overlapping(store) == {}
        for number, (athlete, start_s, elapsed_s, metres) in enumerate(sizes):
            activity = replace(
                analysis.activity,
                path=f"{number}.fit",
                sha256=f"{number:064d}",
                start_time=START + timedelta(seconds=start_s),
            )
            changed = replace(analysis, activity=activity, athlete=athlete)
            said: Any = {**to_dict(changed), "elapsed_s": elapsed_s, "distance_m": metres}
            judged = ActivityResult(said, views_of(changed.signal), "{}")
            task = Task(Source(activity.path), athlete)
            store.put(FileResult(task, "read", activity.sha256, (judged,)), "m")
        assert overlapping(store) == {"ada": 2, "cy": 1}
    _warn_of_two_people(str(tmp_path))  # one pair is chance, two are not
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("2 runs of athlete 'ada' overlap")
