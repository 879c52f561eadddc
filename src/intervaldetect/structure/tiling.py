"""Spans with roles -> segments that tile the activity, each with what was measured in it."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from intervaldetect.records import Floats, Role, Segment, Signal, Source
from intervaldetect.structure.frames import RUNNING_MPS
from intervaldetect.structure.readings import MIN_RECOVERY_S
from intervaldetect.structure.sets import Effort

END_HR_S = 8.0
LITTLE_S = 120.0
"""Less running says nothing of easy pace, and one or two reps of less make no session."""
DECIMALS = 3
"""Files tell time to the millisecond, and so do segments; what is shorter is dust of reckoning."""
Measure = Callable[[float, float], float | None]
"""Tells one thing of the stretch between two elapsed times, None where it is not known."""


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

        self.signal, self.whole_s = signal, float(signal.time_s[-1])
        self._has_speed = bool(np.isfinite(signal.speed_mps).any())
        self._has_grade = bool(np.isfinite(signal.grade).any())
        self._moving, self._known, self._adjusted = running_totals(
            signal.time_s, signal.paused, signal.adjusted_speed_mps
        )

    def _between(self, total: Floats, start_s: float, end_s: float) -> float:
        start, end = np.interp((start_s, end_s), self.signal.time_s, total).tolist()
        return float(end - start)

    def distance_m(self, start_s: float, end_s: float) -> float | None:
        """Distance run, None without any speed."""
        if not self._has_speed:
            return None
        return self._between(self.signal.distance_m, start_s, end_s)

    def effort_mps(self, start_s: float, end_s: float) -> float | None:
        """Return the mean grade-adjusted speed while moving, 0 in a pause, None without speed."""
        if not self._has_speed:
            return None
        moving = self._between(self._moving, start_s, end_s)
        return self._between(self._adjusted, start_s, end_s) / moving if moving > 0 else 0.0

    def efforts(self, spans: Sequence[tuple[float, float]]) -> list[Effort]:
        """Measure distance, and seconds outside pauses, of stretches."""
        edges = np.reshape(np.array(spans, dtype=np.float64), (-1, 2))
        moving, metres = (
            np.diff(np.interp(edges, self.signal.time_s, total), axis=1).ravel().tolist()
            for total in (self._moving, self.signal.distance_m)
        )
        known = metres if self._has_speed else [None] * len(metres)
        return [Effort(*span, m, s) for span, m, s in zip(spans, known, moving, strict=True)]

    def segments(self, around: Sequence[Span]) -> tuple[Segment, ...]:
        """Measure spans, and what fills the time around them: see `fill`."""
        from intervaldetect.kernels.measure import averages, growths  # noqa: PLC0415 - loads numba

        signal, time = self.signal, self.signal.time_s
        spans = fill(around, long_pauses(signal), self.whole_s)
        start, end = np.array([(s.start_s, s.end_s) for s in spans]).reshape(-1, 2).T.copy()
        totals = (signal.distance_m, self._moving, self._known, self._adjusted)
        distance, moving, known, adjusted = growths(time, totals, start, end).tolist()
        sensors = (signal.heart_rate_bpm, signal.cadence_spm, signal.power_w)
        told = [map(_or_none, row) for row in averages(time, *sensors, start, end, END_HR_S).T]
        has_speed = [self._has_speed and seconds > 0 for seconds in known]
        has_grade = [self._has_grade and seconds > 0 for seconds in known]
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
                mean_hr_bpm=mean_hr,
                end_hr_bpm=end_hr,
                max_hr_bpm=max_hr,
                mean_cadence_spm=cadence,
                mean_power_w=watts,
                set=span.set,
                rep=span.rep,
                confidence=span.confidence,
                source=span.source,
            )
            for k, (span, (mean_hr, max_hr, end_hr, cadence, watts)) in enumerate(
                zip(spans, told, strict=True)
            )
        )


def _or_none(value: np.float64) -> float | None:
    return None if math.isnan(value) else float(value)


def with_recoveries(reps: Sequence[Span], groups: Sequence[Sequence[int]]) -> list[Span]:
    """Give reps their places in the sets, and put the recoveries between them."""
    place = [(n, r) for n, group in enumerate(groups, 1) for r in range(1, len(group) + 1)]
    spans = [replace(span, set=n, rep=r) for span, (n, r) in zip(reps, place, strict=True)]
    rests = [
        Span("recovery", a.end_s, b.start_s, a.set, a.rep) for a, b in itertools.pairwise(spans)
    ]
    return [*spans, *rests]


def long_pauses(signal: Signal) -> list[tuple[float, float]]:
    """Pauses of at least 10 s, neighbours joined."""
    if not signal.paused.any():
        return []
    edges = np.flatnonzero(np.diff(np.concatenate(([0], signal.paused.view(np.int8), [0]))))
    start, end = signal.time_s[edges].reshape(-1, 2).T
    long = end - start >= MIN_RECOVERY_S
    return list(zip(start[long].tolist(), end[long].tolist(), strict=True))


def easy_speed(ruler: Ruler, reps: Sequence[Effort]) -> float | None:
    """Return the mean speed before and after the reps, None with too little running there.

    What was slower than running, on the whole, was a walk there or home.
    """
    around = ruler.efforts([(0.0, reps[0].start_s), (reps[-1].end_s, ruler.whole_s)])
    run = [part for part in around if (part.speed_mps or 0.0) >= RUNNING_MPS]
    seconds = sum(part.moving_s for part in run)
    metres = sum(part.distance_m or 0.0 for part in run)
    return metres / seconds if seconds >= LITTLE_S else None


def fill(
    spans: Sequence[Span], pauses: Sequence[tuple[float, float]], whole_s: float
) -> list[Span]:
    """Fill the time around disjoint spans: warm-up before the first rep, cool-down after the last.

    ``pauses`` become segments where no span covers them; ``whole_s`` is the activity's length.
    What would last no millisecond belongs to its neighbour.
    """
    spans = sorted(spans, key=lambda span: span.start_s)
    reps = [span for span in spans if span.role == "rep"]
    out: list[Span] = []
    cursor = 0.0
    for span in [*spans, Span("other", whole_s, whole_s)]:
        role: Role = "recovery" if reps else "steady"
        if reps and span.start_s <= reps[0].start_s:
            role = "warmup"
        elif reps and cursor >= reps[-1].end_s:
            role = "cooldown"
        out += _with_pauses(Span(role, cursor, span.start_s), pauses)
        if span.end_s > span.start_s:
            out.append(span)
            cursor = span.end_s
    return _without_dust(out)


def _without_dust(spans: Sequence[Span]) -> list[Span]:
    """Give what lasts no millisecond to the span before it, at the start to the one after."""
    out: list[Span] = []
    start_s = 0.0
    for span in spans:
        if round(start_s, DECIMALS) < round(span.end_s, DECIMALS):
            out.append(span if span.start_s == start_s else replace(span, start_s=start_s))
            start_s = span.end_s
        elif out:
            out[-1] = replace(out[-1], end_s=span.end_s)
            start_s = span.end_s
    return out


def _with_pauses(span: Span, pauses: Sequence[tuple[float, float]]) -> Iterator[Span]:
    cursor = span.start_s
    first = bisect_right(pauses, span.start_s, key=lambda pause: pause[1])
    for start, end in itertools.islice(pauses, first, None):
        if start >= span.end_s:
            break
        a, b = max(start, cursor), min(end, span.end_s)
        if b - a < MIN_RECOVERY_S:
            continue
        if a > cursor:
            yield Span(span.role, cursor, a)
        yield Span("pause", a, b)
        cursor = b
    if span.end_s > cursor:
        yield Span(span.role, cursor, span.end_s)
