"""Spans with roles -> segments that tile the activity, each with what was measured in it."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from intervaldetect.records import Floats, Role, Segment, Signal, Source

END_HR_S = 8.0
MIN_PAUSE_S = 10.0
EASY_LEAST_S = 120.0
"""Less running before and after the reps says nothing of easy pace."""
EASY_RUNNING_MPS = 1.6
"""A warm-up or cool-down slower than this was walked: walking and running part at about 2 m/s."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch ``[start_s, end_s)`` with its role, before anything is measured."""

    role: Role
    start_s: float
    end_s: float
    set: int | None = None
    rep: int | None = None
    confidence: float | None = None
    source: Source = "stream"
    start_error_s: float | None = None
    end_error_s: float | None = None


class Ruler:
    """Measures stretches of one signal: distance, moving time, heart rate, cadence, power."""

    def __init__(self, signal: Signal) -> None:
        from intervaldetect.kernels.measure import running_totals  # noqa: PLC0415 - loads numba

        self._signal = signal
        self._time = signal.time_s
        self._has_speed = bool(np.isfinite(signal.speed_mps).any())
        self._moving, self._known, self._adjusted = running_totals(
            signal.time_s, signal.paused, signal.adjusted_speed_mps
        )
        self._has_grade = bool(np.isfinite(signal.grade).any())

    def _between(self, total: Floats, start_s: float, end_s: float) -> float:
        return self._at(total, end_s) - self._at(total, start_s)

    def _at(self, total: Floats, moment_s: float) -> float:
        """Interpolate as `np.interp` does, which is slow for one moment."""
        time = self._time
        after = int(time.searchsorted(moment_s, "right"))
        if after == 0:
            return float(total.item(0))
        before = after - 1
        value = float(total.item(before))
        past = moment_s - time.item(before)
        if past == 0.0 or after == time.size:
            return value
        rise = total.item(after) - value
        return float(rise / (time.item(after) - time.item(before)) * past + value)

    def distance_m(self, start_s: float, end_s: float) -> float | None:
        """Distance run, None without any speed."""
        if not self._has_speed:
            return None
        return self._between(self._signal.distance_m, start_s, end_s)

    def moving_s(self, start_s: float, end_s: float) -> float:
        """Seconds outside pauses."""
        return self._between(self._moving, start_s, end_s)

    def effort_mps(self, start_s: float, end_s: float) -> float | None:
        """Return the mean grade-adjusted speed while moving, 0 in a pause, None without speed."""
        if not self._has_speed:
            return None
        moving = self.moving_s(start_s, end_s)
        return self._between(self._adjusted, start_s, end_s) / moving if moving > 0 else 0.0

    def lengths(
        self, spans: Sequence[tuple[float, float]]
    ) -> tuple[list[float] | list[None], list[float]]:
        """Distances, and seconds outside pauses, of many stretches."""
        from intervaldetect.kernels.measure import grown  # noqa: PLC0415 - loads numba

        start, end = np.array(spans, dtype=np.float64).reshape(-1, 2).T.copy()
        moving = grown(self._time, self._moving, start, end).tolist()
        if not self._has_speed:
            return [None] * len(moving), moving
        return grown(self._time, self._signal.distance_m, start, end).tolist(), moving

    def segments(self, spans: Sequence[Span]) -> tuple[Segment, ...]:
        """Measure spans."""
        from intervaldetect.kernels.measure import averages, growths  # noqa: PLC0415 - loads numba

        signal, time = self._signal, self._time
        start, end = (
            np.array([(span.start_s, span.end_s) for span in spans]).reshape(-1, 2).T.copy()
        )
        distance, moving, known, adjusted = growths(
            time, (signal.distance_m, self._moving, self._known, self._adjusted), start, end
        ).tolist()
        mean_hr, max_hr, end_hr, cadence, watts = map(
            _or_none,
            averages(
                time,
                signal.heart_rate_bpm,
                signal.cadence_spm,
                signal.power_w,
                start,
                end,
                END_HR_S,
            ).tolist(),
        )
        has_speed = [self._has_speed and known_s > 0 for known_s in known]
        has_grade = [self._has_grade and known_s > 0 for known_s in known]
        return tuple(
            Segment(
                role=span.role,
                start_s=span.start_s,
                end_s=span.end_s,
                start_error_s=span.start_error_s,
                end_error_s=span.end_error_s,
                distance_m=distance[k] if self._has_speed else None,
                moving_s=moving[k],
                mean_speed_mps=distance[k] / known[k] if has_speed[k] else None,
                grade_adjusted_speed_mps=adjusted[k] / known[k] if has_grade[k] else None,
                mean_hr_bpm=mean_hr[k],
                end_hr_bpm=end_hr[k],
                max_hr_bpm=max_hr[k],
                mean_cadence_spm=cadence[k],
                mean_power_w=watts[k],
                set=span.set,
                rep=span.rep,
                confidence=span.confidence,
                source=span.source,
            )
            for k, span in enumerate(spans)
        )


def _or_none(values: list[float]) -> list[float | None]:
    return [None if math.isnan(value) else value for value in values]


def long_pauses(signal: Signal) -> list[tuple[float, float]]:
    """Pauses of at least 10 s, neighbours joined."""
    if not signal.paused.any():
        return []
    edges = np.flatnonzero(np.diff(np.concatenate(([0], signal.paused.view(np.int8), [0]))))
    spans = [
        (float(signal.time_s[a]), float(signal.time_s[b]))
        for a, b in zip(edges[::2], edges[1::2], strict=True)
    ]
    return [span for span in spans if span[1] - span[0] >= MIN_PAUSE_S]


def easy_speed(ruler: Ruler, reps: Sequence[tuple[float, float]], whole_s: float) -> float | None:
    """Return the mean speed before and after the reps, None with too little running there."""
    metres = seconds = 0.0
    for start_s, end_s in ((0.0, reps[0][0]), (reps[-1][1], whole_s)) if reps else ():
        moving = ruler.moving_s(start_s, end_s)
        covered = ruler.distance_m(start_s, end_s)
        if covered is not None and covered >= EASY_RUNNING_MPS * moving:
            metres += covered
            seconds += moving
    return metres / seconds if seconds >= EASY_LEAST_S else None


def fill(
    spans: Sequence[Span], pauses: Sequence[tuple[float, float]], whole_s: float
) -> list[Span]:
    """Fill the time around the spans: warm-up before the first rep, cool-down after the last.

    Parameters
    ----------
    spans : sequence of Span
        Reps, recoveries and strides, disjoint, in time order.
    pauses : sequence of (start_s, end_s)
        Become ``pause`` where no span covers them.
    whole_s : float
        Length of the activity.
    """
    reps = [span for span in spans if span.role == "rep"]
    out: list[Span] = []
    cursor = 0.0
    for span in [*spans, Span("other", whole_s, whole_s)]:
        if span.start_s > cursor:
            role: Role = "steady"
            if reps and span.start_s <= reps[0].start_s:
                role = "warmup"
            elif reps and cursor >= reps[-1].end_s:
                role = "cooldown"
            elif reps:
                role = "recovery"
            out += _with_pauses(Span(role, cursor, span.start_s), pauses)
        if span.end_s > span.start_s:
            out.append(span)
            cursor = span.end_s
    return out


def _with_pauses(span: Span, pauses: Sequence[tuple[float, float]]) -> list[Span]:
    out: list[Span] = []
    cursor = span.start_s
    first = bisect_right(pauses, span.start_s, key=lambda pause: pause[1])
    for start, end in itertools.islice(pauses, first, None):
        if start >= span.end_s:
            break
        a, b = max(start, cursor), min(end, span.end_s)
        if b - a < MIN_PAUSE_S:
            continue
        if a > cursor:
            out.append(Span(span.role, cursor, a))
        out.append(Span("pause", a, b))
        cursor = b
    if span.end_s > cursor:
        out.append(Span(span.role, cursor, span.end_s))
    return out
