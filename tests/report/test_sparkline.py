"""The session as a line of blocks in a terminal."""

from __future__ import annotations

import io

import numpy as np
import pytest
from rich.console import Console

from intervaldetect.output.summary import to_dict
from intervaldetect.records import Analysis
from intervaldetect.report.sparkline import BLOCKS, LETTERS, WIDEST, sparkline
from intervaldetect.report.terminal import console_for, print_summary
from intervaldetect.report.traces import Trace, trace_of_signal
from tests.report.scenes import ODD, session


@pytest.mark.parametrize("width", [20, 36, 80, 100, 300])
def test_reps_stand_out_and_are_numbered(analysis: Analysis, width: int) -> None:
    summary = to_dict(analysis)
    told = sparkline(trace_of_signal(analysis.signal), summary["segments"], width=width)
    assert told is not None
    columns = min(width, WIDEST)
    assert len(told.speed) == len(told.marks) == len(told.in_rep) == columns
    total = summary["elapsed_s"]
    for segment in summary["segments"]:
        if segment["role"] == "rep":
            first = round(segment["start_s"] / total * columns)
            assert told.marks[first] == str(segment["rep"])
            assert told.in_rep[first]
    inside = [BLOCKS.index(b) for b, rep in zip(told.speed, told.in_rep, strict=True) if rep]
    outside = [BLOCKS.index(b) for b, rep in zip(told.speed, told.in_rep, strict=True) if not rep]
    assert max(inside) == 7
    assert np.mean(inside) > np.mean(outside) + 3


def test_letters_where_the_terminal_has_no_blocks(analysis: Analysis) -> None:
    segments = to_dict(analysis)["segments"]
    trace = trace_of_signal(analysis.signal)
    plain = sparkline(trace, segments, width=60, encoding="ascii")
    assert plain is not None
    assert set(plain.speed) <= set(LETTERS + " ")
    assert plain.marks.isascii()
    assert [LETTERS.index(c) for c in plain.speed] == [
        BLOCKS.index(c)
        for c in sparkline(trace, segments, width=60).speed  # type: ignore[union-attr]
    ]
    for encoding in ("cp437", "no such"):  # the first has some blocks, not all
        assert sparkline(trace, segments, width=60, encoding=encoding) == plain


def test_nothing_without_a_speed_or_room(analysis: Analysis) -> None:
    segments = to_dict(analysis)["segments"]
    trace = trace_of_signal(analysis.signal)
    assert sparkline(trace, segments, width=19) is None
    nothing = np.full(trace.time_s.size, np.nan)
    still = Trace(trace.time_s, trace.distance_m, nothing, trace.heart_rate_bpm)
    assert sparkline(still, segments, width=80) is None


def test_a_stop_is_blank(analysis: Analysis) -> None:
    trace = trace_of_signal(analysis.signal)
    speed = trace.speed_mps.copy()
    speed[1100:1400] = np.nan
    stopped = Trace(trace.time_s, trace.distance_m, speed, trace.heart_rate_bpm)
    told = sparkline(stopped, to_dict(analysis)["segments"], width=82)
    assert told is not None
    assert " " * 12 in told.speed


def test_a_summary_shows_it_plain_in_a_pipe(analysis: Analysis) -> None:
    out = io.StringIO()
    trace = trace_of_signal(analysis.signal)
    print_summary(to_dict(analysis), trace=trace, console=console_for(out))
    lines = out.getvalue().splitlines()
    assert "\x1b" not in out.getvalue()
    (row,) = [index for index, line in enumerate(lines) if set(line.strip()) <= set(BLOCKS)]
    assert lines[row + 1].split()[0].startswith("1")
    without = io.StringIO()
    print_summary(to_dict(analysis), console=console_for(without))
    assert without.getvalue().splitlines() == [*lines[:row], *lines[row + 2 :]]


@pytest.mark.parametrize("width", [24, 40, 80, 120])
def test_a_summary_keeps_to_the_width_of_the_terminal(analysis: Analysis, width: int) -> None:
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=True, highlight=False)
    trace = trace_of_signal(analysis.signal)
    print_summary(to_dict(analysis), trace=trace, console=console)
    assert "\x1b[" in out.getvalue()
    row = next(line for line in out.getvalue().splitlines() if "▁" in line or "█" in line)
    assert sum(row.count(block) for block in BLOCKS) == min(width - 4, WIDEST)


def test_a_ride_has_no_odds_of_labels_and_no_threshold_of_running() -> None:
    summary = session(ODD["ride"]()).summary
    assert not any("threshold" in line for line in summary["evidence"])
    out = io.StringIO()
    print_summary(summary, console=console_for(out))
    assert "not labelled" in out.getvalue()
    assert "33%" not in out.getvalue()
