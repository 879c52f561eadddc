"""A folder into a store: what is new is read, what is known is not, and every kill is survived."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from intervaldetect.batch.folder import run_batch
from intervaldetect.batch.one_file import analyse_source, analysis_version
from intervaldetect.batch.progress import Progress
from intervaldetect.batch.relabel import judge_history
from intervaldetect.errors import ParameterError, StoreError
from intervaldetect.job import Settings, Task
from intervaldetect.label import NOT_JUDGED, label_session
from intervaldetect.output.export import export_summaries
from intervaldetect.read.archive import iter_sources
from intervaldetect.records import Estimate, SessionEvidence, SessionLabel, Thresholds
from intervaldetect.report.progress import closing_line
from intervaldetect.report.session import verdict
from intervaldetect.store import DATABASE, Store
from intervaldetect.store.lock import store_lock
from intervaldetect.store.schema import ACTIVITY_TABLES, activity_number

FILES = (
    "2025-09-08-0715-morning-run.fit",
    "2025-09-09-1745-evening-run.gpx.gz",
    "2025-09-04-1730-evening-run.tcx.gz",
)


@pytest.fixture
def folder(tmp_path: Path, season: Path) -> Path:
    """Three simulated files in three formats, two folders deep."""
    inside = tmp_path / "runs" / "ada" / "autumn"
    inside.mkdir(parents=True)
    for name in FILES:
        shutil.copy(season / name, inside / name)
    return tmp_path / "runs"


def workouts(store: Path) -> list[str | None]:
    with Store.open(store) as opened:
        return [json.loads(text)["workout"] for text in opened.summaries()]


def content(store: Path) -> dict[str, list[tuple[object, ...]]]:
    db = sqlite3.connect(store / DATABASE)
    names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = {name: sorted(db.execute(f"SELECT * FROM {name}"), key=repr) for name in names}
    db.close()
    return found


def counts(progress: Progress) -> tuple[int, int, int, int]:
    return progress.read, progress.repaired, progress.refused, progress.unchanged


def listing(folder: Path) -> list[tuple[str, int]]:
    return sorted((str(path), path.stat().st_mtime_ns) for path in folder.rglob("*"))


def test_a_folder_is_taken_in_once(folder: Path, tmp_path: Path) -> None:
    before = listing(folder)
    store = tmp_path / "store"
    assert counts(run_batch(folder, store, jobs=2)) == (3, 0, 0, 0)
    assert len(workouts(store)) == 3
    first = content(store)
    assert counts(run_batch(folder, store, jobs=1)) == (3, 0, 0, 3)
    assert content(store) == first
    assert listing(folder) == before


def test_workers_and_order_do_not_change_the_store(folder: Path, tmp_path: Path) -> None:
    run_batch(folder, tmp_path / "two", jobs=2)
    run_batch(folder, tmp_path / "one", jobs=1)
    piece = folder / "ada" / "autumn" / FILES[2]
    run_batch(piece, tmp_path / "pieces", jobs=1)
    run_batch(folder, tmp_path / "pieces", jobs=1)
    assert content(tmp_path / "one") == content(tmp_path / "two") == content(tmp_path / "pieces")


def measured(summary: dict[str, Any]) -> dict[str, Any]:
    """What a file alone decides; the rest is judged within the athlete's history."""
    judged = (
        "label", "kind", "probabilities", "thresholds", "evidence", "utc_offset_s",
        "utc_offset_source", "problems",  # local time of other files is a problem said
    )  # fmt: skip
    sets = [{**item, "label": None, "probabilities": None} for item in summary["sets"]]
    return {**summary, **dict.fromkeys(judged), "sets": sets}


def test_summary_and_store_measure_the_same(folder: Path, tmp_path: Path) -> None:
    run_batch(folder, tmp_path / "store", jobs=1)
    with Store.open(tmp_path / "store") as opened:
        stored = {json.loads(text)["path"]: json.loads(text) for text in opened.summaries()}
    assert len(stored) > 1
    for source in iter_sources(folder):
        (judged,) = analyse_source(Task(source), Settings()).activities
        alone = json.loads(json.dumps(judged.summary))
        assert measured(stored[source.path]) == measured(alone)
        # What says nothing of a threshold leaves the prior.
        by_itself = {v["source"] for v in alone["thresholds"].values()}
        in_history = {v["source"] for v in stored[source.path]["thresholds"].values()}
        assert by_itself <= {"file", "prior"}
        assert in_history <= {"history", "prior"}
        assert ("history" in in_history) >= ("file" in by_itself)


def test_only_new_moved_and_changed_files_are_met(folder: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    run_batch(folder, store, jobs=1)
    inside = folder / "ada" / "autumn"
    (inside / FILES[0]).rename(folder / "moved.fit")
    shutil.copy(inside / FILES[1], folder / "copy.gpx.gz")
    (inside / FILES[2]).touch()
    assert counts(run_batch(folder, store, jobs=1)) == (4, 0, 0, 4)
    with Store.open(store) as opened:
        paths = [json.loads(text)["path"] for text in opened.summaries()]
        assert opened.ledger.known(str(inside / FILES[0])) is None
    assert len(paths) == 3
    assert str(folder / "moved.fit") in paths
    plain = gzip.decompress((inside / FILES[2]).read_bytes())
    (inside / FILES[2]).write_bytes(plain)  # the same run in other bytes
    assert counts(run_batch(folder, store, jobs=1)) == (4, 0, 0, 3)
    assert len(workouts(store)) == 3


def test_a_file_that_is_gone_keeps_its_sessions_and_is_counted(
    folder: Path, tmp_path: Path
) -> None:
    runs = folder / "ada" / "autumn"
    for name in FILES[1:]:
        (runs / name).unlink()
    first = run_batch(runs, tmp_path / "store", jobs=1)
    (runs / FILES[0]).unlink()
    second = run_batch(runs, tmp_path / "store", jobs=1)
    assert (first.gone, second.gone, second.done) == (0, 1, 0)
    assert "1 earlier file is no longer there, its sessions are kept" in closing_line(second)
    with Store.open(tmp_path / "store") as store:
        assert len(list(store.summaries())) == 1


def test_other_settings_make_results_anew(folder: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    run_batch(folder, store, jobs=1)
    settings = Settings(laps="ignore")
    assert counts(run_batch(folder, store, settings=settings, jobs=1))[3] == 0
    assert counts(run_batch(folder, store, settings=settings, jobs=1))[3] == 3


def test_digests_tell_settings_apart() -> None:
    given = Thresholds(max_hr_bpm=Estimate(190.0, 2.0, "given"))
    variants = [
        Settings(),
        Settings(laps="ignore"),
        Settings(timezone="Europe/Oslo"),
        Settings(reader="reference"),
        Settings(thresholds=given),
    ]
    assert len({each.digest() for each in variants}) == len(variants)
    assert Settings().digest() == Settings().digest()
    settings: Any = Settings
    for wrong in ({"laps": "some"}, {"timezone": "Nowhere/Here"}, {"reader": "third"}):
        with pytest.raises(ParameterError):
            settings(**wrong)


def test_the_analysis_version_follows_the_code() -> None:
    import intervaldetect

    assert analysis_version().startswith(f"{intervaldetect.__version__}+")


def test_bad_files_are_told_and_the_others_go_on(folder: Path, tmp_path: Path) -> None:
    (folder / "empty.fit").write_bytes(b"")
    (folder / "text.gpx").write_text("not a track")
    (folder / "directory.fit").mkdir()
    (folder / "notes.txt").write_text("went well")
    (folder / "broken-link.fit").symlink_to(folder / "nowhere")
    (folder / "loop").symlink_to(folder)
    os.mkfifo(folder / "pipe.fit")
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(folder)  # a socket's path must be short
        server.bind("socket.fit")
        os.chdir(here)
        refusals: list[str] = []
        progress = run_batch(folder, tmp_path / "store", jobs=1, on_refusal=refusals.append)
    assert counts(progress) == (3, 0, 5, 0)
    assert progress.other >= 1
    told = {line.split(": ", 1)[0].rpartition("/")[2]: line for line in refusals}
    assert set(told) == {"empty.fit", "text.gpx", "broken-link.fit", "pipe.fit", "socket.fit"}
    assert told["empty.fit"] == f"{folder / 'empty.fit'}: the file is empty (0 bytes) (sniff)"
    assert all(line.endswith(")") and "\n" not in line for line in refusals)
    again: list[str] = []
    assert counts(run_batch(folder, tmp_path / "store", jobs=1, on_refusal=again.append))[:3] == (
        3,
        0,
        5,
    )
    assert sorted(again) == sorted(refusals)


def test_whoever_listens_may_go_away(folder: Path, tmp_path: Path) -> None:
    """A pipe that nobody reads any more is no fault of the store."""
    (folder / "empty.fit").touch()

    def gone(_: str) -> None:
        raise BrokenPipeError

    for _ in range(2):
        with pytest.raises(BrokenPipeError):
            run_batch(folder, tmp_path / "store", jobs=1, on_refusal=gone)
        run_batch(folder, tmp_path / "store", jobs=1)


def test_unreadable_files_are_told(folder: Path, tmp_path: Path) -> None:
    secret = folder / "secret.fit"
    secret.write_bytes(b"x")
    secret.chmod(0)
    if os.access(secret, os.R_OK):
        pytest.skip("this user may read everything")
    refusals: list[str] = []
    run_batch(folder, tmp_path / "store", jobs=1, on_refusal=refusals.append)
    assert refusals == [f"{secret}: Permission denied (open)"]


def test_odd_names_are_read_and_shown_on_one_line(folder: Path, tmp_path: Path) -> None:
    original = folder / "ada" / "autumn" / FILES[0]
    original.rename(folder / "new\nline.fit")
    os.rename(  # noqa: PTH104 - bytes that are no text
        os.fsencode(folder / "ada" / "autumn" / FILES[1]), os.fsencode(folder) + b"/\xff.gpx.gz"
    )
    assert counts(run_batch(folder, tmp_path / "store", jobs=1)) == (3, 0, 0, 0)
    assert counts(run_batch(folder, tmp_path / "store", jobs=1)) == (3, 0, 0, 3)
    with Store.open(tmp_path / "store") as opened:
        paths = [json.loads(text)["path"] for text in opened.summaries()]
    assert all("\n" not in path and path.isprintable() for path in paths)


def test_archives_are_looked_into(folder: Path, tmp_path: Path) -> None:
    archive = tmp_path / "export.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for name in FILES:
            packed.write(folder / "ada" / "autumn" / name, f"activities/{name}")
        packed.writestr("profile.json", "{}")
    progress = run_batch(archive, tmp_path / "store", jobs=1)
    assert counts(progress) == (3, 0, 0, 0)
    assert progress.other == 1
    with Store.open(tmp_path / "store") as opened:
        paths = [json.loads(text)["path"] for text in opened.summaries()]
    assert sorted(paths) == sorted(f"{archive}!/activities/{name}" for name in FILES)


def test_athletes_are_named_by_folder_or_by_hand(folder: Path, tmp_path: Path) -> None:
    shutil.copy(folder / "ada" / "autumn" / FILES[0], folder / "loose.fit")
    shutil.copytree(folder / "ada", folder / "bo")
    run_batch(folder, tmp_path / "store", athlete_from_folder=True, jobs=1)
    with Store.open(tmp_path / "store") as opened:
        assert opened.athletes() == ["ada", "bo", "me"]
        assert len(list(opened.summaries(athlete="bo"))) == 3
    run_batch(folder, tmp_path / "named", athlete="Cy", jobs=1)
    with Store.open(tmp_path / "named") as opened:
        assert opened.athletes() == ["Cy"]
        assert len(list(opened.summaries())) == 3


def rows_of(store: Path, athlete: str) -> dict[str, list[tuple[object, ...]]]:
    """Everything a store holds of one athlete."""
    db = sqlite3.connect(store / DATABASE)
    mine = "SELECT activity FROM recordings WHERE athlete = ?"
    found = {
        name: sorted(
            db.execute(f"SELECT * FROM {name} WHERE activity IN ({mine})", (athlete,)), key=repr
        )
        for name in ACTIVITY_TABLES
    }
    db.close()
    return found


def test_nothing_crosses_athletes(folder: Path, season: Path, tmp_path: Path) -> None:
    """What is said of one is the same with another, quicker one in the store, and without."""
    run_batch(folder / "ada", tmp_path / "alone", athlete="ada", jobs=1)
    other = folder / "bo"
    other.mkdir()
    for file in sorted(season.glob("2025-09-2*.fit.gz"))[:3]:
        shutil.copy(file, other)
    shutil.copy(folder / "ada" / "autumn" / FILES[0], other)  # one they ran, and shared
    given = Settings(thresholds=Thresholds(max_hr_bpm=Estimate(231.0, 1.0, "given")))
    run_batch(other, tmp_path / "both", athlete="bo", jobs=1, settings=given)
    run_batch(folder / "ada", tmp_path / "both", athlete="ada", jobs=1)
    assert rows_of(tmp_path / "both", "ada") == rows_of(tmp_path / "alone", "ada")
    assert len(rows_of(tmp_path / "both", "bo")["recordings"]) == 4
    by_folder = tmp_path / "by-folder"
    run_batch(folder, by_folder, athlete_from_folder=True, jobs=1)
    assert rows_of(by_folder, "ada") == rows_of(tmp_path / "alone", "ada")
    assert "231.0" not in repr(rows_of(tmp_path / "both", "ada"))
    assert "231.0" in repr(rows_of(tmp_path / "both", "bo"))


def test_given_thresholds_wait_for_their_athlete(folder: Path, tmp_path: Path) -> None:
    """A batch for one athlete does not judge another's unfinished history by its own settings."""
    given = Settings(thresholds=Thresholds(max_hr_bpm=Estimate(231.0, 1.0, "given")))
    seen: list[str] = []

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    def look(store: Store, athlete: str, maker: str) -> None:
        seen.append(athlete)

    store, ada = tmp_path / "store", folder / "ada" / "autumn"
    with pytest.raises(KeyboardInterrupt):
        run_batch(ada / FILES[0], store, athlete="bo", jobs=1, second_pass=stop)
    run_batch(ada / FILES[1], store, athlete="ada", jobs=1, settings=given, second_pass=look)
    assert seen == ["ada"]
    run_batch(ada / FILES[0], store, athlete="bo", jobs=1, second_pass=look)
    assert seen == ["ada", "bo"]
    with pytest.raises(ParameterError, match="folders name the athletes"):
        run_batch(folder, store, athlete_from_folder=True, settings=given)


def test_a_session_is_judged_again_only_by_other_thresholds(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_batch(folder / "ada", tmp_path, jobs=1)
    judged: list[SessionEvidence] = []

    def look(evidence: SessionEvidence, thresholds: Thresholds) -> SessionLabel:
        judged.append(evidence)
        return label_session(evidence, thresholds)

    monkeypatch.setattr("intervaldetect.batch.one_session.label_session", look)
    with Store.create(tmp_path) as store:
        known = len(store.to_judge("me"))
        assert known > 1
        assert judge_history(store, "me", "maker") == 0
        assert not judged
        faster = Thresholds(threshold_speed_mps=Estimate(6.0, 0.1, "given"))
        assert judge_history(store, "me", "maker", given=faster) == known
        assert len(judged) == known
        (number, *_), *_ = store.to_judge("me")
        ((text,),) = store.query("SELECT summary FROM recordings WHERE activity = ?", (number,))
        store.relabel(number, {**json.loads(text), "label": None}, "maker")
        assert judge_history(store, "me", "maker", given=faster) == 1


def test_a_session_that_cannot_be_labelled_stops_no_batch(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_once(evidence: SessionEvidence, thresholds: Thresholds) -> SessionLabel:
        monkeypatch.setattr("intervaldetect.batch.one_session.label_session", label_session)
        raise ZeroDivisionError("no one thought of this")

    monkeypatch.setattr("intervaldetect.batch.one_session.label_session", fail_once)
    run_batch(folder / "ada", tmp_path, jobs=1)
    with Store.open(tmp_path) as store:
        told = [summary for summary, _ in store.history("me")]
    failed = [summary for summary in told if "internal error" in " ".join(summary["evidence"])]
    assert len(failed) == 1
    assert failed[0]["label"] is None
    assert all(summary["kind"] for summary in told if summary not in failed)


def test_the_second_pass_sees_changed_histories_only(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder / "ada", folder / "bo")
    seen: list[str] = []

    def look(store: Store, athlete: str, maker: str) -> None:
        seen.append(athlete)
        for summary, _ in store.history(athlete):
            changed = {**summary, "label": None, "kind": "mixed"}
            store.relabel(activity_number(summary), changed, maker)

    def batch() -> None:
        run_batch(folder, tmp_path / "store", athlete_from_folder=True, jobs=1, second_pass=look)

    batch()
    assert seen == ["ada", "bo"]
    batch()
    assert seen == ["ada", "bo"]
    (folder / "bo" / "autumn" / FILES[0]).write_bytes(b"spoilt")
    batch()
    assert seen == ["ada", "bo", "bo"]
    with Store.open(tmp_path / "store") as opened:
        assert len(list(opened.summaries(kind="mixed", label="none"))) == 5


def test_a_second_pass_that_fails_is_made_up_for(folder: Path, tmp_path: Path) -> None:
    def fail(store: Store, athlete: str, maker: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_batch(folder, tmp_path / "store", jobs=1, second_pass=fail)
    with Store.open(tmp_path / "store") as opened:
        summaries = [json.loads(text) for text in opened.summaries(label="none")]
        assert export_summaries(opened.summaries(), "csv", path=tmp_path / "all.csv") == 3
    for summary in summaries:
        assert summary["kind"] is None
        assert summary["evidence"][-1] == NOT_JUDGED.evidence[0]
        assert verdict(summary).startswith("not labelled")
    assert len(summaries) == 3
    seen: list[str] = []
    run_batch(
        folder,
        tmp_path / "store",
        jobs=1,
        second_pass=lambda store, athlete, maker: seen.append(athlete),
    )
    assert seen == ["me"]


def test_wrong_places(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="exists"):
        run_batch(tmp_path / "nowhere", tmp_path / "store")
    with pytest.raises(ParameterError, match="other than the one read"):
        run_batch(folder, folder)
    assert not (folder / DATABASE).exists()


def test_a_second_batch_on_one_store_is_refused(folder: Path, tmp_path: Path) -> None:
    refused = pytest.raises(StoreError, match=f"in use by process {os.getpid()}")
    with store_lock(tmp_path / "store"), refused:
        run_batch(folder, tmp_path / "store", jobs=1)


def test_the_store_may_lie_in_the_folder(folder: Path) -> None:
    store = folder / "store"
    assert counts(run_batch(folder, store, jobs=1)) == (3, 0, 0, 0)
    assert counts(run_batch(folder, store, jobs=1)) == (3, 0, 0, 3)


def wait_for_rows(store: Path, rows: int) -> None:
    for _ in range(3000):
        try:
            if len(content(store).get("recordings", ())) >= rows:
                return
        except sqlite3.Error:
            pass
        time.sleep(0.01)
    raise AssertionError("the batch never wrote a row")


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_batch_stopped_at_any_moment_is_taken_up(
    folder: Path, season: Path, tmp_path: Path, how: signal.Signals
) -> None:
    for file in sorted(season.glob("*.gz"))[:20]:  # some are written well before the last
        shutil.copy(file, folder)
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    expected = run_batch(folder, whole, jobs=2)
    with subprocess.Popen(
        [sys.executable, "-c", "from intervaldetect.cli import main; main()", "batch",
         str(folder), "-o", str(stopped), "--quiet", "--jobs", "1"],
        stderr=subprocess.PIPE, text=True,
    ) as batch:  # fmt: skip
        wait_for_rows(stopped, 2)
        batch.send_signal(how)
        _, errors = batch.communicate(timeout=60)
    assert batch.returncode == (-how if how == signal.SIGKILL else 130)
    assert "Traceback" not in errors
    assert 2 <= len(workouts(stopped)) < expected.read
    resumed = run_batch(folder, stopped, jobs=2)
    assert counts(resumed)[:3] == counts(expected)[:3]
    assert content(stopped) == content(whole)
    leftovers = {path.name for path in stopped.iterdir()} - {path.name for path in whole.iterdir()}
    assert leftovers == set()


def test_progress_is_told(folder: Path, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    final = run_batch(
        folder,
        tmp_path / "store",
        jobs=1,
        on_progress=lambda progress: seen.append((progress.done, progress.total)),
    )
    assert (0, 3) in seen
    assert seen[-1] == (3, 3)
    assert (final.phase, final.analysed) == ("reading", 3)
