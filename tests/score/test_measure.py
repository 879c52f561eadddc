"""Reps of laps and steps by rule, on activities built by hand; and what is measured on them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from intervaldetect.cli import app
from intervaldetect.records import Activity, Lap, Pause, Session, WorkoutStep
from intervaldetect.records.channels import NAMES
from intervaldetect.score import Prediction, Truth, read_truth
from intervaldetect.score.lap_truth import LapTruth, lap_truth
from intervaldetect.score.measure import Measured, left_out, truth_line, verdict

REPS = [(600.0, 2.8), (180.0, 4.5), (120.0, 2.2)] + 3 * [(180.0, 4.5), (120.0, 2.2)]


def run(pieces: Sequence[tuple[float, float]], **changes: object) -> Activity:
    """Stretches of (seconds, m/s), a lap for each."""
    edges = np.concatenate(([0.0], np.cumsum([seconds for seconds, _ in pieces])))
    time = np.arange(edges[-1] + 1.0)
    speeds = np.array([speed for _, speed in pieces])
    at = np.searchsorted(edges[1:], time[:-1], side="right")
    columns = {name: np.full(time.size, np.nan) for name in NAMES}
    columns["time"] = time
    columns["distance"] = np.concatenate(([0.0], np.cumsum(speeds[at])))
    laps = tuple(
        Lap(a, b, float(s * (b - a)), b - a, "manual")
        for a, b, s in zip(edges, edges[1:], speeds, strict=False)
    )
    whole = Activity(
        "a.fit", "0" * 64, "fit", 1, "intact", datetime(2026, 5, 1, tzinfo=UTC), columns,
        laps=laps, session=Session(), sport="running",
    )  # fmt: skip
    return replace(whole, **changes)  # type: ignore[arg-type]


def spans(truth: LapTruth) -> list[tuple[float, float]]:
    return list(truth.reps)


def test_pressed_laps_that_alternate_are_reps() -> None:
    truth = lap_truth(run(REPS))
    assert truth.origin == "laps"
    assert spans(truth) == [(600.0 + 300.0 * k, 780.0 + 300.0 * k) for k in range(4)]
    assert truth.ignore == ()


def test_laps_of_one_step_are_merged_and_its_intensity_counts() -> None:
    plain = run([(300.0, 2.8), (90.0, 4.5), (90.0, 4.5), (120.0, 2.2), (180.0, 4.5), (120.0, 2.2),
                 (180.0, 4.5), (300.0, 2.5)])  # fmt: skip
    steps = (WorkoutStep(0, intensity="warmup"), WorkoutStep(1, intensity="active"),
             WorkoutStep(2, intensity="rest"))  # fmt: skip
    numbers = (0, 1, 1, 2, 1, 2, 1, None)
    laps = tuple(replace(lap, step=n) for lap, n in zip(plain.laps, numbers, strict=True))
    truth = lap_truth(replace(plain, laps=laps, steps=steps))
    assert truth.origin == "steps"
    assert spans(truth) == [(300.0, 480.0), (600.0, 780.0), (900.0, 1080.0)]


def test_the_intensity_of_laps_counts() -> None:
    plain = run(REPS)
    laps = tuple(
        replace(lap, intensity="active" if lap.end_s - lap.start_s == 180.0 else "rest")
        for lap in plain.laps
    )
    truth = lap_truth(replace(plain, laps=laps))
    assert (truth.origin, len(truth.reps)) == ("intensity", 4)


def test_a_stop_at_the_end_of_a_lap_is_rest() -> None:
    pieces = [(600.0, 2.8), *(4 * [(180.0, 4.5), (60.0, 0.0)]), (300.0, 2.5)]
    plain = run(pieces)
    laps = [plain.laps[0]]
    for rep, rest in zip(plain.laps[1:-1:2], plain.laps[2:-1:2], strict=True):
        laps.append(replace(rep, end_s=rest.end_s))
    pauses = tuple(Pause(lap.start_s, lap.end_s) for lap in plain.laps[2:-1:2])
    truth = lap_truth(replace(plain, laps=(*laps, plain.laps[-1]), pauses=pauses))
    assert spans(truth) == [(600.0 + 240.0 * k, 780.0 + 240.0 * k) for k in range(4)]


@pytest.mark.parametrize(
    ("pieces", "reason"),
    [
        (8 * [(300.0, 1000.0 / 300.0)], "laps of the watch itself"),
        ([(600.0, 2.8), *(4 * [(180.0, 3.0), (120.0, 2.8)])], "not faster"),
        ([(600.0, 2.8), *(4 * [(20.0, 5.5), (120.0, 2.2)])], "strides"),
        ([(600.0, 1.8), *(4 * [(180.0, 2.2), (120.0, 1.4)])], "run-walk"),
        ([(600.0, 2.8), (180.0, 4.5), (120.0, 2.2)], "no fast laps"),
        ([(900.0, 4.4), (300.0, 2.5), *(4 * [(60.0, 4.5), (120.0, 2.2)])], "first or last"),
    ],
)
def test_what_is_doubtful_is_left_out(pieces: list[tuple[float, float]], reason: str) -> None:
    truth = lap_truth(run(pieces))
    assert truth.reps == ()
    assert truth.reason is not None
    assert reason in truth.reason


def test_a_rep_with_uneven_halves_or_wrong_edges_is_doubtful() -> None:
    plain = run([(600.0, 2.8), *(4 * [(90.0, 5.2), (90.0, 3.8), (120.0, 2.2)])])
    laps = [plain.laps[0]]
    for k in range(1, 13, 3):
        laps += [replace(plain.laps[k], end_s=plain.laps[k + 1].end_s), plain.laps[k + 2]]
    assert lap_truth(replace(plain, laps=tuple(laps))).reason == "a rep with uneven halves"
    plain = run(REPS)
    late = tuple(
        replace(lap, start_s=lap.start_s + 8.0 * (lap.start_s > 0), end_s=lap.end_s + 8.0)
        for lap in plain.laps[:-1]
    )
    assert lap_truth(replace(plain, laps=(*late, plain.laps[-1]))).reason == "edges off"


def test_other_efforts_are_ignored_or_speak_against_it() -> None:
    truth = lap_truth(run([(300.0, 2.8), *REPS]))
    assert truth.ignore == ()
    plain = run([(290.0, 2.8), (20.0, 5.0), (290.0, 2.8), *REPS[1:]])
    whole = (Lap(0.0, 600.0, None, 600.0, "manual"), *plain.laps[3:])
    ((start, end),) = lap_truth(replace(plain, laps=whole)).ignore
    assert (start, end) == pytest.approx((290.0, 310.0), abs=4.0)


def test_without_distance_or_laps_nothing_is_said() -> None:
    plain = run(REPS)
    assert lap_truth(replace(plain, laps=plain.laps[:1])).reps == ()
    columns = dict(plain.columns) | {"distance": np.full(len(plain), np.nan)}
    assert lap_truth(replace(plain, columns=columns)).reps == ()


def test_the_verdict_counts_sessions_and_reps() -> None:
    reps = ((100.0, 200.0), (300.0, 400.0))
    laps = LapTruth(reps, origin="laps")
    rows = [
        Measured(Truth("a", reps=reps), laps, Prediction(reps)),
        Measured(Truth("b", reps=reps), laps, Prediction(((100.0, 200.0), (500.0, 600.0)))),
        Measured(Truth("c"), LapTruth(reason="strides")),
    ]
    assert verdict(rows) == (
        "On your 2 lapped sessions 3 of 4 reps were found. 1 more were found that no lap "
        "confirms. Every rep and no other: 1 of 2."
    )
    assert left_out(rows) == "Left out, 1: strides (1)."
    assert verdict(rows[2:]).startswith("No session has laps")


def test_a_truth_is_written_as_score_reads_it(tmp_path: Path) -> None:
    truth = Truth("x/a.fit", reps=((1.0, 2.0),), ignore=((3.0, 4.0),), structured=True)
    (tmp_path / "t").write_text(truth_line(truth))
    assert read_truth(tmp_path / "t") == (replace(truth, file="a.fit"),)


def test_the_command_measures_a_folder(season: Path, tmp_path: Path) -> None:
    from shutil import copy

    for file in sorted(season.glob("2025-09-0[1-3]*")):
        copy(file, tmp_path)
    out = tmp_path / "truth.jsonl"
    command = ["measure", str(tmp_path), "--truth", str(out), "--json"]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    result = json.loads(done.output)
    assert result["files"] == len(read_truth(out)) == result["rep_files"]


@pytest.mark.corpus
def test_own_rules_agree_with_the_truth_of_the_corpus(corpus: Path) -> None:
    """Every tenth session; benchmarks.accuracy.lap_rules reads them all."""
    from benchmarks.accuracy.lap_rules import agreement

    agreed, sessions, _ = agreement(corpus, one_in=10)
    assert sessions >= 10
    assert agreed >= 0.75 * sessions
