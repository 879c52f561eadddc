"""Readings of a run: each generator proposes which stretches were the reps.

A reading is a list of disjoint stretches and nothing more; `structure.judge` decides between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from intervaldetect.records import Floats, Ints, Pieces, Signal
from intervaldetect.structure.candidates import find_candidates
from intervaldetect.structure.edges import time_edges
from intervaldetect.structure.net import Posterior

LEANINGS = {"net": 0.0, "net_generous": 1.5, "net_strict": -1.5}
"""Log-odds per frame by which a generator believes in reps."""
EDGE_WEIGHT = 2.0
EDGE_FLOOR, EDGE_USUAL = 0.02, 0.12
SPAN_COST = 3.0
"""What a rep has to be worth, in log-odds of frames."""
LARGEST_LOG_ODDS = 4.0
NEAR_FRAMES = 4
SHORTEST_S = 8.0
JOIN_S = 12.0
"""Shorter gaps between stretches may be a stop inside one rep."""


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


def evidence_of(posterior: Posterior) -> Evidence:
    """Turn chances into scores that add up."""
    rep = np.clip(posterior.rep, 1e-4, 1.0 - 1e-4)
    inside = np.clip(np.log(rep / (1.0 - rep)), -LARGEST_LOG_ODDS, LARGEST_LOG_ODDS)
    start, end = (
        EDGE_WEIGHT * np.log((np.append(p, 0.0) + EDGE_FLOOR) / EDGE_USUAL)
        for p in (posterior.start, posterior.end)
    )
    # Nothing is known of what lies beyond the recording.
    start[0] = max(start[0], 0.0)
    end[-1] = max(end[-1], end[-2], 0.0)
    return Evidence(inside, start, end, posterior.frames.time_s)


def propose(signal: Signal, posterior: Posterior, cuts: Sequence[tuple[str, Pieces]]) -> list[Reading]:
    """List the readings of a run, without double ones.

    Parameters
    ----------
    signal : Signal
    posterior : Posterior
    cuts : sequence of (name, Pieces)
        The run cut in one channel or another.

    Returns
    -------
    list of Reading
        Each of at least one stretch; edges where the speed has them.
    """
    evidence = evidence_of(posterior)
    found = [
        Reading(name, *_likeliest(evidence, leaning)) for name, leaning in LEANINGS.items()
    ]
    found.append(Reading("net_joined", *_joined(found[0])))
    found += [
        Reading(name, *_of_candidates(signal, pieces, evidence, leaning))
        for name, pieces in cuts
        for leaning in (0.0,)
    ]
    out: list[Reading] = []
    for reading in found:
        start, end = time_edges(signal, reading.start_s, reading.end_s)
        long = end - start >= SHORTEST_S
        placed = Reading(reading.generator, start[long], end[long])
        if len(placed) and not any(_same(placed, other) for other in out):
            out.append(placed)
    return out


def _same(one: Reading, other: Reading) -> bool:
    return len(one) == len(other) and bool(
        np.allclose(one.start_s, other.start_s, atol=0.5)
        and np.allclose(one.end_s, other.end_s, atol=0.5)
    )


def _likeliest(evidence: Evidence, leaning: float) -> tuple[Floats, Floats]:
    """Return the spans with the highest score, whatever the speed is cut into."""
    from intervaldetect.kernels.two_states import likeliest_spans  # noqa: PLC0415 - loads numba

    spans = likeliest_spans(
        evidence.inside + leaning, evidence.start - SPAN_COST / 2, evidence.end - SPAN_COST / 2
    )
    return evidence.border_s[spans[:, 0]], evidence.border_s[spans[:, 1]]


def _joined(reading: Reading) -> tuple[Floats, Floats]:
    """Join stretches that are parted by a moment only."""
    apart = reading.start_s[1:] - reading.end_s[:-1] > JOIN_S
    return (
        reading.start_s[np.append(True, apart)[: len(reading)]],
        reading.end_s[np.append(apart, True)[: len(reading)]],
    )


def _of_candidates(
    signal: Signal, pieces: Pieces, evidence: Evidence, leaning: float
) -> tuple[Floats, Floats]:
    """Return the disjoint stretches of a cut that the net believes in most."""
    from intervaldetect.kernels.disjoint import best_disjoint  # noqa: PLC0415 - loads numba

    candidates = find_candidates(signal, pieces)
    total = np.concatenate(([0.0], np.cumsum(evidence.inside + leaning)))
    borders = np.arange(total.size)
    first, last = evidence.frame_at(candidates.start_s), evidence.frame_at(candidates.end_s)
    scores = np.interp(last, borders, total) - np.interp(first, borders, total)
    scores += _near(evidence.start, first) + _near(evidence.end, last) - SPAN_COST
    chosen = best_disjoint(candidates.first, candidates.last, scores)
    return candidates.start_s[chosen], candidates.end_s[chosen]


def _near(scores: Floats, at: Floats) -> Floats:
    """Return the best score within a few frames of each place."""
    place: Ints = np.rint(at).astype(np.int64)
    around = place[:, None] + np.arange(-NEAR_FRAMES, NEAR_FRAMES + 1)
    best: Floats = scores[np.clip(around, 0, scores.size - 1)].max(axis=1)
    return best


