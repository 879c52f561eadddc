"""Readings of a run: proposals of which stretches were the reps.

A reading is a list of disjoint stretches and nothing more; `structure.judge` decides between them.
Each is the likeliest way through what the net says frame by frame, asked more and less generously.
Where most reps of a reading are of one length, it is proposed once more with longer ones cut to it:
a warm-up that runs into the first rep is cut off.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from intervaldetect.records import Floats, Ints, Signal
from intervaldetect.structure.edges import time_edges
from intervaldetect.structure.net import SURELY_PLAIN, Posterior

LEANINGS = (-3.0, -1.5, 0.0, 1.5, 3.0)
"""Log-odds a frame by which a reading believes more or less in reps."""
SPAN_COSTS = (1.0, 10.0)
"""What a rep has to be worth, in log-odds of frames."""
EDGE_WEIGHT = 2.0
EDGE_FLOOR, EDGE_USUAL = 0.02, 0.12
LARGEST_LOG_ODDS = 4.0
NEAR_FRAMES = 4
MIN_REP_S = 8.0
MIN_RECOVERY_S = 10.0
"""A shorter gap is a moment inside one rep."""
EVEN_LOG = 0.12
"""How far reps of one length are from each other, in log seconds."""
MIN_EVEN_REPS = 3
"""Fewer reps have no usual length."""
SLOWEST_MEMBER = 0.85
"""Speed over that of the others below which an odd stretch is none of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """Stretches ``[start_s, end_s)`` (k,) taken for reps, and what proposed them."""

    generator: str
    start_s: Floats
    end_s: Floats

    def __len__(self) -> int:
        return int(self.start_s.size)


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """The posterior as log-odds: of each frame (n,), and of an edge at each border (n + 1,)."""

    inside: Floats
    start: Floats
    end: Floats
    border_s: Floats

    def frame_at(self, moment_s: Floats) -> Floats:
        """Return where a moment lies among the borders, in frames."""
        return np.interp(moment_s, self.border_s, np.arange(self.border_s.size))


def log_odds_of(chance: Floats) -> Floats:
    """Return bounded log-odds."""
    chance = np.clip(chance, 1e-4, 1.0 - 1e-4)
    odds: Floats = np.clip(np.log(chance / (1.0 - chance)), -LARGEST_LOG_ODDS, LARGEST_LOG_ODDS)
    return odds


def evidence_of(posterior: Posterior) -> Evidence:
    """Turn chances into scores that add up."""
    inside = log_odds_of(posterior.rep)
    start, end = (
        EDGE_WEIGHT * np.log((np.append(p, 0.0) + EDGE_FLOOR) / EDGE_USUAL)
        for p in (posterior.start, posterior.end)
    )
    # Nothing is known of what lies beyond the recording.
    start[0] = max(start[0], 0.0)
    end[-1] = max(end[-1], end[-2], 0.0)
    return Evidence(inside, start, end, posterior.frames.time_s)


def propose(signal: Signal, posterior: Posterior) -> list[Reading]:
    """List the readings of a run, without double ones.

    Parameters
    ----------
    signal : Signal
    posterior : Posterior

    Returns
    -------
    list of Reading
        Each of at least one stretch; edges where the speed has them. None of a run that is surely
        plain.
    """
    if posterior.planned < SURELY_PLAIN:
        return []
    evidence = evidence_of(posterior)
    raw = [
        ("frames", _likeliest(evidence, leaning, cost))
        for leaning, cost in itertools.product(LEANINGS, SPAN_COSTS)
    ]
    placed = _distinct([_placed(signal, name, spans) for name, spans in _distinct(raw)])
    evened = [_placed(signal, "evened", _evened(signal, evidence, spans)) for _, spans in placed]
    return [Reading(name, *spans.T) for name, spans in _distinct([*placed, *evened])]


def _distinct(raw: list[tuple[str, Floats]]) -> list[tuple[str, Floats]]:
    """Drop empty proposals and those that are there already."""
    seen: dict[bytes, tuple[str, Floats]] = {}
    for name, spans in raw:
        if spans.size:
            seen.setdefault(spans.round(1).tobytes(), (name, spans))
    return list(seen.values())


def _placed(signal: Signal, name: str, spans: Floats) -> tuple[str, Floats]:
    """Move edges to where the speed has them, join what a moment parts, drop what is too short."""
    if not spans.size:
        return name, spans
    start, end = in_order(signal, *time_edges(signal, spans[:, 0].copy(), spans[:, 1].copy()))
    apart = start[1:] - end[:-1] >= MIN_RECOVERY_S
    start, end = start[np.append(True, apart)], end[np.append(apart, True)]
    long = end - start >= MIN_REP_S
    return name, np.column_stack((start[long], end[long]))


def in_order(signal: Signal, start: Floats, end: Floats) -> tuple[Floats, Floats]:
    """Cut spans to the recording and to each other: edges that were moved may have crossed.

    Parameters
    ----------
    signal : Signal
    start, end : (k,) float64
        About in time order.

    Returns
    -------
    start, end : (k,) float64
        ``0 <= start[0] <= end[0] <= start[1] <= ... <= whole_s``; what was crossed is empty.
    """
    whole_s = float(signal.time_s[-1])
    start = np.minimum(np.maximum.accumulate(np.maximum(start, 0.0)), whole_s)
    return start, np.maximum(np.minimum(end, np.append(start[1:], whole_s)), start)


def _likeliest(evidence: Evidence, leaning: float, cost: float) -> Floats:
    """Return the spans with the highest score (k, 2), whatever the speed is cut into."""
    from intervaldetect.kernels.two_states import likeliest_spans  # noqa: PLC0415 - loads numba

    spans = likeliest_spans(
        evidence.inside + leaning, evidence.start - cost / 2, evidence.end - cost / 2
    )
    moments: Floats = evidence.border_s[spans]
    return moments


def _evened(signal: Signal, evidence: Evidence, spans: Floats) -> Floats:
    """Cut longer reps to the usual length, from the edge that leaves the surer pair.

    The usual length is the middle of those that most reps come near to, at least half of them.
    What is then much slower than the others is left out. Empty where nothing is to be cut.
    """
    nothing = np.empty((0, 2))
    if not spans.size:
        return nothing
    start, end = spans.T
    log_size = np.log(end - start)
    ordered = np.sort(log_size)
    near = np.diff(ordered.searchsorted((log_size - EVEN_LOG, log_size + EVEN_LOG)), axis=0)
    usual_log = log_size[np.argmax(near)]
    usual, longer = np.abs(log_size - usual_log) < EVEN_LOG, log_size >= usual_log + EVEN_LOG
    if np.count_nonzero(usual) < max(MIN_EVEN_REPS, len(spans) / 2) or not longer.any():
        return nothing
    size = float(np.median(end[usual] - start[usual]))
    from_end = _pair(evidence, end - size, end) >= _pair(evidence, start, start + size)
    start = np.where(longer & from_end, end - size, start)
    end = np.where(longer, start + size, end)
    metres = np.interp(end, signal.time_s, signal.distance_m)
    speed = (metres - np.interp(start, signal.time_s, signal.distance_m)) / (end - start)
    as_fast = ~longer | (speed >= SLOWEST_MEMBER * np.median(speed[usual]))
    evened: Floats = np.column_stack((start, end))[as_fast]
    return evened


def _pair(evidence: Evidence, start_s: Floats, end_s: Floats) -> Floats:
    """Return the score of a start and an end together."""
    start, end = evidence.frame_at(start_s), evidence.frame_at(end_s)
    return _near(evidence.start, start) + _near(evidence.end, end)


def _near(scores: Floats, at: Floats) -> Floats:
    """Return the best score within a few frames of each place."""
    place: Ints = np.rint(at).astype(np.int64)
    around = place[:, None] + np.arange(-NEAR_FRAMES, NEAR_FRAMES + 1)
    best: Floats = scores[np.clip(around, 0, scores.size - 1)].max(axis=1)
    return best
