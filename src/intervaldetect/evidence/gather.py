"""Signal and Workout -> SessionEvidence: curves, reps and habits of one session."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from intervaldetect.clean import cost_ratio
from intervaldetect.evidence import (
    BEST_DISTANCES_M,
    HR_DURATIONS_S,
    NO_HEART_RATE,
    SPEED_DURATIONS_S,
)
from intervaldetect.kernels.interpolation import interpolate, shortest_time
from intervaldetect.kernels.sums import best_mean
from intervaldetect.medians import in_places, median
from intervaldetect.records import (
    Activity,
    Bools,
    Floats,
    RepEvidence,
    Segment,
    SessionEvidence,
    Signal,
    Workout,
)

PEAK_HR_S = 10.0

STEP_S = 2.0
# Grade is taken over this much time, and this much climb is within an altimeter's error.
GRADE_HALF_S = 40.0
CLIMB_NOISE_M = 3.0
NOISY_ALTITUDE_M = 2.5
MIN_KNOWN = 0.9
HR_GAP_S = 30.0
MAX_HR_BPM = 220.0
END_HR_S = 8.0
# Heart rate within so much of the cadence for a whole minute counts as locked to it.
LOCK_BPM = 3.0
LOCK_S = 60.0
LOCKED_SHARE = 0.35
KEPT_SHARE = 0.5
DOUBTFUL_SHARE = 0.75
RUNNING_SHARE = 0.5
TREADMILLS = frozenset({"treadmill", "indoor_running"})


def session_evidence(
    activity: Activity,
    signal: Signal,
    workout: Workout,
    *,
    temperature_c: float | None = None,
) -> SessionEvidence:
    """Gather the evidence of one session.

    Parameters
    ----------
    activity : Activity
        For its start, sub-sport and, as a comparison, the watch's own judgement.
    signal : Signal
        n intervals.
    workout : Workout
        Of the same signal.
    temperature_c : float, optional
        As the device measured it.

    Returns
    -------
    SessionEvidence
        Values that cannot be known are None; ``doubts`` says why.
    """
    ground = _Ground(signal)
    heart = _Heart(signal, ground.grid)
    reps = _reps(workout, ground, heart)
    around = [s for s in workout.segments if s.role in ("warmup", "cooldown")]
    typical = ground.typical()
    hr_curve = tuple(heart.best(span) for span in HR_DURATIONS_S)
    spread, trend = ground.shape()
    return SessionEvidence(
        start_time=activity.start_time,
        elapsed_s=float(signal.time_s[-1]),
        moving_s=ground.moving_s,
        speed_curve_mps=tuple(ground.best(span) for span in SPEED_DURATIONS_S),
        hr_curve_bpm=hr_curve,
        best_times_s=tuple(ground.best_time(length) for length in BEST_DISTANCES_M),
        steady=() if reps else _steady(ground, heart),
        reps=reps,
        typical_speed_mps=typical,
        easy_speed_mps=_easy_speed(ground, around) if reps else None,
        median_hr_bpm=heart.median(),
        peak_hr_bpm=heart.best(PEAK_HR_S),
        speed_spread=spread,
        speed_trend=trend,
        hr_drift=_drift(ground, heart),
        strides=sum(segment.role == "stride" for segment in workout.segments),
        shape=workout.shape,
        structured_probability=workout.structured_probability,
        claimed=bool(workout.sets),
        sport=activity.sport,
        treadmill=(activity.sub_sport or "") in TREADMILLS,
        climb_share=ground.climb_share,
        temperature_c=temperature_c,
        benefit=activity.session.benefit,
        findings=workout.evidence,
        doubts=(*ground.doubts, *heart.doubts),
    )


# --- speed ---------------------------------------------------------------------------------------


class _Ground:
    """Grade-adjusted running on a grid of 2 s, as running sums: any window is one subtraction."""

    def __init__(self, signal: Signal) -> None:
        time = signal.time_s
        seconds = np.diff(time)
        self.grid: Floats = np.arange(0.0, float(time[-1]) + 1e-6, STEP_S)
        known = signal.valid | signal.paused
        self.plain = interpolate(self.grid, time, signal.distance_m)
        self.known = interpolate(self.grid, time, _running_sum(np.where(known, seconds, 0.0)))
        self.has_speed = bool(signal.valid.any())
        self.moving_s = float(seconds[signal.valid & (signal.speed_mps > 0.5)].sum())
        self.doubts: list[str] = []
        if not self.has_speed:
            self.doubts.append("no speed")
        self.climb_share = 0.0
        self.altitude = self._altitude(signal)
        gain = np.diff(self.plain)
        if self.altitude is not None:
            grade = self._grade(self.altitude)
            gain = gain * cost_ratio(grade)
            self.climb_share = float(np.abs(grade).mean()) if grade.size else 0.0
        self.speed: Floats = gain / STEP_S
        self.gained = _running_sum(gain)

    def _altitude(self, signal: Signal) -> Floats | None:
        known = np.isfinite(signal.altitude_m)
        if known.sum() < 10:
            return None
        altitude = interpolate(self.grid, signal.time_s[known], signal.altitude_m[known])
        rough = np.abs(altitude[2:] - 2.0 * altitude[1:-1] + altitude[:-2])
        if rough.size and float(rough.mean()) > NOISY_ALTITUDE_M:
            self.doubts.append("altitude too noisy to adjust for grade")
            return None
        return altitude

    def _grade(self, altitude: Floats) -> Floats:
        """Grade of each grid step over 80 s, the climb reduced by what an altimeter errs."""
        half = int(GRADE_HALF_S / STEP_S)
        index = np.arange(self.grid.size - 1)
        behind = np.maximum(index - half, 0)
        ahead = np.minimum(index + half, self.grid.size - 1)
        return grade_between(
            altitude[ahead] - altitude[behind], self.plain[ahead] - self.plain[behind]
        )

    def best(self, span_s: float) -> float | None:
        """Highest mean speed over a duration, pauses counted as standing."""
        n = round(span_s / STEP_S)
        if n < 1 or self.grid.size <= n or not self.has_speed:
            return None
        return _known(best_mean(self.gained, self.known, n, MIN_KNOWN * span_s, span_s))

    def best_time(self, length_m: float) -> float | None:
        """Shortest elapsed time over a grade-adjusted distance."""
        total = self.gained
        if not self.has_speed or total[-1] < length_m:
            return None
        # Where all is known but a second, no window can lack two.
        lacking = 2.0 if self.grid[-1] - self.known[-1] > 1.0 else -1.0
        return _known(shortest_time(self.grid, total, self.known, length_m, lacking))

    def mean(self, start_s: float, end_s: float) -> float | None:
        """Mean speed over the known, moving part of ``[start_s, end_s)``."""
        a, b = np.interp((start_s, end_s), self.grid, self.gained)
        k, m = np.interp((start_s, end_s), self.grid, self.known)
        return float((b - a) / (m - k)) if m - k > 1.0 else None

    def typical(self) -> float | None:
        """Median speed while running."""
        if not self.has_speed or self.speed.size == 0:
            return None
        place = 0.9 * (self.speed.size - 1)
        below, above = int(place), math.ceil(place)
        speed = in_places(self.speed, (below, above))
        fast = float(speed[below] + (speed[above] - speed[below]) * (place - below))
        running = speed[speed > RUNNING_SHARE * fast]
        return median(running) if running.size else None

    def shape(self) -> tuple[float | None, float | None]:
        """Spread of the speed of whole minutes, and last third over first third, minus 1."""
        n = round(60.0 / STEP_S)
        minutes = np.diff(self.gained[::n]) / 60.0
        minutes = minutes[minutes > RUNNING_SHARE * median(minutes)] if minutes.size else minutes
        if minutes.size < 9:
            return None, None
        third = minutes.size // 3
        first, last = float(minutes[1:third].mean()), float(minutes[-third:].mean())
        return float(minutes[1:].std() / minutes[1:].mean()), last / first - 1.0


def grade_between(climb_m: Floats, run_m: Floats) -> Floats:
    """Grade of stretches, their climb shrunk by an altimeter's error; 0 under 30 m of way."""
    climb = np.sign(climb_m) * np.maximum(np.abs(climb_m) - CLIMB_NOISE_M, 0.0)
    return np.asarray(
        np.where(run_m > 30.0, np.clip(climb / np.maximum(run_m, 1.0), -0.3, 0.3), 0.0)
    )


def _easy_speed(ground: _Ground, around: Sequence[Segment]) -> float | None:
    """Median speed of the running before and after the reps, its first minute left out."""
    inside = np.zeros(ground.speed.size, dtype=np.bool_)
    for segment in around:
        a, b = int((segment.start_s + 60.0) / STEP_S), int(segment.end_s / STEP_S)
        inside[a : max(a, b)] = True
    speed = ground.speed[inside & (ground.speed > 1.0)]
    return median(speed) if speed.size * STEP_S >= 120.0 else None


# --- heart rate ----------------------------------------------------------------------------------


class _Heart:
    """Heart rate on the same grid, without what a bad strap made up."""

    def __init__(self, signal: Signal, grid: Floats) -> None:
        self.grid = grid
        self.doubts: list[str] = []
        rate = signal.heart_rate_bpm
        known = np.isfinite(rate)
        self.known_share = 0.0
        if known.any():
            good = known & (rate <= MAX_HR_BPM)
            if int(known.sum() - good.sum()):
                self.doubts.append(f"heart rate above {MAX_HR_BPM:.0f} left out")
            locked = _locked(signal) & good
            if locked.sum() > LOCKED_SHARE * good.sum():
                self.doubts.append("heart rate follows the cadence")
                good &= ~locked
                if good.sum() < KEPT_SHARE * known.sum():
                    good[:] = False  # what is left are moments at which the two crossed
            known = good
        values = np.where(known, rate, 0.0)
        seconds = np.diff(signal.time_s)
        both = known[1:] & known[:-1] & (seconds <= HR_GAP_S)
        counted = np.where(both, seconds, 0.0)
        total = _running_sum(0.5 * (values[1:] + values[:-1]) * counted)
        self.total = interpolate(grid, signal.time_s, total)
        self.seconds = interpolate(grid, signal.time_s, _running_sum(counted))
        awake = float(seconds[~signal.paused].sum())
        self.known_share = float(counted[~signal.paused].sum()) / awake if awake > 0 else 0.0
        if not known.any():
            self.doubts.append(NO_HEART_RATE)
        elif self.known_share < DOUBTFUL_SHARE:
            self.doubts.append(f"heart rate in {100 * self.known_share:.0f} % of the time only")

    def best(self, span_s: float) -> float | None:
        """Highest mean over a duration."""
        n = round(span_s / STEP_S)
        if self.grid.size <= n:
            return None
        return _known(best_mean(self.total, self.seconds, n, MIN_KNOWN * span_s, 0.0))

    def mean(self, start_s: float, end_s: float) -> float | None:
        """Mean over a stretch, None where half of it is not known."""
        return self.means(np.array([start_s]), np.array([end_s]))[0]

    def means(self, start_s: Floats, end_s: Floats) -> list[float | None]:
        """Mean over each of many stretches."""
        beats = np.interp(end_s, self.grid, self.total) - np.interp(start_s, self.grid, self.total)
        known = np.interp(end_s, self.grid, self.seconds)
        known -= np.interp(start_s, self.grid, self.seconds)
        half = 0.5 * (end_s - start_s)
        good = (known >= half) & (half > 0)
        return [
            b / k if g else None
            for b, k, g in zip(*map(np.ndarray.tolist, (beats, known, good)), strict=True)
        ]

    def median(self) -> float | None:
        """Median over the time it is known."""
        known = np.diff(self.seconds)
        good = known > 0
        if not good.any():
            return None
        return median(np.diff(self.total)[good] / known[good])


def _locked(signal: Signal) -> Bools:
    """Flag samples inside whole minutes in which heart rate and cadence are the same."""
    near = np.abs(signal.heart_rate_bpm - signal.cadence_spm) <= LOCK_BPM
    near &= signal.cadence_spm > 120.0
    edges = np.flatnonzero(np.diff(np.concatenate(([0], near.view(np.int8), [0]))))
    locked = np.zeros(near.size, dtype=np.bool_)
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if signal.time_s[end - 1] - signal.time_s[start] >= LOCK_S:
            locked[start:end] = True
    return locked


def _drift(ground: _Ground, heart: _Heart) -> float | None:
    """Heart rate per speed of the second half over the first, minus 1, the first 5 min left out."""
    end = float(ground.grid[-1])
    if end < 1500.0:
        return None
    middle = 300.0 + (end - 300.0) / 2.0
    halves = ((300.0, middle), (middle, end))
    costs = []
    for start, stop in halves:
        speed, rate = ground.mean(start, stop), heart.mean(start, stop)
        if not speed or not rate:
            return None
        costs.append(rate / speed)
    return costs[1] / costs[0] - 1.0


def _steady(ground: _Ground, heart: _Heart) -> tuple[tuple[float, float, float], ...]:
    """Windows of 5 and 20 min with the highest heart rate: speed, heart rate, seconds.

    The speed is that of the window moved 30 s ahead of the heart rate, which follows late.
    """
    found = []
    for span in (300.0, 1200.0):
        n, late = round(span / STEP_S), round(30.0 / STEP_S)
        if heart.grid.size <= n + late:
            continue
        known = heart.seconds[n + late :] - heart.seconds[late:-n]
        speed = (ground.gained[n:-late] - ground.gained[: -n - late]) / span
        running = ground.known[n:-late] - ground.known[: -n - late]
        good = (known >= MIN_KNOWN * span) & (running >= MIN_KNOWN * span) & (speed > 1.0)
        if not good.any():
            continue
        rate = np.where(good, (heart.total[n + late :] - heart.total[late:-n]), 0.0)
        rate = rate / np.maximum(known, 1.0)
        best = int(rate.argmax())
        found.append((float(speed[best]), float(rate[best]), span))
    return tuple(found)


# --- reps ----------------------------------------------------------------------------------------


def _reps(workout: Workout, ground: _Ground, heart: _Heart) -> tuple[RepEvidence, ...]:
    reps = [segment for segment in workout.segments if segment.role == "rep"]
    if not reps:
        return ()
    start, end = np.array([(rep.start_s, rep.end_s) for rep in reps]).T
    start_hr = heart.means(np.maximum(start - 4.0, 0.0), start + 4.0)
    end_hr = heart.means(np.maximum(end - END_HR_S + 2.0, start), end + 2.0)
    grades: list[float | None] = [None] * len(reps)
    costs = [1.0] * len(reps)
    if ground.altitude is not None:
        climb = np.interp(end, ground.grid, ground.altitude)
        climb -= np.interp(start, ground.grid, ground.altitude)
        grade = grade_between(climb, np.array([rep.distance_m or 0.0 for rep in reps]))
        grades, costs = grade.tolist(), cost_ratio(grade).tolist()
    return tuple(
        RepEvidence(
            set=rep.set or 1,
            start_s=rep.start_s,
            duration_s=rep.end_s - rep.start_s,
            recovery_s=None if after is None else after.start_s - rep.end_s,
            speed_mps=None if rep.mean_speed_mps is None else rep.mean_speed_mps * costs[number],
            start_hr_bpm=start_hr[number],
            end_hr_bpm=end_hr[number],
            grade=grades[number],
        )
        for number, (rep, after) in enumerate(zip(reps, [*reps[1:], None], strict=True))
    )


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _running_sum(values: Floats) -> Floats:
    return np.concatenate((np.zeros(1), np.cumsum(values)))
