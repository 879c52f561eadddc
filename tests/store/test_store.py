"""The store: what goes in comes out, once, whatever the order and whoever dies."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from intervaldetect.errors import StoreError
from intervaldetect.job import ActivityResult, FileResult, Task
from intervaldetect.output.curves import BestEffort, Places, views_of
from intervaldetect.output.line import dumps
from intervaldetect.output.summary import to_dict
from intervaldetect.read.archive import Source
from intervaldetect.records import Analysis
from intervaldetect.store import DATABASE, Store
from intervaldetect.store.damage import damage
from intervaldetect.store.database import address
from intervaldetect.store.gone import drop_gone, paths_below
from intervaldetect.store.histograms import MAX_EMPTY_BINS, histogram_parts
from intervaldetect.store.lock import LOCK, store_lock
from intervaldetect.store.migrations import MIGRATIONS
from intervaldetect.store.schema import ACTIVITY_TABLES, APPLICATION_ID, _said, activity_number

MAKER = "1.0+abc settings"


def result_of(
    analysis: Analysis, path: str = "/runs/a.fit", *, sha: str = "a", athlete: str = "me"
) -> FileResult:
    activity = replace(analysis.activity, path=path, sha256=sha * 64)
    changed = replace(analysis, activity=activity, athlete=athlete)
    task = Task(Source(path, 1000, 1.5, file=path), athlete)
    judged = ActivityResult(to_dict(changed), views_of(changed.signal), '{"moving_s":1640.5}')
    return FileResult(task, "read", sha * 64, (judged,))


def rows_of_store(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    with sqlite3.connect(folder / DATABASE) as db:
        names = [
            name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type='table'")
        ]
        found = {name: sorted(db.execute(f"SELECT * FROM {name}"), key=repr) for name in names}
    db.close()
    return found


def test_the_printed_objects_come_back_exactly(tmp_path: Path, analysis: Analysis) -> None:
    result = result_of(analysis)
    with Store.create(tmp_path) as store:
        store.put(result, MAKER)
    with Store.open(tmp_path) as store:
        assert list(store.summaries()) == [dumps(result.activities[0].summary)]


def test_columns_repeat_the_object(tmp_path: Path, analysis: Analysis) -> None:
    with Store.create(tmp_path) as store:
        store.put(result_of(analysis), MAKER)
        ((label, date, p_vo2, speed, workout),) = store.query(
            "SELECT label, local_date, p_vo2, threshold_speed_mps, workout FROM activities"
        )
        assert (label, date, p_vo2, speed) == ("vo2", "2026-05-31", 0.88, 4.6)
        assert workout == "2 x 800 m @ 2:10 (3:00 jog)"
        assert store.query("SELECT count(*), sum(distance_m) FROM segments WHERE role = 'rep'") == [
            (2, 1600.0)
        ]
        assert store.query("SELECT set_number, count, p_vo2 FROM sets") == [(1, 2, 0.88)]
        assert store.query(
            "SELECT duration_s FROM best_efforts WHERE distance_m = 800 AND graded = 0"
        ) == [(130.0,)]
        ((count, longest),) = store.query(
            "SELECT count(*), max(json_array_length(time_s)) FROM traces"
        )
        assert count == 1
        assert 0 < longest <= 1000
        ((seconds,),) = store.query(
            "SELECT sum(seconds) FROM histograms WHERE channel = 'graded_speed_dmps'"
        )
        assert seconds == pytest.approx(1640.5)


def test_no_position_is_stored(tmp_path: Path, analysis: Analysis) -> None:
    activity = analysis.activity
    columns = dict(activity.columns)
    columns["latitude"] = columns["latitude"] * 0 + 59.918273
    columns["longitude"] = columns["longitude"] * 0 + 10.736455
    placed = replace(analysis, activity=replace(activity, columns=columns))
    with Store.create(tmp_path) as store:
        store.put(result_of(placed), MAKER)
    text = repr(rows_of_store(tmp_path))
    assert "59.918" not in text
    assert "10.736" not in text
    for statement in MIGRATIONS[0]:
        assert "latitude" not in statement
        assert "altitude" not in statement


def test_filters(tmp_path: Path, analysis: Analysis) -> None:
    easy = replace(
        analysis, label=replace(analysis.label, label="easy", kind="easy"), athlete="ada"
    )
    unsure = replace(analysis, label=replace(analysis.label, label=None, kind=None))
    with Store.create(tmp_path) as store:
        store.put(result_of(analysis, "/a.fit", sha="a"), MAKER)
        store.put(result_of(easy, "/b.fit", sha="b", athlete="ada"), MAKER)
        store.put(result_of(unsure, "/c.fit", sha="c"), MAKER)

        def hashes(**wanted: str) -> str:
            return "".join(json.loads(text)["sha256"][0] for text in store.summaries(**wanted))

        assert hashes(label="vo2") == "a"
        assert hashes(label="none") == "c"
        assert hashes(kind="easy") == "b"
        assert hashes(athlete="ada") == "b"
        assert sorted(hashes(athlete="me")) == ["a", "c"]
        assert sorted(hashes(since="2026-05-31")) == ["a", "b", "c"]
        assert hashes(since="2026-06-01") == ""
        assert store.athletes() == ["ada", "me"]


def test_the_ledger_knows_files_and_refusals(tmp_path: Path, analysis: Analysis) -> None:
    refused = FileResult(Task(Source("/bad.fit", 10, 2.5)), "refused", "f" * 64, (), ("is broken",))
    with Store.create(tmp_path) as store:
        store.put(result_of(analysis), MAKER)
        store.put(refused, MAKER)
        known = store.ledger.known("/runs/a.fit")
        assert known is not None
        assert (known.size, known.modified, known.status) == (1000, 1.5, "read")
        bad = store.ledger.known("/bad.fit")
        assert bad is not None
        assert bad.reasons == ("is broken",)
        assert store.ledger.known("/other.fit") is None
        assert len(list(store.summaries())) == 1


def test_copies_are_one_activity_whatever_the_order(tmp_path: Path, analysis: Analysis) -> None:
    paths = ["/b/copy.fit", "/a/copy.fit", "/c/copy.fit"]
    for name, order in (("one", paths), ("two", paths[::-1])):
        with Store.create(tmp_path / name) as store:
            for path in order:
                store.put(result_of(analysis, path), MAKER)
            assert len(list(store.summaries())) == 1
    one, two = rows_of_store(tmp_path / "one"), rows_of_store(tmp_path / "two")
    assert one == two
    assert len(one["sources"]) == 3
    assert "/a/copy.fit" in repr(one["recordings"])


def test_the_same_file_of_two_athletes_is_two_activities(
    tmp_path: Path, analysis: Analysis
) -> None:
    with Store.create(tmp_path) as store:
        store.put(result_of(analysis, "/ada/x.fit", athlete="ada"), MAKER)
        store.put(result_of(analysis, "/bo/x.fit", athlete="bo"), MAKER)
        assert len(list(store.summaries())) == 2


def test_a_changed_file_replaces_what_it_held(tmp_path: Path, analysis: Analysis) -> None:
    with Store.create(tmp_path) as store:
        store.put(result_of(analysis, "/runs/a.fit", sha="a"), MAKER)
        store.put(result_of(analysis, "/runs/copy.fit", sha="a"), MAKER)
        store.put(result_of(analysis, "/runs/a.fit", sha="b"), MAKER)
        assert len(list(store.summaries())) == 2  # the copy still holds the first
        store.put(result_of(analysis, "/runs/copy.fit", sha="b"), MAKER)
        assert len(list(store.summaries())) == 1
    rows = rows_of_store(tmp_path)
    (number,) = {row[0] for row in rows["recordings"]}
    for table in ACTIVITY_TABLES:
        assert {row[0] for row in rows[table]} <= {number}, table


def test_a_new_analysis_replaces_the_old_one(tmp_path: Path, analysis: Analysis) -> None:
    newer = replace(analysis, workout=replace(analysis.workout, text="2 x 0.5 mi"))
    with Store.create(tmp_path) as store:
        store.put(result_of(analysis, "/a.fit"), MAKER)
        store.put(result_of(newer, "/b.fit"), "2.0+def settings")
        (text,) = store.summaries()
        assert json.loads(text)["workout"] == "2 x 0.5 mi"


def test_moved_and_touched_files_are_adopted(tmp_path: Path, analysis: Analysis) -> None:
    old, new = tmp_path / "old.fit", tmp_path / "new.fit"
    new.write_bytes(b"")
    with Store.create(tmp_path / "store") as store:
        store.put(result_of(analysis, str(old)), MAKER)
        moved = Task(Source(str(new), 1000, 9.0))
        assert store.ledger.twin(moved, MAKER) == str(old)
        assert store.ledger.twin(moved, "other maker") is None
        assert store.adopt(moved, "0" * 64, MAKER) is None
        known = store.adopt(moved, "a" * 64, MAKER)
        assert known is not None
        assert known.status == "read"
        (text,) = store.summaries()
        assert json.loads(text)["path"] == str(new)
        touched = Task(Source(str(new), 1000, 11.0))
        assert store.adopt(touched, "a" * 64, MAKER) is not None
        again = store.ledger.known(str(new))
        assert again is not None
        assert again.modified == 11.0
        assert len(list(store.summaries())) == 1


def test_files_that_are_gone_are_forgotten_where_nothing_is_lost(
    tmp_path: Path, analysis: Analysis
) -> None:
    runs = tmp_path / "runs"
    runs.mkdir()
    (runs / "copy.fit").write_bytes(b"")
    only = replace(analysis, activity=replace(analysis.activity, part=2))
    elsewhere = str(tmp_path / "runs2" / "a.fit")
    with Store.create(tmp_path / "store") as store:
        store.put(result_of(analysis, str(runs / "a.fit")), MAKER)
        store.put(result_of(analysis, str(runs / "copy.fit")), MAKER)
        store.put(result_of(only, str(runs / "only.fit"), sha="b"), MAKER)
        store.put(result_of(only, str(runs / "met.fit"), sha="c"), MAKER)
        store.put(result_of(only, elsewhere, sha="d"), MAKER)
        (runs / "export.zip").write_bytes(b"")
        inside = str(runs / "export.zip") + "!/a.fit"  # its archive is there
        store.put(result_of(only, inside, sha="e"), MAKER)
        refused = FileResult(Task(Source(str(runs / "bad.fit"))), "refused", None, (), ("no",))
        store.put(refused, MAKER)
        for _ in range(2):  # the second time nothing is left to do
            assert drop_gone(store, runs, {str(runs / "met.fit")}) == [str(runs / "only.fit")]
        names = ("copy.fit", "export.zip!/a.fit", "met.fit", "only.fit")
        paths = [str(runs / name) for name in names]
        assert paths_below(store, str(runs)) == paths
        assert paths_below(store, str(runs / "export.zip")) == [inside]
        assert store.ledger.known(elsewhere) is not None
        shown = {json.loads(text)["path"] for text in store.summaries()}
        assert shown == {*paths, elsewhere}


def test_what_an_export_says_of_a_file_counts(analysis: Analysis) -> None:
    plain = Task(Source("/a.fit"))
    named = Task(Source("/a.fit", name="Sunday"))
    assert plain.made_by(MAKER) == MAKER
    assert named.made_by(MAKER) != MAKER
    assert named.made_by(MAKER) != Task(Source("/a.fit", name="Monday")).made_by(MAKER)


def test_best_efforts_are_rounded_to_what_is_known_of_them(
    tmp_path: Path, analysis: Analysis
) -> None:
    result = result_of(analysis)
    (judged,) = result.activities
    effort = BestEffort(1000.0, False, 200.123456, 61.26)
    judged = replace(judged, views=replace(judged.views, best_efforts=(effort,)))
    with Store.create(tmp_path) as store:
        store.put(replace(result, activities=(judged,)), MAKER)
        rows = store.query("SELECT distance_m, graded, duration_s, start_s FROM best_efforts")
    assert rows == [(1000.0, 0, 200.12, 61.3)]


def test_a_run_read_otherwise_has_the_rows_of_its_new_object(
    tmp_path: Path, analysis: Analysis
) -> None:
    """However little of the object changes, and whether what was stored is known."""
    printed = result_of(analysis).activities[0].summary
    problem = {"code": "gap", "message": "A gap.", "count": 1}
    changes: list[dict[str, Any]] = [
        {"utc_offset_s": 3600.0}, {"problems": [problem]}, {"segments": printed["segments"][:2]},
        {"sets": [{**printed["sets"][0], "count": 9}]}, {"sets": [], "segments": []},
    ]  # fmt: skip
    assert len(changes) == 5
    for index, change in enumerate(changes):
        stores = []
        for known in (False, True):
            folder = tmp_path / f"{index}{known}"
            with Store.create(folder) as store:
                store.put(result_of(analysis), MAKER)
                ((number, *_),) = store.to_judge("me")
                before = store.outline(number)
                store.reread(
                    number, {**before, **change}, "new", before=before if known else None,
                    judged_by="by",
                )  # fmt: skip
                assert store.summary(number) == {**printed, **change}
            stores.append(rows_of_store(folder))
        assert stores[0] == stores[1]
        assert [row[1:3] for row in stores[0]["evidence"]] == [('{"moving_s":1640.5}', "by")]
        count = len(change.get("segments", printed["segments"]))
        assert len(stores[0]["segments"]) == count


def test_histories_are_stale_until_settled(tmp_path: Path, analysis: Analysis) -> None:
    with Store.create(tmp_path) as store:
        store.put(result_of(analysis), MAKER)
        assert store.stale_athletes() == ["me"]
        ((summary, evidence),) = store.history("me")
        assert evidence == '{"moving_s":1640.5}'
        assert list(store.history("ada")) == []
        summary["label"], summary["kind"] = "threshold", "threshold_intervals"
        summary["sets"][0]["label"] = "threshold"
        summary["structured_probability"] = 0.123
        ((number, *_),) = store.to_judge("me")
        store.relabel(number, summary, MAKER)
        store.settled("me")
        assert store.stale_athletes() == []
        assert json.loads(next(iter(store.summaries()))) == summary
        assert store.query("SELECT label FROM sets") == [("threshold",)]
        assert store.query("SELECT structured_probability FROM activities") == [(0.123,)]
        assert store.query("SELECT count(*) FROM segments") == [(5,)]
        refused = FileResult(
            Task(Source("/runs/a.fit", 1, 1.0)), "refused", "b" * 64, (), ("broken",)
        )
        store.put(refused, MAKER)
        assert list(store.summaries()) == []
        assert store.stale_athletes() == ["me"]


def test_a_store_of_the_first_version_keeps_what_was_said_by_hand(
    tmp_path: Path, analysis: Analysis
) -> None:
    said = ["Two reps.", "Labelled easy by hand.", "Feeling 7 of 10.", "Note: it's windy"]
    summary = dumps({**to_dict(analysis), "label": "easy", "evidence": said})
    plain = dumps({**to_dict(analysis), "evidence": said[:1]})
    session = json.dumps({"start_time": "2026-05-31T07:00:00+00:00", "sport": "running"})
    db = sqlite3.connect(tmp_path / DATABASE)
    for statement in MIGRATIONS[0]:
        db.execute(statement)
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute("PRAGMA user_version = 1")
    for number, text in ((1, summary), (2, plain)):
        db.execute(
            "INSERT INTO activities (activity, sha256, part, athlete, path, format, integrity,"
            " start_time, local_date, made_by, summary)"
            " VALUES (?, ?, 1, 'me', '/a.fit', 'fit', 'intact', '2026', '2026-05-31', '1', ?)",
            (number, str(number), text),
        )
        db.execute("INSERT INTO evidence VALUES (?, ?)", (number, session))
    db.commit()
    db.close()
    with Store.create(tmp_path) as store:
        (_, text, other, judged_by, _), (_, untold, *_) = store.to_judge("me")
        assert store.summary(1) == json.loads(summary)
    by_hand = {"label_by_hand": "easy", "remarks_by_hand": said[2:]}
    assert json.loads(text) == {**json.loads(session), **by_hand}
    assert untold == session
    assert (other, judged_by) == (None, None)


def test_histograms_of_an_older_store_are_the_same_in_fewer_rows(tmp_path: Path) -> None:
    rows = [
        (1, "heart_rate_bpm", 140, 12.0), (1, "heart_rate_bpm", 142, 3.4),
        (1, "heart_rate_bpm", 190, 0.5), (1, "load_steps", 0, 26218.3),
        (2, "graded_speed_dmps", 33, 1.0),
    ]  # fmt: skip
    db = sqlite3.connect(tmp_path / DATABASE)
    for statement in MIGRATIONS[0]:
        db.execute(statement)
    db.executemany("INSERT INTO histograms VALUES (?, ?, ?, ?)", rows)
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute("PRAGMA user_version = 1")
    db.commit()
    db.close()
    with Store.create(tmp_path) as store:
        assert sorted(store.query("SELECT * FROM histograms")) == sorted(rows)
        assert store.query("SELECT low, seconds FROM histogram_parts WHERE activity = 1") == [
            (140, "[12,0,3.4]"), (190, "[0.5]"), (0, "[26218.3]"),
        ]  # fmt: skip


def test_lists_of_reps_say_what_segments_say_and_so_does_an_older_store(
    tmp_path: Path, analysis: Analysis
) -> None:
    with Store.create(tmp_path) as store:
        store.put(result_of(analysis), MAKER)
        ((_, *written),) = store.query("SELECT * FROM rep_lists")
        reps = store.query(
            "SELECT start_s, mean_hr_bpm, (SELECT end_hr_bpm FROM segments b WHERE b.role ="
            " 'recovery' AND b.number = s.number - 1) FROM segments s WHERE role = 'rep'"
        )
    lists = [json.loads(text) for text in written]
    assert list(zip(lists[2], lists[8], lists[12], strict=True)) == reps
    assert any(rate is not None for *_, rate in reps)
    db = sqlite3.connect(tmp_path / DATABASE)
    db.execute("DROP TABLE rep_lists")
    db.execute("CREATE INDEX reps_in_brief ON segments (activity, number) WHERE role = 'rep'")
    db.execute("PRAGMA user_version = 8")
    db.commit()
    db.close()
    with Store.open(tmp_path) as store:
        ((_, *rewritten),) = store.query("SELECT * FROM rep_lists")
    assert [json.loads(text) for text in rewritten] == lists


def test_a_part_of_a_histogram_ends_at_a_wide_gap() -> None:
    assert histogram_parts({}) == []
    near, far = 5 + MAX_EMPTY_BINS + 1, 5 + MAX_EMPTY_BINS + 2
    assert histogram_parts({near: 2.0, 5: 1.5}) == [(5, f"[1.5,{'0,' * MAX_EMPTY_BINS}2]")]
    assert histogram_parts({5: 1.5, far: 2.0}) == [(5, "[1.5]"), (far, "[2]")]


def test_no_byte_of_a_dropped_position_stays_in_the_database(
    tmp_path: Path, analysis: Analysis
) -> None:
    (judged,) = result_of(analysis).activities
    many = np.full(20_000, 59.918273)
    places = Places(np.arange(20_000.0), many, many, many)
    placed = replace(judged, views=replace(judged.views, places=places))
    with Store.create(tmp_path) as store:
        store.put(replace(result_of(analysis), activities=(placed,)), MAKER)
        store.query("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"59.918273" in (tmp_path / DATABASE).read_bytes()
    with Store.create(tmp_path) as store:
        store.put(result_of(analysis), MAKER)
        assert store.query("SELECT * FROM positions") == []
        store.query("PRAGMA wal_checkpoint(TRUNCATE)")
    for file in tmp_path.iterdir():
        assert b"59.918273" not in file.read_bytes(), file.name


def test_lactate_is_an_array_where_the_runner_told_of_it() -> None:
    assert _said({"runner_said": {"rpe": 7, "lactate": [2.1, 3.4]}})[-1] == "[2.1, 3.4]"
    assert _said({"runner_said": {"rpe": 7, "lactate": []}})[-1] is None


def test_a_key_is_the_minute_and_35_bits_of_a_hash() -> None:
    """Of the time, of content, part and athlete: stores of older versions hold these keys."""
    of = {"start_time": "2026-05-31T16:00:59Z", "sha256": "a" * 64, "part": 1, "athlete": "me"}
    digest = hashlib.sha256(f"{'a' * 64}\n1\nme".encode()).hexdigest()
    minute = int(datetime(2026, 5, 31, 16, tzinfo=UTC).timestamp()) // 60
    assert activity_number(of) == minute * 2**35 + (int(digest[:16], 16) >> 29)


def test_keys_are_in_order_of_time(analysis: Analysis) -> None:
    summary = result_of(analysis).activities[0].summary
    starts = (
        "0001-01-01T00:00:00Z", "1989-12-31T00:00:00Z", "2026-05-31T07:00:00Z",
        "2026-05-31T07:01:00Z", "2026-06-01T05:00:00+02:00", "9999-12-31T23:59:59Z",
    )  # fmt: skip
    numbers = [
        activity_number({**summary, "start_time": start, "sha256": sha})
        for start in starts
        for sha in sorted("abc", key=lambda sha: activity_number({**summary, "sha256": sha}))
    ]
    assert numbers == sorted(set(numbers))
    assert 0 <= numbers[0] <= numbers[-1] < 2**63
    other = [activity_number({**summary, **more}) for more in ({"part": 2}, {"athlete": "ada"})]
    assert len({*other, activity_number(summary)}) == 3


def test_what_an_older_version_keyed_otherwise_is_relabelled(
    tmp_path: Path, analysis: Analysis
) -> None:
    with Store.create(tmp_path) as store:
        store.put(result_of(analysis), MAKER)
        for table in (*ACTIVITY_TABLES, "source_activities"):
            store._db.execute(f"UPDATE {table} SET activity = 5")
        ((summary, _),) = store.history("me")
        store.relabel(5, {**summary, "label": "easy"}, MAKER)
        assert store.query("SELECT label FROM recordings") == [("easy",)]
        store.put(result_of(analysis), "newer")
        assert store.query("SELECT count(*) FROM recordings WHERE activity <> 5") == [(1,)]
        assert len(list(store.summaries())) == 1


def test_a_failed_put_leaves_no_trace(tmp_path: Path, analysis: Analysis) -> None:
    good = result_of(analysis)
    broken = result_of(analysis, "/runs/b.fit", sha="b")
    faulty: Any = {"code": None, "message": "x", "count": 1}
    broken.activities[0].summary["problems"] = [faulty]
    with Store.create(tmp_path) as store:
        store.put(good, MAKER)
        before = rows_of_store(tmp_path)
        with pytest.raises(StoreError, match="NOT NULL"):
            store.put(broken, MAKER)
        assert store.ledger.known("/runs/b.fit") is None
    assert rows_of_store(tmp_path) == before


KILLED = """
import os, sys, sqlite3
from intervaldetect.store import Store
from intervaldetect.store.schema import ACTIVITY_TABLES
store = Store.create(sys.argv[1])
store._db.execute("PRAGMA cache_size = 1")  # so that the transaction is on disk before its end
with store._db.transaction():
    for table in ("sources", "source_activities", *ACTIVITY_TABLES):
        store._db.execute(f"DELETE FROM {table}")
    os._exit(9)
"""


def test_killed_within_a_transaction_nothing_changed(tmp_path: Path, analysis: Analysis) -> None:
    with Store.create(tmp_path) as store:
        store.put(result_of(analysis), MAKER)
    before = rows_of_store(tmp_path)
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert done.returncode == 9
    with Store.create(tmp_path) as store:
        assert len(list(store.summaries())) == 1
    assert rows_of_store(tmp_path) == before


def test_stores_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no store here"):
        Store.open(tmp_path)
    file = tmp_path / "file"
    file.write_text("x")
    with pytest.raises(StoreError, match="store unusable"):
        Store.create(file)
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / DATABASE).write_text(
        "not a database, but long enough to look like one" * 9
    )
    with pytest.raises(StoreError, match="not a database"):
        Store.open(tmp_path / "text")
    (tmp_path / "foreign").mkdir()
    with sqlite3.connect(tmp_path / "foreign" / DATABASE) as db:
        db.execute("CREATE TABLE photos (id)")
    db.close()
    for opened in (Store.open, Store.create):
        with pytest.raises(StoreError, match="not a store of intervaldetect"):
            opened(tmp_path / "foreign")


def test_a_database_of_another_program_is_refused_empty_or_not(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    sqlite3.connect(tmp_path / "empty" / DATABASE).close()
    with pytest.raises(StoreError, match="not a store of intervaldetect"):
        Store.open(tmp_path / "empty")
    Store.create(tmp_path / "empty").close()  # nothing is in it, so it becomes one
    Store.open(tmp_path / "empty").close()


def test_a_newer_store_is_refused(tmp_path: Path) -> None:
    Store.create(tmp_path).close()
    with sqlite3.connect(tmp_path / DATABASE) as db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    db.close()
    with pytest.raises(StoreError, match="newer version"):
        Store.open(tmp_path)


def test_an_older_store_is_migrated(
    tmp_path: Path, analysis: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.create(tmp_path) as store:
        store.put(result_of(analysis), MAKER)
    extended = (*MIGRATIONS, ("CREATE TABLE notes (activity INTEGER, text TEXT)",))
    monkeypatch.setattr("intervaldetect.store.database.MIGRATIONS", extended)
    with Store.open(tmp_path) as store:
        assert store.query("SELECT count(*) FROM notes") == [(0,)]
        assert len(list(store.summaries())) == 1
        assert store.query("PRAGMA user_version") == [(len(extended),)]


def test_a_store_on_a_share_has_an_address_that_sqlite_takes(tmp_path: Path) -> None:
    """SQLite refuses the host of ``file://srv/runs``; a share is a path to it."""
    share = f"file://srv/runs/my%20store/{DATABASE}"  # as Python writes it on Windows
    with pytest.raises(sqlite3.OperationalError, match="authority"):
        sqlite3.connect(share, uri=True)
    there = address(share, "ro")
    assert there == f"file:////srv/runs/my%20store/{DATABASE}?mode=ro"
    with pytest.raises(sqlite3.OperationalError, match="unable to open"):
        sqlite3.connect(there, uri=True)
    assert address("file:///C:/runs/a.sqlite", "rw") == "file:///C:/runs/a.sqlite?mode=rw"
    odd = tmp_path / "what? #1 50%"
    Store.create(odd).close()
    with Store.open(odd) as store:
        assert store.query("PRAGMA user_version") == [(len(MIGRATIONS),)]
    assert sorted(file.name for file in odd.iterdir() if file.name == DATABASE) == [DATABASE]


def test_an_older_store_that_cannot_be_written_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Store.create(tmp_path).close()
    later = (*MIGRATIONS, ("CREATE TABLE notes (activity INTEGER, text TEXT)",))
    monkeypatch.setattr("intervaldetect.store.database.MIGRATIONS", later)
    monkeypatch.setattr("intervaldetect.store.database.os.access", lambda *_: False)
    with pytest.raises(StoreError, match=r"older version.*where it can be written"):
        Store.open(tmp_path)


@pytest.mark.parametrize("key", ["distance_m", "no such key"])
def test_a_printed_object_with_a_key_too_few_or_too_many_is_damage(
    tmp_path: Path, analysis: Analysis, key: str
) -> None:
    with Store.create(tmp_path) as store:
        store.put(result_of(analysis), MAKER)
    assert damage(tmp_path) == []
    change = "json_remove(summary, ?)" if key == "distance_m" else "json_set(summary, ?, 1)"
    with sqlite3.connect(tmp_path / DATABASE) as database:
        database.execute(f"UPDATE recordings SET summary = {change}", (f'$."{key}"',))
    database.close()
    (line,) = damage(tmp_path)
    assert line.endswith("its stored data is damaged")


def test_a_store_says_in_its_header_that_it_is_one(tmp_path: Path) -> None:
    """Bytes 68 to 71 hold the application's number, so that `file` and older versions know it."""
    Store.create(tmp_path).close()
    assert (tmp_path / DATABASE).read_bytes()[68:72] == b"IDT1"


def test_pages_that_are_lost_are_damage(tmp_path: Path) -> None:
    Store.create(tmp_path).close()
    assert damage(tmp_path) == []
    with (tmp_path / DATABASE).open("r+b") as file:
        file.seek(36)  # how many pages are free
        file.write((5).to_bytes(4, "big"))
    assert "reelist" in " ".join(damage(tmp_path))


def test_twenty_lines_of_damage_are_enough(tmp_path: Path, analysis: Analysis) -> None:
    with Store.create(tmp_path) as store:
        for number in range(22):
            store.put(result_of(analysis, f"/runs/{number}.fit", athlete=f"of {number}"), MAKER)
    with sqlite3.connect(tmp_path / DATABASE) as database:
        database.execute("UPDATE recordings SET summary = '{}'")
    database.close()
    assert len(damage(tmp_path)) == 20


def test_a_read_only_store_can_be_listed(tmp_path: Path, analysis: Analysis) -> None:
    with Store.create(tmp_path) as store:
        store.put(result_of(analysis), MAKER)
    before = rows_of_store(tmp_path)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("intervaldetect.store.database.os.access", lambda *_: False)
        with Store.open(tmp_path) as store:
            assert len(list(store.summaries())) == 1
            assert sorted(file.name for file in tmp_path.iterdir()) == [DATABASE]
            with pytest.raises(StoreError, match="readonly"):
                store.settled("me")
    assert rows_of_store(tmp_path) == before
    tmp_path.chmod(0o555)
    if os.access(tmp_path, os.W_OK):
        pytest.skip("this user may write everywhere")
    try:
        with Store.open(tmp_path) as store:
            assert len(list(store.summaries())) == 1
    finally:
        tmp_path.chmod(0o755)


HOLD = """
import sys, time
from pathlib import Path
from typing import Any
from intervaldetect.store.lock import store_lock
with store_lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_writer_is_told_who_holds_the_store(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        who = f"in use by process {holder.pid} on "
        with pytest.raises(StoreError, match=who), store_lock(tmp_path):
            pass
        holder.kill()
    with store_lock(tmp_path):  # the system released it
        assert f"process {os.getpid()}" in (tmp_path / LOCK).read_text()
    assert (tmp_path / LOCK).read_text() == ""


@pytest.mark.parametrize(
    "last", ["PRAGMA journal_mode", "BEGIN", "PRAGMA user_version =", "COMMIT"]
)
def test_a_store_whose_making_is_stopped_is_made_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: str
) -> None:
    class Stopped(sqlite3.Connection):
        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
            cursor = super().execute(sql, *values)
            if sql.startswith(last):
                raise KeyboardInterrupt
            return cursor

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **more: connect(*a, factory=Stopped, **more))
    with pytest.raises(KeyboardInterrupt):
        Store.create(tmp_path)
    monkeypatch.undo()
    with Store.create(tmp_path) as store:
        assert list(store.summaries()) == []
