"""What reps that laps name must show before they count as true; each check raises `DoubtError`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median, pstdev
from typing import Literal

from intervaldetect.score.distance import Distance

Origin = Literal["steps", "steps_by_speed", "intensity", "laps"]
MIN_CONTRAST = {"steps": 1.06, "intensity": 1.06, "steps_by_speed": 1.10, "laps": 1.10}
"""What a rep is faster than the laps before and after it, at least."""
MIN_REPS, MIN_LONG_REP_S, MIN_LONG_CONTRAST = 3, 480.0, 1.08
ALIKE_CV, EXACT_SHARE, EXACT_TOLERANCE = 0.25, 0.6, 0.03
MAX_HALVES, MAX_SHORT_HALVES, SHORT_S, RAMP_S = 1.20, 1.60, 60.0, 4.0
MIN_SLOWEST, MIN_OVER_EASY = 0.72, 1.05
MAX_EDGE_S, FAR_EDGE_S, MAX_FAR_SHARE = 5.0, 10.0, 0.2
STRIDES = ((24.0, 10), (35.0, 6))
"""Reps all as short as this, and fewer than so many, are strides."""
RUN_WALK_MPS = 2.4
STAND_MPS, MIN_STAND_S = 0.5, 15.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """One lap, or several of one step; ``work`` is None where nothing says what it is."""

    start_s: float
    end_s: float
    speed_mps: float
    distance_m: float
    work: bool | None = None

    @property
    def seconds(self) -> float:
        """How long it takes."""
        return self.end_s - self.start_s


class DoubtError(Exception):
    """Why a session is left out."""


def check_contrast(origin: Origin, stretches: Sequence[Stretch], reps: Sequence[int]) -> None:
    """Raise where a rep is hardly faster than the laps before and after it."""
    if not reps:
        raise DoubtError("no work in it")
    for k in reps:
        beside = [stretches[j] for j in (k - 1, k + 1) if 0 <= j < len(stretches)]
        if any(each.work for each in beside):
            raise DoubtError("two reps next to each other")
        if any(stretches[k].speed_mps < MIN_CONTRAST[origin] * e.speed_mps for e in beside):
            raise DoubtError("a rep not faster than the laps around it")


def check_alike(origin: Origin, stretches: Sequence[Stretch], reps: Sequence[int]) -> None:
    """Hold the reps against one another; one or two alone have to be long and fast."""
    if len(reps) < MIN_REPS:
        _check_few(origin, stretches, reps)
        return
    _check_ends(stretches, reps)
    times = [stretches[k].seconds for k in reps]
    metres = [stretches[k].distance_m for k in reps]
    if min(_variation(times), _variation(metres)) < ALIKE_CV:
        return
    if not (_in_groups(times) or _in_groups(metres) or _round_ladder(times, metres)):
        raise DoubtError("reps of all sizes")
    if origin == "laps":
        rests = [e.seconds for k, e in enumerate(stretches) if k - 1 in reps and k + 1 in reps]
        if max(_exact_share(each) for each in (times, metres, rests)) < EXACT_SHARE:
            raise DoubtError("laps of no set size")


def _check_few(origin: Origin, stretches: Sequence[Stretch], reps: Sequence[int]) -> None:
    if origin != "steps" or min(stretches[k].seconds for k in reps) < MIN_LONG_REP_S:
        raise DoubtError("one or two short reps")
    slowest = min(stretches[k].speed_mps for k in reps)
    easy = [each.speed_mps for each in stretches if not each.work and each.seconds >= 120.0]
    if not easy or slowest < MIN_LONG_CONTRAST * max(easy):
        raise DoubtError("one or two reps hardly faster than the easy running")


def _check_ends(stretches: Sequence[Stretch], reps: Sequence[int]) -> None:
    """Hold a rep that begins or ends the activity against the others."""
    for k in {0, len(stretches) - 1} & set(reps):
        if not any(_of_one_size(stretches[k], stretches[j]) for j in reps if j != k):
            raise DoubtError("a first or last lap unlike the reps")


def _of_one_size(one: Stretch, other: Stretch) -> bool:
    return (
        abs(one.seconds / other.seconds - 1.0) < ALIKE_CV
        or abs(one.distance_m / other.distance_m - 1.0) < ALIKE_CV
    )


def _variation(values: Sequence[float]) -> float:
    return pstdev(values) / fmean(values) if fmean(values) > 0.0 else 1.0


def _in_groups(values: Sequence[float]) -> bool:
    """Whether each has another beside it in size, or all but one in four have."""
    lonely = sum(
        not any(abs(a / b - 1.0) < 0.12 for j, b in enumerate(values) if j != i and b > 0.0)
        for i, a in enumerate(values)
    )
    return lonely * 4 <= len(values)


def _round_ladder(times: Sequence[float], metres: Sequence[float]) -> bool:
    by_time = sum(abs(each / 30.0 - round(each / 30.0)) * 30.0 <= 1.5 for each in times)
    by_way = sum(abs(each / 100.0 - round(each / 100.0)) * 100.0 <= 8.0 for each in metres)
    return max(by_time, by_way) >= 0.8 * len(times)


def _exact_share(values: Sequence[float]) -> float:
    """Return the share of the values that another one equals, but for what a second covers."""
    equal = sum(
        any(abs(a - b) <= max(1.5, EXACT_TOLERANCE * b) for j, b in enumerate(values) if j != i)
        for i, a in enumerate(values)
    )
    return equal / len(values) if values else 0.0


def check_shape(reps: Sequence[Stretch], distance: Distance) -> None:
    """Raise where reps are strides, run-walk or unlike each other in speed."""
    speeds = [each.speed_mps for each in reps]
    if min(speeds) < MIN_SLOWEST * max(speeds):
        raise DoubtError("a rep far slower than the fastest")
    if median(speeds) < RUN_WALK_MPS:
        raise DoubtError("run-walk")
    for longest, fewest in STRIDES:
        if max(each.seconds for each in reps) <= longest and len(reps) < fewest:
            raise DoubtError("strides")
    for each in reps:
        if each.seconds > STRIDES[1][0]:  # half of a shorter one is a few samples
            _check_within(each, distance)


def _check_within(rep: Stretch, distance: Distance) -> None:
    """Both halves of a rep, without its ramps, are about as fast, and nobody stands in it."""
    ramp = min(RAMP_S, rep.seconds / 6.0)
    start, end = rep.start_s + ramp, rep.end_s - ramp
    middle = 0.5 * (start + end)
    halves = distance.between(start, middle), distance.between(middle, end)
    most = MAX_HALVES if rep.seconds > SHORT_S else MAX_SHORT_HALVES
    if max(halves) > most * min(halves):
        raise DoubtError("a rep with uneven halves")
    if distance.standing_s(rep.start_s, rep.end_s, STAND_MPS) >= MIN_STAND_S:
        raise DoubtError("a stand-still in a rep")


def check_around(stretches: Sequence[Stretch], reps: Sequence[int]) -> None:
    """Reps are faster than warm-up and cool-down, where there are any."""
    easy = [*stretches[: reps[0]], *stretches[reps[-1] + 1 :]]
    seconds = sum(each.seconds for each in easy)
    if seconds >= 180.0:
        usual = sum(each.distance_m for each in easy) / seconds
        if median(stretches[k].speed_mps for k in reps) < MIN_OVER_EASY * usual:
            raise DoubtError("reps no faster than warm-up and cool-down")


def check_edges(stretches: Sequence[Stretch], reps: Sequence[int], distance: Distance) -> None:
    """Hold the edges against where the speed crosses half-way."""
    errors = []
    for k in reps:
        own = stretches[k]
        for j, edge in ((k - 1, own.start_s), (k + 1, own.end_s)):
            if 0 <= j < len(stretches):
                half = 0.5 * (own.speed_mps + stretches[j].speed_mps)
                errors.append(distance.crossing_error_s(edge, half, rising=j < k))
    if not errors:
        return
    if median(errors) > MAX_EDGE_S:
        raise DoubtError("edges off")
    if sum(each > FAR_EDGE_S for each in errors) > MAX_FAR_SHARE * len(errors):
        raise DoubtError("edges far off")
