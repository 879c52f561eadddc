"""Signal and Workout -> SessionEvidence: curves, reps and habits of one session."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from intervaldetect.clean import cost_ratio
from intervaldetect.kernels.grade import grades_between
from intervaldetect.kernels.grid import (
    altitude_on_grid,
    good_rates,
    ground_on_grid,
    level_gain,
    mean_rates,
    rate_on_grid,
    steadiest,
)
from intervaldetect.kernels.interpolation import shortest_times
from intervaldetect.kernels.measure import grown
from intervaldetect.kernels.medians import median, order_statistics
from intervaldetect.kernels.sums import best_means
from intervaldetect.records import (
    Activity,
    Floats,
    Ints,
    RepEvidence,
    Segment,
    SessionEvidence,
    Signal,
    Workout,
)
from intervaldetect.session_features import (
    BEST_DISTANCES_M,
    HR_DURATIONS_S,
    NO_HEART_RATE,
    SPEED_DURATIONS_S,
)
from intervaldetect.session_features.strap import after_jumps

PEAK_HR_S = 10.0

STEP_S = 2.0
# A grid by time is bounded by it, and by a minute for every sample.
MAX_GRID_S, MIN_HOLE_S = 129600.0, 60.0
# Grade is taken over this much time.
GRADE_HALF_S = 40.0
NOISY_ALTITUDE_M = 2.5
MIN_ALTITUDES = 10
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
# Slower than the second, on the level, nobody runs; slower than the first nobody is on the way.
STANDING_MPS, WALKING_MPS, WALK_BLOCK_S = 0.5, 1.9, 20.0
DISTANCES_M = np.array(BEST_DISTANCES_M)
TREADMILLS = frozenset({"treadmill", "indoor_running"})


def _windows(durations_s: Sequence[float], *, whole: bool) -> tuple[Ints, Floats, Floats]:
    """Return steps, least known seconds, and by what to divide: all of it, or what is known."""
    span = np.array(durations_s)
    return np.rint(span / STEP_S).astype(np.int64), MIN_KNOWN * span, span * whole


SPEED_WINDOWS = _windows(SPEED_DURATIONS_S, whole=True)
HR_WINDOWS = _windows((*HR_DURATIONS_S, PEAK_HR_S), whole=False)


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
    heart = _Heart(signal, ground)
    reps = _reps(workout, ground, heart)
    around = [s for s in workout.segments if s.role in ("warmup", "cooldown")]
    typical = ground.typical()
    *hr_curve, peak = heart.curve()
    spread, trend = ground.shape()
    return SessionEvidence(
        start_time=activity.start_time,
        elapsed_s=float(signal.time_s[-1]),
        moving_s=ground.moving_s,
        speed_curve_mps=ground.curve(),
        hr_curve_bpm=tuple(hr_curve),
        best_times_s=ground.best_times(),
        steady=() if reps else _steady(ground, heart),
        reps=reps,
        typical_speed_mps=typical,
        easy_speed_mps=_easy_speed(ground, around) if reps else None,
        median_hr_bpm=heart.median(),
        peak_hr_bpm=peak,
        speed_spread=spread,
        speed_trend=trend,
        hr_drift=_drift(ground, heart),
        strides=sum(segment.role == "stride" for segment in workout.segments),
        shape=workout.shape,
        structured_probability=workout.structured_probability,
        log_odds=workout.log_odds,
        claimed=bool(workout.sets),
        sport=activity.sport,
        treadmill=(activity.sub_sport or "") in TREADMILLS,
        climb_share=ground.climb_share,
        walk_share=ground.walk_share(),
        temperature_c=temperature_c,
        benefit=activity.session.benefit,
        findings=workout.evidence,
        doubts=(*ground.doubts, *heart.doubts),
    )


# --- speed ---------------------------------------------------------------------------------------


def shortened(time: Floats, distance: Floats) -> tuple[Floats, Floats]:
    """Shorten the holes in a recording of days, so that a grid over it stays small.

    Parameters
    ----------
    time, distance : (n,) float64
        Rising s, and m.

    Returns
    -------
    time, distance : (n,) float64
        As given up to a day and a half. Else no interval is longer than a minute, or than its share
        of that time where there are few; nothing counts as run in those cut short.
    """
    if float(time[-1]) <= MAX_GRID_S:
        return time, distance
    seconds, metres = np.diff(time), np.diff(distance)
    most_s = max(MIN_HOLE_S, MAX_GRID_S / time.size)
    metres[seconds > most_s] = 0.0
    sums = np.zeros((2, time.size))
    np.cumsum((np.minimum(seconds, most_s), metres), axis=1, out=sums[:, 1:])
    return sums[0], sums[1]


class _Ground:
    """Grade-adjusted running on a grid of 2 s, as running sums: any window is one subtraction."""

    def __init__(self, signal: Signal) -> None:
        time, distance = shortened(signal.time_s, signal.distance_m)
        self.time, self._elapsed = time, signal.time_s
        self.grid: Floats = np.arange(0.0, float(time[-1]) + 1e-6, STEP_S)
        way, self.known, self.moving_s, self.has_speed = ground_on_grid(
            self.grid, time, distance, signal.speed_mps, signal.valid, signal.paused
        )
        self.doubts: list[str] = []
        if not self.has_speed:
            self.doubts.append("no speed")
        altitude, rough = altitude_on_grid(self.grid, time, signal.altitude_m, MIN_ALTITUDES)
        if rough > NOISY_ALTITUDE_M:
            self.doubts.append("altitude too noisy to adjust for grade")
            altitude = altitude[:0]
        self.altitude = altitude if altitude.size else None
        half = int(GRADE_HALF_S / STEP_S)
        self.gain, self.gained, self.climb_share = level_gain(way, altitude, half)

    def curve(self) -> tuple[float | None, ...]:
        """Highest mean speed over each of some durations, pauses counted as standing."""
        if not self.has_speed:
            return (None,) * len(SPEED_DURATIONS_S)
        return _known(best_means(self.gained, self.known, *SPEED_WINDOWS))

    def best_times(self) -> tuple[float | None, ...]:
        """Shortest elapsed time over each of some grade-adjusted distances."""
        if not self.has_speed:
            return (None,) * len(BEST_DISTANCES_M)
        # Where all is known but a second, no window can lack two.
        lacking = 2.0 if self.grid[-1] - self.known[-1] > 1.0 else -1.0
        return _known(shortest_times(self.grid, self.gained, self.known, DISTANCES_M, lacking))

    def on_grid(self, moments: Floats) -> Floats:
        """Return elapsed seconds as the grid counts them."""
        if self.time is self._elapsed:
            return moments
        return np.interp(moments, self._elapsed, self.time)

    def means(self, start_s: Floats, end_s: Floats) -> list[float | None]:
        """Mean speed over the known, moving part of each of many stretches."""
        gain = grown(self.grid, self.gained, start_s, end_s).tolist()
        known = grown(self.grid, self.known, start_s, end_s).tolist()
        return [g / k if k > 1.0 else None for g, k in zip(gain, known, strict=True)]

    def typical(self) -> float | None:
        """Median speed while running."""
        if not self.has_speed or self.gain.size == 0:
            return None
        place = 0.9 * (self.gain.size - 1)
        below, above = int(place), math.ceil(place)
        speed = self.gain / STEP_S
        low, high = order_statistics(speed, (below, above))
        fast = low + (high - low) * (place - below)
        running = speed[speed > RUNNING_SHARE * fast]
        return median(running) if running.size else None

    def walk_share(self) -> float:
        """Share of the time in motion that was walked, by means of 20 s."""
        speed = np.diff(self.gained[:: round(WALK_BLOCK_S / STEP_S)]) / WALK_BLOCK_S
        moving = np.count_nonzero(speed > STANDING_MPS)
        if not moving:
            return 0.0
        return float(np.count_nonzero((speed > STANDING_MPS) & (speed < WALKING_MPS))) / moving

    def shape(self) -> tuple[float | None, float | None]:
        """Spread of the speed of whole minutes, and last third over first third, minus 1."""
        n = round(60.0 / STEP_S)
        minutes = np.diff(self.gained[::n]) / 60.0
        minutes = minutes[minutes > RUNNING_SHARE * median(minutes)] if minutes.size else minutes
        if minutes.size < 9:
            return None, None
        third, later = minutes.size // 3, minutes[1:]
        first, last = float(_mean(minutes[1:third])), float(_mean(minutes[-third:]))
        middle = _mean(later)
        return math.sqrt(_mean((later - middle) ** 2)) / middle, last / first - 1.0


def _mean(values: Floats) -> float:
    return float(np.add.reduce(values)) / values.size


def _easy_speed(ground: _Ground, around: Sequence[Segment]) -> float | None:
    """Median speed of the running before and after the reps, its first minute left out."""
    inside = np.zeros(ground.gain.size, dtype=np.bool_)
    for segment in around:
        start, end = ground.on_grid(np.array([segment.start_s + 60.0, segment.end_s])).tolist()
        a, b = int(start / STEP_S), int(end / STEP_S)
        inside[a : max(a, b)] = True
    speed = ground.gain[inside] / STEP_S
    speed = speed[speed > 1.0]
    return median(speed) if speed.size * STEP_S >= 120.0 else None


# --- heart rate ----------------------------------------------------------------------------------


class _Heart:
    """Heart rate on the same grid, without what a bad strap made up."""

    def __init__(self, signal: Signal, ground: _Ground) -> None:
        self.grid = grid = ground.grid
        self.doubts: list[str] = []
        good, locked, known = good_rates(
            signal.time_s, signal.heart_rate_bpm, signal.cadence_spm, MAX_HR_BPM, LOCK_BPM, LOCK_S
        )
        if known:
            count = np.count_nonzero(good)
            if count < known:
                self.doubts.append(f"heart rate above {MAX_HR_BPM:.0f} left out")
            follows = np.count_nonzero(locked)
            if follows > LOCKED_SHARE * count:
                self.doubts.append("heart rate follows the cadence")
                good &= ~locked
                count -= follows
                if count < KEPT_SHARE * known:
                    good[:] = False  # what is left are moments at which the two crossed
            told = np.flatnonzero(good)
            after = after_jumps(ground.time[told], signal.heart_rate_bpm[told], ground.means)
            if after.any():
                self.doubts.append(
                    "heart rate jumped at constant speed; left out until it came back"
                )
                good[told[after]] = False
        self.total, self.seconds, counted_s, awake_s = rate_on_grid(
            grid, ground.time, signal.heart_rate_bpm, good, signal.paused, HR_GAP_S
        )
        self.known_share = counted_s / awake_s if awake_s > 0 else 0.0
        if not good.any():
            self.doubts.append(NO_HEART_RATE)
        elif self.known_share < DOUBTFUL_SHARE:
            self.doubts.append(f"heart rate in {100 * self.known_share:.0f} % of the time only")

    def curve(self) -> tuple[float | None, ...]:
        """Highest mean over each of some durations, the peak at last."""
        return _known(best_means(self.total, self.seconds, *HR_WINDOWS))

    def means(self, start_s: Floats, end_s: Floats) -> list[float | None]:
        """Mean over each of many stretches, None where half of it is not known."""
        beats = grown(self.grid, self.total, start_s, end_s)
        known = grown(self.grid, self.seconds, start_s, end_s)
        half = 0.5 * (end_s - start_s)
        good = (known >= half) & (half > 0)
        return [
            b / k if g else None
            for b, k, g in zip(*map(np.ndarray.tolist, (beats, known, good)), strict=True)
        ]

    def median(self) -> float | None:
        """Median over the time it is known."""
        rates = mean_rates(self.total, self.seconds)
        return median(rates) if rates.size else None


def _drift(ground: _Ground, heart: _Heart) -> float | None:
    """Heart rate per speed of the second half over the first, minus 1, the first 5 min left out."""
    end = float(ground.grid[-1])
    if end < 1500.0:
        return None
    middle = 300.0 + (end - 300.0) / 2.0
    halves = np.array([300.0, middle]), np.array([middle, end])
    costs = []
    for speed, rate in zip(ground.means(*halves), heart.means(*halves), strict=True):
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
        gain, rate = steadiest(
            heart.total,
            heart.seconds,
            ground.gained,
            ground.known,
            round(span / STEP_S),
            round(30.0 / STEP_S),
            MIN_KNOWN * span,
            span,
        )
        if not math.isnan(rate):
            found.append((gain / span, rate, span))
    return tuple(found)


# --- reps ----------------------------------------------------------------------------------------


def _reps(workout: Workout, ground: _Ground, heart: _Heart) -> tuple[RepEvidence, ...]:
    reps = [segment for segment in workout.segments if segment.role == "rep"]
    if not reps:
        return ()
    start = ground.on_grid(np.array([rep.start_s for rep in reps]))
    end = ground.on_grid(np.array([rep.end_s for rep in reps]))
    start_hr = heart.means(np.maximum(start - 4.0, 0.0), start + 4.0)
    end_hr = heart.means(np.maximum(end - END_HR_S + 2.0, start), end + 2.0)
    grades, costs = _grades_and_costs(reps, ground, start, end)
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


def _grades_and_costs(
    reps: Sequence[Segment], ground: _Ground, start: Floats, end: Floats
) -> tuple[list[float | None], list[float]]:
    """Return the mean grade of each rep and what it costs; without altitude None and 1."""
    if ground.altitude is None:
        return [None] * len(reps), [1.0] * len(reps)
    climb = grown(ground.grid, ground.altitude, start, end)
    grade = grades_between(climb, np.array([rep.distance_m or 0.0 for rep in reps]))
    return grade.tolist(), cost_ratio(grade).tolist()


def _known(values: Floats) -> tuple[float | None, ...]:
    return tuple(None if math.isnan(value) else value for value in values.tolist())
