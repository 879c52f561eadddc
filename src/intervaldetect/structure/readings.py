"""Readings of a run: proposals of which stretches were the reps.

A reading is a list of disjoint stretches and nothing more; `structure.judge` decides between them.
Each is the likeliest way through what the net says frame by frame, asked more and less generously.
Where most reps of a reading are of one length, it is proposed once more with longer ones cut to it
(a warm-up that runs into the first rep is cut off), and once more with reps that are due.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from statistics import median

import numpy as np

from intervaldetect.records import Bools, Floats, Ints, Signal
from intervaldetect.structure.edges import time_edges
from intervaldetect.structure.frames import FRAME_S
from intervaldetect.structure.net import SURELY_PLAIN, Posterior
from intervaldetect.structure.sets import MIN_ALIKE

LEANINGS = (-3.0, -1.5, 0.0, 1.5, 3.0)
"""Log-odds a frame by which a reading believes more or less in reps."""
SPAN_COSTS = (1.0, 10.0)
"""What a rep has to be worth, in log-odds of frames."""
EDGE_WEIGHT = 2.0
"""Weight of an edge's log-odds beside those of a frame, and of the mean frame of a due rep."""
EDGE_FLOOR, EDGE_USUAL = 0.02, 0.12
LARGEST_LOG_ODDS = 4.0
NEAR_FRAMES = 4
MIN_REP_S = 8.0
MIN_RECOVERY_S = 10.0
"""A shorter gap is a moment inside one rep, a shorter stop no pause."""
EVEN_LOG = 0.12
"""How far reps of one length are from each other, in log seconds, so in log speed."""
DUE_REACH = 0.1
"""How far from its place a due rep is sought, as a share of the interval."""
SLOWEST_MEMBER = 0.85
"""Speed over that of the reps below which an odd stretch, or a lap, is none of them."""


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
    """The posterior as log-odds: of each frame (n,), and of an edge at each border (n + 1,).

    ``start_near`` and ``end_near`` (n + 1,) are the highest of an edge nearby, ``total`` (n + 1,)
    is the running total of ``inside``.
    """

    inside: Floats
    start: Floats
    end: Floats
    start_near: Floats
    end_near: Floats
    border_s: Floats
    total: Floats

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
    return Evidence(
        inside,
        start,
        end,
        highest_near(start, NEAR_FRAMES),
        highest_near(end, NEAR_FRAMES),
        posterior.frames.time_s,
        running_total(inside),
    )


def propose(signal: Signal, posterior: Posterior) -> list[Reading]:
    """List the readings of a run, without double ones; none of a run that is surely plain.

    Each has at least one stretch, with edges where the speed has them.
    """
    if posterior.planned < SURELY_PLAIN:
        return []
    evidence = evidence_of(posterior)
    raw = [
        ("frames", _likeliest(evidence, leaning, cost))
        for leaning, cost in itertools.product(LEANINGS, SPAN_COSTS)
    ]
    placed = _distinct(_placed(signal, _distinct(raw)))
    for name, change in (("evened", _evened), ("filled", _filled)):
        made = [(name, change(signal, evidence, spans)) for _, spans in placed]
        placed = _distinct([*placed, *_placed(signal, made)])
    return [Reading(name, *spans.T) for name, spans in placed]


def _distinct(raw: list[tuple[str, Floats]]) -> list[tuple[str, Floats]]:
    """Drop empty proposals and those that are there already."""
    seen: dict[bytes, tuple[str, Floats]] = {}
    for name, spans in raw:
        if spans.size:
            seen.setdefault(spans.round(1).tobytes(), (name, spans))
    return list(seen.values())


def _placed(signal: Signal, proposed: list[tuple[str, Floats]]) -> list[tuple[str, Floats]]:
    """Move edges to where the speed has them, join what a moment parts, drop what is too short."""
    proposed = [(name, spans) for name, spans in proposed if spans.size]
    if not proposed:
        return []
    first = [0, *itertools.accumulate(len(spans) for _, spans in proposed)][:-1]
    start, end = np.concatenate([spans for _, spans in proposed]).T.copy()
    moved = time_edges(signal, start, end, first)
    parts = zip(*(np.split(edges, first[1:]) for edges in moved), strict=True)
    return [
        (name, _joined(*in_order(signal, *part)))
        for (name, _), part in zip(proposed, parts, strict=True)
    ]


def _joined(start: Floats, end: Floats) -> Floats:
    apart = start[1:] - end[:-1] >= MIN_RECOVERY_S
    start, end = start[np.append(True, apart)], end[np.append(apart, True)]
    long = end - start >= MIN_REP_S
    return np.column_stack((start[long], end[long]))


def in_order(signal: Signal, start: Floats, end: Floats) -> tuple[Floats, Floats]:
    """Cut spans (k,) to the recording and to each other: edges that were moved may have crossed.

    Then ``0 <= start[0] <= end[0] <= start[1] <= ... <= whole_s``; what was crossed is empty.
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

    What is then much slower than the others is left out. Empty where nothing is to be cut.
    """
    start, end = spans.T
    size, usual = _usual(end - start)
    longer = ~usual & (end - start > size)
    if not _enough(usual) or not longer.any():
        return spans[:0]
    early, late = (
        _pair(evidence, evidence.frame_at(begin), evidence.frame_at(begin + size))
        for begin in (start, end - size)
    )
    from_end = late >= early
    start = np.where(longer & from_end, end - size, start)
    end = np.where(longer, start + size, end)
    quick = _quick_enough(signal, start, end, usual)
    evened: Floats = np.column_stack((start, end))[~longer | quick]
    return evened


def _filled(signal: Signal, evidence: Evidence, spans: Floats) -> Floats:
    """Add reps that are due: reps of one length at one interval, before, between and after.

    Each is placed where the evidence is best within a tenth of the interval. What is much slower
    than the others is left out. Empty where no rep is due.
    """
    start, end = spans.T
    size, usual = _usual(end - start)
    if not _enough(usual):
        return spans[:0]
    interval_s, regular = _usual(np.diff(start))
    if np.count_nonzero(regular) < MIN_ALIKE - 1:
        return spans[:0]
    twice = np.flatnonzero(np.abs(np.diff(start) - 2 * interval_s) < interval_s / 4)
    due = [
        (start[twice] + start[twice + 1]) / 2,
        start[:1][usual[:1]] - interval_s,
        start[-1:][usual[-1:]] + interval_s,
    ]
    first = _best_near(signal, evidence, np.concatenate(due), size, DUE_REACH * interval_s)
    free = (first[:, None] >= end + MIN_RECOVERY_S) | (
        first[:, None] + size <= start - MIN_RECOVERY_S
    )
    first = first[free.all(axis=1)]
    quick = _quick_enough(signal, np.append(start, first), np.append(end, first + size), usual)
    first = first[quick[start.size :]]
    both = np.concatenate((spans, np.column_stack((first, first + size))))
    filled: Floats = both[np.argsort(both[:, 0])]
    return filled if first.size else spans[:0]


def _enough(usual: Bools) -> bool:
    """Whether most reps, and not too few, are of the usual length."""
    return bool(np.count_nonzero(usual) >= max(MIN_ALIKE, usual.size / 2))


def _best_near(
    signal: Signal, evidence: Evidence, due_s: Floats, size_s: float, reach_s: float
) -> Floats:
    """Return where the evidence is best for stretches of one length that are due, if it can lie."""
    latest = float(signal.time_s[-1]) - size_s
    due_s = due_s[(due_s >= -reach_s) & (due_s <= latest + reach_s)]
    steps = int(reach_s / FRAME_S)
    shift = FRAME_S * np.array(sorted(range(-steps, steps + 1), key=abs))  # of equals the nearest
    tried = np.clip(due_s[:, None] + shift, 0.0, max(latest, 0.0))
    best = np.argmax(_worth(evidence, tried, tried + size_s).round(6), axis=1)
    start: Floats = tried[np.arange(due_s.size), best]
    return start


def _usual(lengths: Floats) -> tuple[float, Bools]:
    """Return the middle of those lengths that most come near to, and which those are."""
    log_length = np.log(lengths)
    ordered = np.sort(log_length)
    first = ordered.searchsorted(log_length - EVEN_LOG)
    near = ordered.searchsorted(log_length + EVEN_LOG) - first
    usual: Bools = np.abs(log_length - log_length[np.argmax(near)]) < EVEN_LOG
    return median(lengths[usual].tolist()), usual


def _quick_enough(signal: Signal, start: Floats, end: Floats, usual: Bools) -> Bools:
    """Say which stretches are hardly slower than the usual ones, which are among the first."""
    metres = np.interp(end, signal.time_s, signal.distance_m)
    speed = (metres - np.interp(start, signal.time_s, signal.distance_m)) / (end - start)
    quick: Bools = speed >= SLOWEST_MEMBER * median(speed[: usual.size][usual].tolist())
    return quick


def _worth(evidence: Evidence, start_s: Floats, end_s: Floats) -> Floats:
    """Return how well stretches would do as reps: by their inside and their edges."""
    first, last = evidence.frame_at(start_s), evidence.frame_at(end_s)
    inside = grown(evidence.total, first, last)
    worth: Floats = EDGE_WEIGHT * inside / np.maximum(last - first, 1.0)
    return worth + _pair(evidence, first, last)


def _pair(evidence: Evidence, first: Floats, last: Floats) -> Floats:
    """Return the score of a start and an end together, given in frames."""
    return at_places(evidence.start_near, first) + at_places(evidence.end_near, last)


def highest_near(scores: Floats, reach: int) -> Floats:
    """Return for every place the highest score within so many frames of it."""
    best = scores.copy()
    for step in range(1, min(reach, scores.size - 1) + 1):
        np.maximum(best[step:], scores[:-step], out=best[step:])
        np.maximum(best[:-step], scores[step:], out=best[:-step])
    return best


def at_places(scores: Floats, at: Floats) -> Floats:
    """Return the scores at the places nearest to these, given in frames."""
    places: Ints = np.rint(at).astype(np.int64)
    found: Floats = scores[np.minimum(places, scores.size - 1)]
    return found


def running_total(values: Floats) -> Floats:
    """Return the sums of the first 0, 1, ... n values (n + 1,)."""
    return np.concatenate(([0.0], np.cumsum(values)))


def grown(total: Floats, first: Floats, last: Floats) -> Floats:
    """Return what a running total by frames grows from one place to another."""
    border = np.arange(total.size)
    return np.interp(last, border, total) - np.interp(first, border, total)
