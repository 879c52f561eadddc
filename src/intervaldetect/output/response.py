"""Signal and segments -> how the heart answered: its drop after reps, and decoupling from pace.

**Recovery** is the heart rate at the end of a rep less that 30 and 60 s later, each the mean of 8 s
(the first as printed with the rep). **Decoupling** is speed over heart rate of the first half over
that of the second, minus 1: 0.05 means that a heartbeat buys 5 % less speed. Heart rate settles
with a time constant of 33 s, 8 s late, so that it is sought from the second minute of a rep on, and
from the tenth of a run.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from intervaldetect.records import Floats, Segment, Signal

AFTER_S = (30.0, 60.0)
HALF_WINDOW_S = 4.0
MAX_HOLE_S = 10.0
"""Farther from a known heart rate than this none is taken for known."""
SETTLED_S, REP_S = 120.0, 360.0
"""Where heart rate has settled in a rep, and the shortest with two halves of two minutes then."""
WARM_S, RUN_S = 600.0, 3600.0
"""Where a run has warmed up, and the shortest steady part that counts as long."""
KNOWN_SHARE = 0.9
UNEVEN, PIECE_S = 0.08, 300.0
"""Relative spread of the speed of five minutes beyond which a run was not steady."""
FRESH_S = (600.0, 1200.0)
LATE_S = {"60_min": (3300.0, 3900.0), "90_min": (5100.0, 5700.0)}
NO_HEART_RATE = "no heart rate with speed"
NO_LONG_REP = "no rep of six minutes"
NO_LONG_RUN = "no steady part of an hour"
NOT_STEADY = "speed changed by more than 8 % between five minutes and the next"


class Means(NamedTuple):
    """Mean speed and heart rate over the time in which both are known."""

    speed_mps: float
    hr_bpm: float
    known_s: float


class Response:
    """Answers for one signal of n intervals."""

    def __init__(self, signal: Signal) -> None:
        self._signal = signal
        time, rate = signal.time_s, signal.heart_rate_bpm
        known = np.isfinite(rate)
        self._time, self._rate = time[known], rate[known]
        middle = (
            np.interp(time[:-1] + 0.5 * np.diff(time), self._time, self._rate)
            if (known.any())
            else np.full(max(time.size - 1, 0), np.nan)
        )
        usable = signal.valid & ~signal.paused & np.isfinite(signal.adjusted_speed_mps)
        usable = usable & np.isfinite(middle) & (known[:-1] | known[1:])
        self._seconds = np.where(usable, np.diff(time), 0.0)
        self._sums = tuple(
            np.concatenate(([0.0], np.cumsum(np.where(usable, values, 0.0) * self._seconds)))
            for values in (np.ones(usable.size), signal.adjusted_speed_mps, middle)
        )

    def drops(self, segments: Sequence[Segment]) -> list[tuple[float | None, ...]]:
        """Return for each segment the drop of heart rate in 30 and 60 s after it, in bpm.

        Parameters
        ----------
        segments : sequence of Segment
            In order of time. Only reps have a drop, and only as long as the next has not begun.
        """
        starts = [segment.start_s for segment in segments if segment.role == "rep"]
        starts.append(math.inf)
        out: list[tuple[float | None, ...]] = []
        reps = 0
        for segment in segments:
            if segment.role != "rep":
                out.append((None, None))
                continue
            reps += 1
            out.append(tuple(self._drop(segment, after, starts[reps]) for after in AFTER_S))
        return out

    def _drop(self, segment: Segment, after_s: float, next_s: float) -> float | None:
        end, moment = segment.end_hr_bpm, segment.end_s + after_s
        if end is None or moment > next_s:
            return None
        later = self._rate_at(moment)
        return None if later is None else end - later

    def _rate_at(self, moment: float) -> float | None:
        """Return the mean heart rate of 8 s around a moment, None in a hole of the record."""
        at = int(np.searchsorted(self._time, moment))
        if at in (0, self._time.size):
            return None
        if max(moment - self._time[at - 1], self._time[at] - moment) > MAX_HOLE_S:
            return None
        around = moment + np.arange(-HALF_WINDOW_S, HALF_WINDOW_S + 0.5)
        return float(np.interp(around, self._time, self._rate).mean())

    def decoupling(self, start_s: float, end_s: float) -> float | None:
        """Return how far heart rate left pace from the first half to the second.

        None where a tenth of either half is not known.
        """
        middle = 0.5 * (start_s + end_s)
        first, second = self.means(start_s, middle), self.means(middle, end_s)
        least = KNOWN_SHARE * (middle - start_s)
        if min(first.known_s, second.known_s) < least or second.speed_mps <= 0.0:
            return None
        return first.speed_mps / first.hr_bpm * second.hr_bpm / second.speed_mps - 1.0

    def means(self, start_s: float, end_s: float) -> Means:
        """Return means over ``[start_s, end_s)``; NaN where nothing is known."""
        known, speed, rate = (
            float(grown[0]) for grown in self._grown(np.array([start_s]), np.array([end_s]))
        )
        if known <= 0.0:
            return Means(math.nan, math.nan, 0.0)
        return Means(speed / known, rate / known, known)

    def speeds(self, edges_s: Floats) -> Floats:
        """Return the mean speed from each edge to the next, of the stretches it is known in."""
        known, metres, _ = self._grown(edges_s[:-1], edges_s[1:])
        return metres[known > 0.0] / known[known > 0.0]

    def _grown(self, start_s: Floats, end_s: Floats) -> list[Floats]:
        """Return by how much each sum grows over ``[start_s, end_s)``."""
        time = self._signal.time_s
        return [
            np.interp(end_s, time, sums) - np.interp(start_s, time, sums) for sums in self._sums
        ]

    def durability(self, segments: Sequence[Segment]) -> dict[str, Any]:
        """Return decoupling of pace and heart rate: in reps, or over the steady part of a long run.

        Returns
        -------
        dict
            ``scope`` (``reps``, ``run``, None), ``decoupling`` (mean of reps by their time),
            ``over_s`` (the time it was measured on), ``parts`` (of a run: ``from_s``, ``speed_mps``
            and ``hr_bpm`` fresh and after 60 and 90 min of the steady part), ``withheld`` (why
            there is none).
        """
        if not self._seconds.any():
            return _withheld(NO_HEART_RATE)
        if any(segment.role == "rep" for segment in segments):
            return _inside_reps(self, segments)
        return _over_run(self, segments)


def _withheld(reason: str) -> dict[str, Any]:
    return {"scope": None, "decoupling": None, "over_s": None, "parts": [], "withheld": reason}


def _inside_reps(response: Response, segments: Sequence[Segment]) -> dict[str, Any]:
    total = over = 0.0
    for rep in segments:
        if rep.role != "rep" or rep.end_s - rep.start_s < REP_S:
            continue
        value = response.decoupling(rep.start_s + SETTLED_S, rep.end_s)
        if value is not None:
            seconds = rep.end_s - rep.start_s - SETTLED_S
            total, over = total + value * seconds, over + seconds
    if not over:
        return _withheld(NO_LONG_REP)
    return {
        "scope": "reps", "decoupling": total / over, "over_s": over, "parts": [], "withheld": None,
    }  # fmt: skip


def _over_run(response: Response, segments: Sequence[Segment]) -> dict[str, Any]:
    steady = max(
        (segment for segment in segments if segment.role == "steady"),
        key=lambda segment: segment.end_s - segment.start_s,
        default=None,
    )
    if steady is None or steady.end_s - steady.start_s < RUN_S:
        return _withheld(NO_LONG_RUN)
    start, end = steady.start_s + WARM_S, steady.end_s
    if _spread(response, start, end) > UNEVEN:
        return _withheld(NOT_STEADY)
    value = response.decoupling(start, end)
    if value is None:
        return _withheld(NO_HEART_RATE)
    parts = []
    for low, high in (FRESH_S, *LATE_S.values()):
        part = response.means(steady.start_s + low, steady.start_s + high)
        if steady.start_s + high <= end and part.known_s >= KNOWN_SHARE * (high - low):
            parts.append({"from_s": low, "speed_mps": part.speed_mps, "hr_bpm": part.hr_bpm})
    return {
        "scope": "run", "decoupling": value, "over_s": end - start, "parts": parts,
        "withheld": None,
    }  # fmt: skip


def _spread(response: Response, start_s: float, end_s: float) -> float:
    """Return the relative spread of the speeds of whole five minutes."""
    speeds = response.speeds(np.arange(start_s, end_s + 1.0, PIECE_S))
    return float(speeds.std() / speeds.mean()) if speeds.size > 1 else math.inf
