"""Nothing leaves the machine, no position leaves the file; an ordinary user's permissions hold."""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import subprocess
import sys
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from intervaldetect.batch.folder import run_batch
from intervaldetect.cli import app
from intervaldetect.errors import StoreError
from intervaldetect.output.export import FORMATS, export_summaries
from intervaldetect.simulate import Plan, simulate
from intervaldetect.simulate.files import to_bytes
from intervaldetect.store import Store
from intervaldetect.write import encode_fit, encode_gpx, encode_tcx

# No town has these digits, and no other number in a store has them by chance.
PLACE = (47.318264, 8.749153)
ALTITUDE_M = 1873.0
ENCODERS = {"fit": encode_fit, "gpx": encode_gpx, "tcx": encode_tcx}


@pytest.fixture(scope="module")
def placed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run in three formats at a place that is known, whole and damaged in its middle."""
    folder = tmp_path_factory.mktemp("placed")
    plan = Plan(workout="4 x 400 m @ 1:20 (1:00 jog)", warmup_s=300.0, cooldown_s=200.0,
                start_time=datetime(2026, 5, 1, 6, tzinfo=UTC))  # fmt: skip
    activity = simulate(plan, seed=3).to_activity()
    columns = dict(activity.columns)
    metres = np.nan_to_num(columns["distance"])
    columns["latitude"] = PLACE[0] + 1e-7 * (metres % 7)
    columns["longitude"] = PLACE[1] + 1e-7 * (metres % 5)
    columns["altitude"] = ALTITUDE_M + 0.0 * metres
    activity = replace(activity, columns=columns)
    for hour, (suffix, encode) in enumerate(ENCODERS.items()):
        moved = replace(activity, start_time=activity.start_time.replace(hour=hour))
        data = encode(moved)
        (folder / f"run.{suffix}").write_bytes(data)
        spoilt = bytearray(encode(replace(moved, start_time=moved.start_time.replace(day=3))))
        middle = len(spoilt) // 2
        spoilt[middle : middle + 40] = b"\x00" * 40
        (folder / f"spoilt.{suffix}").write_bytes(spoilt)
        (folder / f"cut.{suffix}").write_bytes(data[: len(data) // 300])
    return folder


def traces_of_place(text: str) -> list[str]:
    """What in a text tells the place: degrees, in any sign or unit, or FIT's semicircles."""
    told = [f"{value:.3f}" for value in PLACE]
    told += [str(round(value * 2**31 / 180))[:5] for value in PLACE]
    return [part for part in told if part in text] + re.findall(r"\b187[23]\.\d+|\b1873\b", text)


def test_the_search_finds_a_place() -> None:
    assert traces_of_place("at 47.3182") == ["47.318"]
    assert len(traces_of_place(str(round(PLACE[0] * 2**31 / 180)))) == 1
    assert traces_of_place("altitude 1873.0") == ["1873.0"]


def test_no_place_in_store_exports_logs_and_errors(
    placed: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    store = tmp_path / "store"
    told: list[str] = []
    assert any(traces_of_place(file.read_text("utf-8", "replace")) for file in placed.iterdir())
    progress = run_batch(placed, store, jobs=1, on_refusal=told.append)
    assert progress.read >= 3
    assert progress.repaired + progress.refused >= 4
    assert told
    texts = [caplog.text, *told]
    # Every byte of the database, free pages and log among them.
    texts += [file.read_bytes().decode("latin-1") for file in store.iterdir()]
    with Store.open(store) as opened:
        names = opened.query("SELECT name FROM sqlite_master WHERE type = 'table'")
        texts += [repr(opened.query(f"SELECT * FROM {name}")) for (name,) in names]
        assert opened.query("SELECT count(*) FROM traces")[0][0] >= 3
        for form in FORMATS:
            export_summaries(opened.summaries(), form, path=tmp_path / f"all.{form}")
    import polars as pl

    texts.append(json.dumps(pl.read_parquet(tmp_path / "all.parquet").to_dicts()))
    texts += [(tmp_path / f"all.{form}").read_text("utf-8") for form in FORMATS[:3]]
    assert [found for text in texts for found in traces_of_place(text)] == []
    made_by = "SELECT sql FROM sqlite_master WHERE name = ?"
    with Store.open(store) as opened:
        columns = [
            name
            for (table,) in names
            for name in re.findall(r"\w+", opened.query(made_by, (table,))[0][0])
        ]
    assert not {"latitude", "longitude", "altitude", "elevation"} & set(columns)
    with Store.open(store) as opened:
        assert opened.query("SELECT * FROM positions") == []


def test_places_are_kept_where_asked_for_and_gone_where_not_any_more(
    placed: Path, tmp_path: Path
) -> None:
    store, folder = tmp_path / "store", tmp_path / "runs"
    folder.mkdir()
    shutil.copy(placed / "run.fit", folder)
    command = ["batch", str(folder), "-o", str(store), "--jobs", "1", "--quiet"]
    assert CliRunner().invoke(app, [*command, "--with-positions"]).exit_code == 0
    with Store.open(store) as opened:
        ((time, *place),) = opened.query(
            "SELECT time_s, latitude_deg, longitude_deg, altitude_m FROM positions"
        )
        texts = list(opened.summaries())
        for form in FORMATS:
            export_summaries(opened.summaries(), form, path=tmp_path / f"all.{form}")
    texts += [(tmp_path / f"all.{form}").read_text("utf-8", "replace") for form in FORMATS]
    assert [found for text in texts for found in traces_of_place(text)] == []
    seconds = json.loads(time)
    assert seconds == sorted(seconds)
    for text, value, error in zip(place, (*PLACE, ALTITUDE_M), (1e-5, 1e-5, 0.5), strict=True):
        assert json.loads(text) == pytest.approx([value] * len(seconds), abs=error)
    assert CliRunner().invoke(app, command).exit_code == 0
    with Store.open(store) as opened:
        assert opened.query("SELECT count(*) FROM recordings") == [(1,)]
    texts = [file.read_bytes().decode("latin-1") for file in store.iterdir()]
    assert [found for text in texts for found in traces_of_place(text)] == []


def test_commands_and_their_errors_tell_no_place(placed: Path) -> None:
    files = sorted(str(file) for file in placed.iterdir())
    for more in ([], ["--json"], ["--reader", "reference"]):
        command = [sys.executable, "-c", "from intervaldetect.cli import main; main()"]
        done = subprocess.run(
            [*command, "summary", *files, *more], capture_output=True, text=True, check=False
        )
        assert done.returncode == 1
        assert done.stderr
        assert traces_of_place(done.stdout + done.stderr) == []


WITHOUT_NETWORK = """
import socket, sys
def refuse(event, args):
    if event == "socket.__new__" and args[1] != socket.AF_UNIX:
        raise SystemExit(f"a socket was opened: {args[1:]}")
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.bind",
                 "socket.sendto", "urllib.Request"):
        raise SystemExit(f"the network was asked: {event} {args[1:]}")
sys.addaudithook(refuse)
"""
ATTEMPT = "socket.create_connection(('127.0.0.1', 9))"


def without_network(code: str, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run code in processes that end when one of them asks for the network."""
    # Every Python that starts below reads this, the workers too.
    (folder / "sitecustomize.py").write_text(WITHOUT_NETWORK)
    path = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip


def test_the_local_engine_opens_no_socket(placed: Path, tmp_path: Path) -> None:
    blocked = without_network(f"import socket; {ATTEMPT}", folder=tmp_path)
    assert blocked.returncode != 0
    assert "network was asked" in blocked.stderr or "socket was opened" in blocked.stderr
    program = "from intervaldetect.cli import main; main()"
    store = tmp_path / "store"
    for arguments in (
        ["batch", str(placed), "-o", str(store), "--jobs", "2"],
        ["list", str(store)],
        ["export", str(store), "--format", "parquet", "-o", str(tmp_path / "all.parquet")],
        ["summary", str(placed / "run.fit")],
    ):
        done = without_network(program, *arguments, folder=tmp_path)
        assert done.returncode in (0, 1), done.stderr
        assert "network" not in done.stderr
        assert "socket" not in done.stderr
    with Store.open(store) as opened:
        reasons = opened.query("SELECT group_concat(reasons) FROM sources")[0][0]
        assert "worker process" not in reasons
        assert len(list(opened.summaries())) >= 3


# --- permissions ---------------------------------------------------------------------------------

NOBODY = 65534


def as_ordinary_user(do: Callable[[], None]) -> None:
    """Run a function as somebody who may not do everything, in a process of its own."""
    if os.geteuid() != 0:
        do()
        return
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            do()
            status = 0
        except BaseException:  # noqa: BLE001 - whatever it was, the parent has to hear of it
            traceback.print_exc()
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.fixture
def open_folder(tmp_path: Path) -> Path:
    """A folder that every user reaches."""
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o777)
    for above in folder.parents:
        if above.stat().st_uid == os.geteuid() and above != Path(above.anchor):
            above.chmod(above.stat().st_mode | 0o011)
    return folder


def test_what_may_not_be_read_is_listed(open_folder: Path) -> None:
    from intervaldetect.read.archive import iter_sources

    runs = open_folder / "runs"
    runs.mkdir()
    data = to_bytes(simulate(Plan(run_type="easy", duration_s=400.0), seed=1), "fit")
    for name in ("open.fit", "secret.fit"):
        (runs / name).write_bytes(data)
    (runs / "closed").mkdir()
    (runs / "closed" / "inside.fit").write_bytes(data)
    (runs / "secret.fit").chmod(0)
    (runs / "closed").chmod(0)

    def look() -> None:
        found = {source.path.rpartition("/")[2]: source for source in iter_sources(runs)}
        assert found["open.fit"].refusal is None
        assert str(found["secret.fit"].refusal).endswith("secret.fit: Permission denied (open)")
        assert str(found["closed"].refusal).endswith("closed: Permission denied (open)")
        assert "inside.fit" not in found

    as_ordinary_user(look)
    (runs / "closed").chmod(0o755)


def test_a_store_that_may_not_be_written_is_told(open_folder: Path) -> None:
    locked = open_folder / "locked"
    locked.mkdir()
    with Store.create(locked / "store"):
        pass
    (locked / "store").chmod(0o555)
    locked.chmod(0o555)

    def write() -> None:
        from intervaldetect.store.lock import store_lock

        for place in (locked / "store", locked / "new"):
            with pytest.raises(StoreError, match="Permission denied"), store_lock(place):
                pass
        with pytest.raises(StoreError, match="unusable"):
            Store.create(locked / "new")
        with Store.open(locked / "store") as opened:
            assert opened.athletes() == []

    try:
        as_ordinary_user(write)
    finally:
        for path in (locked, locked / "store"):
            path.chmod(0o755)
