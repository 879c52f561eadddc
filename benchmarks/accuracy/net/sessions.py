"""What the net learns from: real runs in frames, and how they are varied.

A session is ``channels`` (7, n) as `structure.frames` gives them, ``rep`` (n,) the share of each
frame that lies in a rep, ``counts`` (n,) 0 where nothing is known, ``planned`` whether it was
planned work (None where not known).
"""

from __future__ import annotations

import multiprocessing
import pickle
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.corpus_runs import path_of, truth_rows
from benchmarks.accuracy.models import NO_FOLD
from benchmarks.accuracy.training_sessions import sessions as simulated_runs
from intervaldetect.clean import clean_activity
from intervaldetect.errors import IntervalDetectError
from intervaldetect.read import read_activity
from intervaldetect.records import Signal
from intervaldetect.structure.frames import find_frames

Array = NDArray[np.float64]
SPEED, COVERED, GRADE, ADJUSTED, PAUSED, HEART_RATE, CADENCE = range(7)
FEWEST_FRAMES = 100
SIMULATED = "simulated"


@dataclass(frozen=True, slots=True, eq=False)
class Session:
    """One run in frames, with its truth."""

    name: str
    athlete: str
    fold: int
    channels: Array
    rep: Array
    counts: Array
    planned: bool | None
    weak: bool = False


def read_sessions(cache: Path | None = None) -> list[Session]:
    """Read all runs of the corpus, from ``cache`` where it exists."""
    if cache is not None and cache.exists():
        loaded: list[Session] = pickle.loads(cache.read_bytes())
        return loaded
    with multiprocessing.Pool(2) as pool:
        found = [s for s in pool.imap(_session, truth_rows(), chunksize=8) if s is not None]
    if cache is not None:
        cache.write_bytes(pickle.dumps(found))
    return found


def _session(row: dict[str, Any]) -> Session | None:
    try:
        signal = clean_activity(read_activity(path_of(row)))
    except IntervalDetectError:
        return None
    return session_of(row, signal)


def simulated(count: int, seed: int) -> list[tuple[dict[str, Any], Signal]]:
    """Simulate sessions with their truth; every seventh has no heart rate.

    They are in no fold, and are one athlete. A race is no planned session.
    """
    found = []
    for index, run in enumerate(simulated_runs(count, seed)):
        activity = run.to_activity()
        if index % 7 == 3:
            activity.columns["heart_rate"].fill(np.nan)
        row = run.truth.to_row(f"{index}", SIMULATED)
        race = row["kind"] == "race"
        planned = (bool(row["structured"]) and not race) or row["kind"] == "fartlek"
        row |= {"set": SIMULATED, "fold": NO_FOLD, "structured": planned}
        found.append((row | ({"reps": None} if race else {}), clean_activity(activity)))
    return found


def session_of(row: dict[str, Any], signal: Signal) -> Session | None:
    """Put a run into frames beside its truth; None where it is too short."""
    frames = find_frames(signal)
    n = len(frames)
    if n < FEWEST_FRAMES:
        return None
    rep, counts = np.zeros(n), np.ones(n)
    for start, end in row["reps"] or ():
        rep = np.maximum(rep, _share(frames.time_s, start, end))
    for start, end in row["ignore"] or ():
        counts[(_share(frames.time_s, start, end) > 0.5) & (rep < 0.5)] = 0.0
    if row["reps"] is None and row["structured"] is not False:
        counts[:] = 0.0
    return Session(
        f"{row['set']}/{row['file']}", row["athlete"], row["fold"], frames.channels, rep, counts,
        row["structured"], bool(row.get("weak")),
    )  # fmt: skip


def _share(border_s: Array, start_s: float, end_s: float) -> Array:
    inside = np.minimum(end_s, border_s[1:]) - np.maximum(start_s, border_s[:-1])
    return np.clip(inside / np.maximum(np.diff(border_s), 1e-9), 0.0, 1.0)


def vary(session: Session, rng: np.random.Generator, longest: int) -> Session:
    """Vary a session: cropped, stretched, scaled, noisier, channels left out."""
    channels, rep, counts = session.channels.copy(), session.rep, session.counts
    n = rep.size
    if rng.random() < 0.35 and n > 600:
        first = int(rng.integers(0, n // 3)) if rng.random() < 0.7 else 0
        last = n - (int(rng.integers(0, n // 4)) if rng.random() < 0.5 else 0)
        channels, rep, counts = channels[:, first:last], rep[first:last], counts[first:last]
    if rng.random() < 0.5:
        stretch = np.exp(rng.uniform(-0.25, 0.25))
        at = np.minimum((np.arange(int(rep.size * stretch)) / stretch).astype(int), rep.size - 1)
        channels, rep, counts = channels[:, at], rep[at], counts[at]
    if rep.size > longest:
        first = int(rng.integers(0, rep.size - longest))
        cut = slice(first, first + longest)
        channels, rep, counts = channels[:, cut].copy(), rep[cut], counts[cut]
    scale = np.exp(rng.normal(0, 0.12))
    channels[SPEED] *= scale
    channels[ADJUSTED] *= scale
    if rng.random() < 0.3:
        noise = rng.normal(0, rng.uniform(0, 0.3), rep.size)
        if rng.random() < 0.5:
            noise = np.convolve(noise, np.ones(4) / 2.0, "same")
        channels[SPEED] = np.maximum(channels[SPEED] + noise, 0.0)
        channels[ADJUSTED] = np.maximum(channels[ADJUSTED] + noise, 0.0)
    if rng.random() < 0.15:
        channels[[SPEED, ADJUSTED]] = _held(channels[[SPEED, ADJUSTED]], int(rng.integers(2, 5)))
    if rng.random() < 0.15:
        channels[HEART_RATE] = np.nan
    else:
        channels[HEART_RATE] += rng.normal(0, 8)
    if rng.random() < 0.2:
        channels[CADENCE] = np.nan
    if rng.random() < 0.2:
        channels[GRADE] = np.nan
        channels[ADJUSTED] = channels[SPEED]
    return replace(session, channels=channels, rep=rep, counts=counts)


def _held(values: Array, width: int) -> Array:
    """Average over blocks, as a watch does that writes a sample every few seconds."""
    n = values.shape[1] // width * width
    blocks = values[:, :n].reshape(2, -1, width).mean(axis=2)
    return np.concatenate((blocks.repeat(width, axis=1), values[:, n:]), axis=1)
