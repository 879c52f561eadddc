"""Spans with roles -> segments that tile the activity, each with what was measured in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from intervaldetect.records import Floats, Role, Segment, Signal, Source
from intervaldetect.structure.evidence import running_sums

END_HR_S = 8.0
MIN_PAUSE_S = 10.0


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
        self._signal = signal
        self._time = time = signal.time_s
        seconds = np.diff(time)
        self._has_speed = bool(np.isfinite(signal.speed_mps).any())
        _, self._moving = running_sums(seconds, (~signal.paused).astype(np.float64))
        self._known, self._adjusted = running_sums(signal.adjusted_speed_mps, seconds)
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

    def segment(self, span: Span) -> Segment:
        """Measure a span."""
        signal = self._signal
        distance = self.distance_m(span.start_s, span.end_s)
        known_s = self._between(self._known, span.start_s, span.end_s)
        late_s = max(span.end_s - END_HR_S, span.start_s)
        start, end, late = self._time.searchsorted((span.start_s, span.end_s, late_s)).tolist()
        inside = slice(start, end)
        hr = _known(signal.heart_rate_bpm[inside])
        adjusted = self._between(self._adjusted, span.start_s, span.end_s)
        return Segment(
            role=span.role,
            start_s=span.start_s,
            end_s=span.end_s,
            start_error_s=span.start_error_s,
            end_error_s=span.end_error_s,
            distance_m=distance,
            moving_s=self.moving_s(span.start_s, span.end_s),
            mean_speed_mps=distance / known_s if distance is not None and known_s > 0 else None,
            grade_adjusted_speed_mps=adjusted / known_s
            if self._has_grade and known_s > 0
            else None,
            mean_hr_bpm=_mean(hr),
            end_hr_bpm=_mean(_known(signal.heart_rate_bpm[late : end + 1])),
            max_hr_bpm=float(hr.max()) if hr.size else None,
            mean_cadence_spm=_mean(_known(signal.cadence_spm[inside])),
            mean_power_w=_mean(_known(signal.power_w[inside])),
            set=span.set,
            rep=span.rep,
            confidence=span.confidence,
            source=span.source,
        )


def _known(values: Floats) -> Floats:
    return values[np.isfinite(values)]


def _mean(values: Floats) -> float | None:
    return float(np.add.reduce(values) / values.size) if values.size else None


def long_pauses(signal: Signal) -> list[tuple[float, float]]:
    """Pauses of at least 10 s, neighbours joined."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], signal.paused.view(np.int8), [0]))))
    spans = [
        (float(signal.time_s[a]), float(signal.time_s[b]))
        for a, b in zip(edges[::2], edges[1::2], strict=True)
    ]
    return [span for span in spans if span[1] - span[0] >= MIN_PAUSE_S]


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
    for start, end in pauses:
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
