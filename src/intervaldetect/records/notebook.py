"""An analysis as a notebook shows it: its reps as a frame, and a picture with a table as HTML."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from intervaldetect.records import Analysis, Segment

WIDTH, HEIGHT = 720, 90
NUMBERS = (
    "start_s", "end_s", "distance_m", "speed_mps", "adjusted_speed_mps", "mean_hr_bpm",
    "end_hr_bpm", "cadence_spm", "power_w", "recovery_s", "confidence",
)  # fmt: skip
REPS: dict[str, pl.DataType] = {
    "set": pl.Int64(), "rep": pl.Int64(), **dict.fromkeys(NUMBERS, pl.Float64()),
    "source": pl.String(),
}  # fmt: skip


def reps_of(analysis: Analysis) -> pl.DataFrame:
    """Return a row for each rep; `Analysis.reps` says which columns."""
    reps = [segment for segment in analysis.workout.segments if segment.role == "rep"]
    after = [*reps[1:], None]
    rows = (
        [_row(rep, following) for rep, following in zip(reps, after, strict=True)] if reps else []
    )
    return pl.DataFrame(rows, schema=REPS, orient="row")


def _row(rep: Segment, following: Segment | None) -> tuple[object, ...]:
    same = following is not None and following.set == rep.set
    return (
        rep.set, rep.rep, rep.start_s, rep.end_s, rep.distance_m, rep.mean_speed_mps,
        rep.grade_adjusted_speed_mps, rep.mean_hr_bpm, rep.end_hr_bpm, rep.mean_cadence_spm,
        rep.mean_power_w, following.start_s - rep.end_s if following and same else None,
        rep.confidence, rep.source,
    )  # fmt: skip


def html_of(analysis: Analysis) -> str:
    """Return an analysis as HTML without scripts: what it was, its speed, its reps, why."""
    label, workout = analysis.label, analysis.workout
    odds = f" {label.probabilities[label.label]:.0%}" if label.label else ""
    name = {"vo2": "VO2", None: "not labelled"}.get(label.label, label.label)
    head = escape(f"{workout.text or 'no planned efforts'}, {name}{odds}")
    why = "".join(f"<li>{escape(line)}</li>" for line in (*workout.evidence, *label.evidence))
    return f"<div><b>{head}</b>{_svg(analysis)}{_table(analysis)}<ul>{why}</ul></div>"


def _svg(analysis: Analysis) -> str:
    """Return the speed as a line over its reps; no positions."""
    signal = analysis.signal
    total = max(float(signal.time_s[-1]), 1.0)
    edges = np.linspace(0.0, total, WIDTH // 3 + 1)
    middle = (signal.time_s[1:] + signal.time_s[:-1]) / 2
    column = np.clip(np.searchsorted(edges, middle) - 1, 0, edges.size - 2)
    known = np.isfinite(signal.speed_mps)
    seconds = np.where(known, np.diff(signal.time_s), 0.0)
    counted = np.bincount(column, seconds, edges.size - 1)
    if not counted.any():
        return ""
    metres = np.bincount(column, np.where(known, signal.speed_mps, 0.0) * seconds, edges.size - 1)
    mean = metres / np.where(counted > 0, counted, np.nan)
    top = max(float(np.nanquantile(mean, 0.995)), 0.1) * 1.05
    x = (edges[1:] + edges[:-1]) / 2 / total * WIDTH
    y = HEIGHT * (1.0 - np.clip(mean / top, 0.0, 1.0))
    line = " ".join(f"{a:.0f},{b:.1f}" for a, b in zip(x, y, strict=True) if np.isfinite(b))
    bands = "".join(
        f'<rect x="{s.start_s / total * WIDTH:.1f}" y="0" height="{HEIGHT}"'
        f' width="{(s.end_s - s.start_s) / total * WIDTH:.1f}" fill="#f0a81c" opacity="0.25"/>'
        for s in analysis.workout.segments
        if s.role == "rep"
    )
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" role="img" aria-label="Speed with'
        f' reps" style="display:block;max-width:100%">{bands}'
        f'<polyline points="{line}" fill="none" stroke="#4c78c8" stroke-width="1.3"/></svg>'
    )


def _table(analysis: Analysis) -> str:
    reps = reps_of(analysis)
    if reps.is_empty():
        return ""
    names = ("set", "rep", "m", "time", "pace /km", "mean HR", "end HR", "recovery")
    head = "".join(f"<th>{name}</th>" for name in names)
    rows = []
    for row in reps.iter_rows(named=True):
        speed, seconds = row["speed_mps"], row["end_s"] - row["start_s"]
        cells = (
            row["set"], row["rep"], _whole(row["distance_m"]), _clock(seconds),
            _clock(1000.0 / speed) if speed else "", _whole(row["mean_hr_bpm"]),
            _whole(row["end_hr_bpm"]), _clock(row["recovery_s"]),
        )  # fmt: skip
        rows.append("<tr>" + "".join(f"<td>{'' if c is None else c}</td>" for c in cells) + "</tr>")
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _whole(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}"


def _clock(seconds: float | None) -> str:
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
