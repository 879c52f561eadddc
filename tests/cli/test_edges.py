"""Edges of the command line: streams that end or are odd, texts that attack, stores that rot."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from intervaldetect.batch.folder import run_batch
from intervaldetect.cli import app
from intervaldetect.cli.streams import LEGIBLE
from intervaldetect.output.export import export_summaries
from intervaldetect.output.safe import for_spreadsheet, for_terminal
from intervaldetect.report.site import LEDGER, Site
from intervaldetect.simulate import Plan, simulate, to_fit
from intervaldetect.store import DATABASE, Store

PROGRAM = [sys.executable, "-c", "from intervaldetect.cli import main; main()"]
EVIL = "red \x1b[31m \u202eback\u202c \x9b2J"


def start(*arguments: Any, **more: Any) -> subprocess.Popen[bytes]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)} | more.pop("env", {})
    more = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | more
    opened: Any = subprocess.Popen([*PROGRAM, *map(str, arguments)], env=environment, **more)
    return opened  # of bytes, unless ``more`` says otherwise


def run(*arguments: Any) -> Any:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def store(season: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of one session whose name, athlete and notes mean harm."""
    folder = tmp_path_factory.mktemp("edges") / "store"
    run_batch(min(season.glob("*.fit")), folder, jobs=1)
    change(folder, name=EVIL, description="=cmd()", athlete="+me")
    return folder


def change(folder: Path, **values: str) -> None:
    with sqlite3.connect(folder / DATABASE) as database:
        ((text,),) = database.execute("SELECT summary FROM recordings")
        told = json.dumps({**json.loads(text), **values}, ensure_ascii=False)
        database.execute(
            "UPDATE recordings SET summary = ?, athlete = ?", (told, values["athlete"])
        )
    database.close()


@pytest.mark.parametrize("command", ["list", "export", "help"])
def test_a_closed_pipe_ends_in_silence(store: Path, command: str) -> None:
    arguments = {"list": ["list", store], "export": ["export", store, "--format", "json"]}
    read, write = os.pipe()
    os.close(read)
    program = start(*arguments.get(command, ["--help"]), stdout=write)
    os.close(write)
    assert (program.communicate()[1], program.returncode) == (b"", 0)


@pytest.mark.parametrize("way", [signal.SIGTERM, signal.SIGINT])
def test_a_batch_that_is_told_to_stop_stops(season: Path, tmp_path: Path, way: int) -> None:
    program = start("batch", season, "-o", tmp_path / "store", "--jobs", 1)
    while not (tmp_path / "store" / DATABASE).exists():
        time.sleep(0.05)
    program.send_signal(way)
    out, _ = program.communicate(timeout=120)
    assert (out.startswith(b"stopped: "), program.returncode) == (True, 130)


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_every_encoding_can_be_written(store: Path, tmp_path: Path, encoding: str) -> None:
    environment = {"PYTHONIOENCODING": encoding}
    program = start("list", store, tmp_path / "…", env=environment)
    assert program.communicate()[0] == b""
    assert program.returncode == 2
    program = start("list", store, "--json", env=environment)
    out, error = program.communicate()
    assert (error, program.returncode) == (b"", 0)
    assert json.loads(out.decode(encoding))["athlete"] == "+me"


def test_what_an_encoding_lacks_is_written_otherwise(store: Path) -> None:

    from intervaldetect.cli import streams

    assert streams._legible(UnicodeEncodeError("ascii", "a…\udcffж", 1, 4, "")) == ("...\\xff?", 4)
    assert LEGIBLE.startswith("intervaldetect")


def test_a_name_that_no_encoding_holds_is_an_argument_like_others(tmp_path: Path) -> None:
    program = start("summary", os.fsdecode(os.fsencode(tmp_path) + b"/\xff.fit"))
    out, error = program.communicate()
    assert (out, program.returncode) == (b"", 1)
    assert error.startswith(bytes(tmp_path)), error
    assert b"Traceback" not in error


def on_terminal(*arguments: Any) -> str:
    leader, follower = pty.openpty()
    program = start(*arguments, stdout=follower, stderr=follower, stdin=subprocess.DEVNULL)
    os.close(follower)
    seen = b""
    try:
        while part := os.read(leader, 65536):
            seen += part
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(leader)
    program.wait()
    return seen.decode()


@pytest.mark.parametrize("form", ["table", "json"])
def test_no_text_of_a_session_reaches_the_terminal_as_a_command(store: Path, form: str) -> None:
    seen = on_terminal("list", store, *(["--json"] if form == "json" else []))
    assert "\\u001b[31m" in seen
    assert "\x1b[31m" not in seen
    assert not re.search("[\u202e\u202c\x9b]", seen)
    if form == "json":
        assert json.loads(seen)["name"] == EVIL


def test_a_path_is_harmless_too(tmp_path: Path) -> None:
    seen = on_terminal("summary", tmp_path / "\x1b[31m\u202e.fit")
    assert ".fit: No such file" in seen
    assert not re.search("[\x1b\u202e]", seen)


def test_what_is_harmless_stays() -> None:
    text = "Tuesday 5 × 1000 m\t± ü 日本 👩‍🚀\n"
    assert for_terminal(text) == text


@pytest.mark.parametrize("raw", [False, True])
def test_a_spreadsheet_computes_nothing_of_a_session(store: Path, raw: bool) -> None:
    stream = io.BytesIO()
    with Store.open(store) as opened:
        export_summaries(opened.summaries(), "csv", stream=stream, raw=raw)
    (row,) = csv.DictReader(io.StringIO(stream.getvalue().decode()))
    expected = ("=cmd()", "+me") if raw else ("'=cmd()", "'+me")
    assert (row["description"], row["athlete"]) == expected
    assert float(row["distance_m"]) > 0
    assert [for_spreadsheet(text) for text in ("@a", "-1", "\ta", "a=")] == [
        "'@a", "'-1", "'\ta", "a="
    ]  # fmt: skip


def test_an_export_writes_through_a_link_and_keeps_it(store: Path, tmp_path: Path) -> None:
    target, link = tmp_path / "target.csv", tmp_path / "link.csv"
    target.write_text("before")
    link.symlink_to(target)
    assert run("export", store, "--format", "csv", "-o", link).exit_code == 0
    assert link.is_symlink()
    assert target.read_text().startswith("schema_version")


def test_an_export_writes_a_device(store: Path) -> None:
    before = Path("/dev/null").stat()
    assert run("export", store, "--format", "jsonl", "-o", "/dev/null").exit_code == 0
    assert Path("/dev/null").stat().st_ino == before.st_ino


def test_an_export_writes_a_pipe_with_a_name(store: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    program = start("export", store, "--format", "jsonl", "-o", pipe)
    assert json.loads(pipe.read_bytes())["name"] == EVIL
    program.communicate()
    assert pipe.is_fifo()


def test_an_interrupted_report_can_be_run_again(tmp_path: Path) -> None:
    first = Site(tmp_path / "report")
    first.write("index.html", "one")
    first.write("sessions/old.html", "two")
    again = Site(tmp_path / "report")
    again.write("index.html", "three")
    again.close()
    assert not (tmp_path / "report" / "sessions" / "old.html").exists()
    assert json.loads((tmp_path / "report" / LEDGER).read_text()) == {"files": ["index.html"]}


TOML = {"nested": "a = " + "[" * 20_000, "huge": "# " + "x" * 1_000_001}


@pytest.mark.parametrize("kind", TOML)
def test_an_athlete_file_that_is_too_much_is_one_line(
    season: Path, tmp_path: Path, kind: str
) -> None:
    file = tmp_path / "me.toml"
    file.write_text(TOML[kind])
    result = run("summary", min(season.glob("*.fit")), "--athlete-file", file)
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("kind", TOML)
def test_corrections_that_are_too_much_cost_no_recording(
    season: Path, tmp_path: Path, kind: str
) -> None:
    folder = tmp_path / "runs"
    folder.mkdir()
    run_file = folder / "run.fit"
    run_file.write_bytes(min(season.glob("*.fit")).read_bytes())
    (folder / "run.fit.intervals.toml").write_text(TOML[kind])
    progress = run_batch(folder, tmp_path / "store", jobs=1)
    assert progress.read == 1
    with Store.open(tmp_path / "store") as store:
        (text,) = store.summaries()
    assert "corrections_refused" in text


@pytest.mark.parametrize("place", ["page", "text"])
def test_a_damaged_store_says_what_to_do(store: Path, tmp_path: Path, place: str) -> None:
    damaged = tmp_path / "store"
    damaged.mkdir()
    data = bytearray((store / DATABASE).read_bytes())
    at = data.find(b'"probabilities"')
    if place == "text":
        data[at] = 0x7B
    else:
        data[at - at % 4096 : at - at % 4096 + 100] = b"\xff" * 100
    (damaged / DATABASE).write_bytes(data)
    checked = run("store", "check", damaged)
    assert checked.exit_code == 3
    assert checked.stdout
    assert "run batch again" in checked.stderr
    listed = run("list", damaged)
    assert listed.exit_code == 3
    assert "store check" in listed.stderr


@pytest.mark.parametrize(
    ("table", "column", "command"),
    [("rep_lists", "moving_s", "control"), ("histogram_parts", "seconds", "weeks")],
)
@pytest.mark.parametrize("text", ["[1.0,2", '["a"]', "\x02{"])
def test_a_damaged_list_is_found_by_the_check_and_by_who_reads_it(
    tmp_path: Path, table: str, column: str, command: str, text: str
) -> None:
    plan = Plan("6 x 800 m @ 2:05 (3:00 jog)")
    (tmp_path / "run.fit").write_bytes(to_fit(simulate(plan, seed=5)))
    run_batch(tmp_path / "run.fit", tmp_path / "store", jobs=1)
    with closing(sqlite3.connect(tmp_path / "store" / DATABASE)) as database, database:
        changed = database.execute(f"UPDATE {table} SET {column} = ?", (text,)).rowcount
    assert changed
    checked = run("store", "check", tmp_path / "store")
    assert checked.exit_code == 3
    assert "its stored data is damaged" in checked.stdout
    shown = run(command, tmp_path / "store")
    if text != "[1.0,2":  # polars reads a list that does not end
        assert shown.exit_code == 3, shown.output
        assert "store check" in shown.stderr


def test_a_sound_store_is_found_so(season: Path, tmp_path: Path) -> None:
    folder = tmp_path / "store"
    run_batch(min(season.glob("*.fit")), folder, jobs=1)
    result = run("store", "check", folder)
    assert (result.exit_code, result.stdout) == (0, f"{folder}: no damage found\n")
