"""The command line as a user meets it: what it prints where, and with which exit status."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import polars as pl
import pytest
from typer.testing import CliRunner, Result

from intervaldetect import __version__
from intervaldetect.cli import app, only
from intervaldetect.output.summary import schema
from intervaldetect.store import Store

PROGRAM = [sys.executable, "-c", "from intervaldetect.cli import main; main()"]
INTERVALS = "2025-09-02-0705-morning-run.fit.gz"
COMMANDS = ("summary", "batch", "list", "export")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_only_the_command_that_was_typed_is_set_up() -> None:
    small = only(app, ["weeks"])
    assert [command.callback.__name__ for command in small.registered_commands] == ["weeks"]  # type: ignore[union-attr]
    assert not small.registered_groups
    assert CliRunner().invoke(small, ["weeks", "--help"]).output == run("weeks", "--help").output
    for names in ([], ["wek"], ["--help"], ["store"]):
        assert only(app, names) is app


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, season: Path) -> Path:
    """A store of four simulated sessions of two athletes."""
    top = tmp_path_factory.mktemp("cli")
    files = sorted(season.glob("2025-09-0*.gz"))[:4]
    for index, file in enumerate(files):
        folder = top / "runs" / ("ada" if index % 2 else "bo")
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, folder)
    result = run(
        "batch", top / "runs", "-o", top / "store", "--athlete-from", "folder", "--jobs", 1
    )
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("4 files: 4 read, 0 repaired, 0 refused")
    return top / "store"


# --- help ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)])
def test_help_imports_nothing_heavy(command: list[str]) -> None:
    code = (
        "import sys\n"
        "from intervaldetect.cli import main\n"
        f"sys.argv = ['intervaldetect', *{command!r}, '--help']\n"
        "try:\n"
        "    main()\n"
        "finally:\n"
        "    heavy = {'numba', 'polars', 'numpy', 'lxml', 'fitparse', 'rich'} & set(sys.modules)\n"
        "    print('heavy:', sorted(heavy))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert "Usage: intervaldetect" in done.stdout
    assert done.stdout.endswith("heavy: []\n")


def test_the_package_runs_as_a_module(season: Path, tmp_path: Path) -> None:
    # Its workers start from the same module and must not start a batch of their own.
    file = min(season.glob("*.fit"))
    command = [sys.executable, "-m", "intervaldetect", "batch", str(file), "-o", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    assert "1 read" in done.stdout + done.stderr
    with Store.open(tmp_path) as store:
        assert len(list(store.summaries())) == 1


def test_listing_a_store_needs_no_kernels(store: Path) -> None:
    code = (
        "import sys\n"
        "from intervaldetect.cli import main\n"
        f"sys.argv = ['intervaldetect', 'list', {str(store)!r}]\n"
        "try:\n"
        "    main()\n"
        "finally:\n"
        "    print('heavy:', sorted({'numba', 'polars'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("heavy: []\n")


def test_version() -> None:
    assert run("--version").stdout == f"intervaldetect {__version__}\n"


# --- summary -------------------------------------------------------------------------------------


def test_summary_prints_the_reps(season: Path) -> None:
    result = run("summary", season / INTERVALS)
    assert result.exit_code == 0
    assert result.stderr == ""
    assert "2025-09-02 07:05" in result.stdout
    printed = json.loads(run("summary", "--json", season / INTERVALS).stdout)
    assert f"{printed['distance_m'] / 1000:.2f} km" in result.stdout
    assert printed["workout"] in result.stdout
    rows = [line.split() for line in result.stdout.splitlines()]
    reps = [row for row in rows if row[:1] and row[0].isdigit() and "m" in row]
    assert [row[0] for row in reps] == ["1", "2", "3", "4"]
    assert all(row[4].endswith("/km") for row in reps)
    assert "\x1b" not in result.stdout


def test_summary_in_miles(season: Path) -> None:
    kilometres = run("summary", season / INTERVALS).stdout
    miles = run("summary", season / INTERVALS, "--units", "mi").stdout
    assert "/km" not in miles
    assert miles.count("/mi") == kilometres.count("/km")
    printed = json.loads(run("summary", "--json", season / INTERVALS).stdout)
    assert f"{printed['distance_m'] / 1609.344:.2f} mi" in miles


def test_summary_as_json_is_the_contract(season: Path, tmp_path: Path) -> None:
    files = [season / INTERVALS, season / "2025-09-03-0655-morning-run.gpx.gz"]
    result = run("summary", "--json", *files)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    printed = [json.loads(line) for line in lines]
    for each in printed:
        jsonschema.Draft202012Validator(schema()).validate(each)
    assert [each["path"] for each in printed] == [str(file) for file in files]
    assert [each["athlete"] for each in printed] == ["me", "me"]
    named = run("summary", "--json", "--athlete", "Ada", "--timezone", "Asia/Tokyo", files[1])
    again = json.loads(named.stdout)
    assert again["athlete"] == "Ada"
    assert (again["utc_offset_s"], again["utc_offset_source"]) == (32400.0, "option")
    assert [each["utc_offset_source"] for each in printed] == ["file", None]


def test_bad_input_is_one_line_each_and_the_others_go_on(season: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.fit").write_bytes(b"")
    (tmp_path / "x.fit").mkdir()
    (tmp_path / "text.gpx").write_text("6 x 800 m went well")
    point = '<trkpt lat="59" lon="10">{}</trkpt>'
    track = "<gpx><trk><trkseg>{}</trkseg></trk></gpx>"
    (tmp_path / "timeless.gpx").write_text(track.format(point.format("") * 30))
    beats = "".join(
        f"<Trackpoint><Time>2026-05-31T06:{second // 60:02}:{second % 60:02}Z</Time></Trackpoint>"
        for second in range(300)
    )
    (tmp_path / "nothing.tcx").write_text(
        '<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2">'
        f'<Activities><Activity Sport="Running"><Id>2026-05-31T06:00:00Z</Id><Lap'
        f' StartTime="2026-05-31T06:00:00Z"><Track>{beats}</Track></Lap></Activity></Activities>'
        "</TrainingCenterDatabase>"
    )
    names = ["empty.fit", "x.fit", "text.gpx", "missing.fit", "timeless.gpx", "nothing.tcx"]
    paths = [tmp_path / name for name in names]
    result = run("summary", "--json", *paths[:3], season / INTERVALS, *paths[3:])
    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) == 1
    lines = result.stderr.splitlines()
    assert [line.partition(": ")[0] for line in lines] == [str(path) for path in paths]
    for line in lines:
        assert line.endswith(")"), line
        assert "internal error" not in line
    assert lines[0].endswith(": the file is empty (0 bytes) (sniff)")
    assert lines[1].endswith(" -o STORE takes it whole (open)")
    assert f"intervaldetect batch {paths[1]}" in lines[1]
    assert "No such file" in lines[3]
    assert lines[5].endswith("(clean)")


@pytest.mark.parametrize(
    "arguments",
    [
        ["summary"],
        ["summary", "--laps", "some", "x.fit"],
        ["summary", "--units", "furlongs", "x.fit"],
        ["summary", "--timezone", "Nowhere/Here", "x.fit"],
        ["summary", "--athlete-file", "missing.toml", "x.fit"],
        ["summary", "--unknown", "x.fit"],
        ["batch", "."],
        ["batch", "missing-folder", "-o", "store"],
        ["batch", ".", "-o", "store", "--jobs", "0"],
        ["export", "store"],
        ["unknown"],
    ],
)
def test_wrong_usage_is_status_2(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "store").exists()


def test_thresholds_are_taken_from_a_file(season: Path, tmp_path: Path) -> None:
    file = tmp_path / "me.toml"
    file.write_text(
        'threshold_pace = "3:20/km"\nmax_hr_bpm = {value = 188, standard_error = 1.5}\n'
    )
    result = run("summary", "--json", "--athlete-file", file, season / INTERVALS)
    thresholds = json.loads(result.stdout)["thresholds"]
    assert thresholds["threshold_speed_mps"]["value"] == 5.0
    assert thresholds["threshold_speed_mps"]["source"] == "given"
    assert thresholds["max_hr_bpm"]["value"] == 188.0
    assert thresholds["max_hr_bpm"]["standard_error"] == 1.5


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("max_hr_bpm = 20", "100 to 240"),
        ("max_hr = 190", "threshold_speed_mps, threshold_hr_bpm"),
        ('max_hr_bpm = "190"', "a number"),
        ("max_hr_bpm = true", "a number"),
        ('threshold_pace = "fast"', "a pace such as"),
        ('threshold_pace = "3:20/km"\nthreshold_speed_mps = 5', "one"),
        ("max_hr_bpm = {value = 190, error = 2}", "value and standard_error"),
        ("max_hr_bpm = {value = 190, standard_error = -2}", "neither negative"),
        ("max_hr_bpm = ", "TOML"),
    ],
)
def test_athlete_files_that_make_no_sense(text: str, complaint: str, tmp_path: Path) -> None:
    file = tmp_path / "me.toml"
    file.write_text(text)
    result = run("summary", "--athlete-file", file, "x.fit")
    assert result.exit_code == 2
    assert complaint in result.stderr


def test_colour_only_on_a_terminal(season: Path) -> None:
    leader, follower = pty.openpty()
    environment = {
        key: value
        for key, value in os.environ.items()
        if key not in {"NO_COLOR", "FORCE_COLOR", "COLUMNS"}
    }
    environment["TERM"] = "xterm-256color"
    with subprocess.Popen(
        [*PROGRAM, "summary", str(season / INTERVALS)], stdout=follower, env=environment
    ) as program:
        os.close(follower)
        seen = b""
        try:
            while chunk := os.read(leader, 4096):
                seen += chunk
        except OSError:  # how Linux says that the other end is closed
            pass
    os.close(leader)
    assert program.returncode == 0
    assert b"\x1b[" in seen


# --- batch, list, export -------------------------------------------------------------------------


def test_batch_says_what_it_did(season: Path, tmp_path: Path) -> None:
    folder = tmp_path / "runs"
    folder.mkdir()
    shutil.copy(season / INTERVALS, folder)
    (folder / "bad.fit").write_bytes(b"bad")
    (folder / "notes.txt").write_text("notes")
    result = run("batch", folder, "-o", tmp_path / "store", "--jobs", 1)
    assert result.exit_code == 1
    assert result.stdout.startswith(
        "2 files: 1 read, 0 repaired, 1 refused; 1 other file skipped; "
    )
    (refused,) = [line for line in result.stderr.splitlines() if str(folder) in line]
    assert refused.startswith(f"{folder / 'bad.fit'}: not an activity")
    again = run("batch", folder, "-o", tmp_path / "store", "--quiet")
    assert again.exit_code == 1
    assert again.stdout == ""
    assert again.stderr == f"{refused}\n"


def test_batch_on_a_store_that_is_none(season: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    result = run("batch", season, "-o", tmp_path / "file")
    assert result.exit_code == 3
    assert result.stderr.count("\n") == 1


def test_list_shows_sessions_by_time(store: Path) -> None:
    result = run("list", store, "--athlete", "ada")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["date", "name", "distance", "workout", "label"]
    assert len(lines) == 3
    assert lines[1] < lines[2]
    everyone = run("list", store).stdout
    assert everyone.split()[:2] == ["date", "athlete"]
    assert " bo " in everyone


def test_list_as_json_and_filters(store: Path) -> None:
    everything = [json.loads(line) for line in run("list", store, "--json").stdout.splitlines()]
    assert len(everything) == 4
    assert {"start_time", "workout", "label", "kind", "athlete"} <= set(everything[0])
    days = sorted(each["start_time"][:10] for each in everything)
    late = run("list", store, "--json", "--since", days[-1]).stdout.splitlines()
    assert len(late) == days.count(days[-1])
    for label in ("easy", "threshold", "vo2", "none"):
        found = run("list", store, "--json", "--label", label).stdout.splitlines()
        wanted = None if label == "none" else label
        assert len(found) == sum(each["label"] == wanted for each in everything)
    kind = everything[0]["kind"]
    found = run("list", store, "--json", "--kind", kind).stdout.splitlines()
    assert {json.loads(line)["kind"] for line in found} == {kind}
    assert run("list", store, "--since", "May").exit_code == 2
    assert run("list", store, "--kind", "stroll").exit_code == 2


@pytest.mark.parametrize("command", [["list"], ["export", "--format", "jsonl"]])
def test_reading_no_store_is_status_3(command: list[str], tmp_path: Path) -> None:
    result = run(*command, tmp_path)
    assert result.exit_code == 3
    assert result.stderr.startswith(f"intervaldetect: {tmp_path}: no store here")


def stored(store: Path) -> list[dict[str, Any]]:
    result = run("export", store, "--format", "jsonl")
    assert result.exit_code == 0
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_export_jsonl_is_what_summary_prints(store: Path) -> None:
    exported = stored(store)
    assert len(exported) == 4
    files = [str(each["path"]) for each in exported]
    fresh = [json.loads(line) for line in run("summary", "--json", *files).stdout.splitlines()]
    for one, other in zip(exported, fresh, strict=True):
        # A batch knows the athlete's other runs; what was run is the same.
        judged = {"label", "kind", "probabilities", "thresholds", "evidence", "sets", "athlete"}
        judged |= {"structured_probability"}  # of a run in doubt, by the threshold of the day
        judged |= {"utc_offset_s", "utc_offset_source", "problems"}  # local time of other files
        assert {k: v for k, v in one.items() if k not in judged} == {
            k: v for k, v in other.items() if k not in judged
        }
        assert one.keys() == other.keys()


def test_export_json_csv_and_parquet_hold_the_same(store: Path, tmp_path: Path) -> None:
    exported = stored(store)
    assert json.loads(run("export", store, "--format", "json").stdout) == exported

    rows = list(csv.DictReader(io.StringIO(run("export", store, "--format", "csv").stdout)))
    assert [row["workout"] or None for row in rows] == [each["workout"] for each in exported]
    assert [json.loads(row["segments"]) for row in rows] == [each["segments"] for each in exported]
    assert [float(row["p_vo2"]) for row in rows] == [
        each["probabilities"]["vo2"] for each in exported
    ]

    target = tmp_path / "season.parquet"
    assert run("export", store, "--format", "parquet", "-o", target).exit_code == 0
    table = pl.read_parquet(target)
    assert table.columns == list(schema()["properties"])
    assert table.to_dicts() == exported
    assert [path.name for path in tmp_path.iterdir()] == [target.name]


def test_export_writes_whole_files_or_none(store: Path, tmp_path: Path) -> None:
    assert run("export", store, "--format", "parquet").exit_code == 2
    target = tmp_path / "out" / "season.csv"
    result = run("export", store, "--format", "csv", "-o", target)
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr
    target.parent.mkdir()
    target.write_text("older")
    assert run("export", store, "--format", "csv", "-o", target).exit_code == 0
    assert target.read_text().startswith("schema_version,path,")
    assert target.stat().st_mode & 0o777 == 0o666 & ~current_umask()
    assert [path.name for path in target.parent.iterdir()] == ["season.csv"]


def current_umask() -> int:
    umask = os.umask(0)
    os.umask(umask)
    return umask


def test_an_empty_store_exports_empty_tables(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    assert run("batch", tmp_path / "runs", "-o", tmp_path / "store").exit_code == 0
    assert run("list", tmp_path / "store").exit_code == 0
    assert run("export", tmp_path / "store", "--format", "json").stdout == "[]\n"
    assert run("export", tmp_path / "store", "--format", "jsonl").stdout == ""
    assert run("export", tmp_path / "store", "--format", "csv").stdout.startswith("schema_version,")
    target = tmp_path / "empty.parquet"
    assert run("export", tmp_path / "store", "--format", "parquet", "-o", target).exit_code == 0
    assert pl.read_parquet(target).shape == (0, len(schema()["properties"]))


def test_a_reader_that_has_enough_is_no_error(store: Path) -> None:
    with subprocess.Popen(
        [*PROGRAM, "export", str(store), "--format", "jsonl"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.close()
        errors = program.stderr.read()
    assert errors == b""
