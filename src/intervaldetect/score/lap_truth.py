"""Reps of a runner's own laps and workout steps, by strict rules; no detector has a say.

A session counts where laps say which stretches were reps and the speed bears every one of them
out. What is doubtful is left out, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import fmean, median, pstdev
from typing import Literal

from intervaldetect.records import Activity, Lap
from intervaldetect.score.distance import Distance
from intervaldetect.score.matching import Span, overlap_s

Origin = Literal["steps", "steps_by_speed", "intensity", "laps"]

WORK = frozenset({"active", "interval"})
REST = frozenset({"rest", "recovery", "warmup", "cooldown"})
MIN_CONTRAST = {"steps": 1.06, "intensity": 1.06, "steps_by_speed": 1.10, "laps": 1.10}
"""What a rep is faster than the stretches beside it, at least."""
MIN_REPS, MIN_LONG_REP_S, MIN_LONG_CONTRAST = 3, 480.0, 1.08
ALIKE_CV, EXACT_SHARE, EXACT_TOLERANCE = 0.25, 0.6, 0.03
AUTO_M, AUTO_SHARE = (500.0, 1000.0, 1609.344), 0.7
MIN_STOP_S, STAND_MPS, MIN_STAND_S = 10.0, 0.5, 15.0
MAX_HALVES, MAX_SHORT_HALVES, SHORT_S, RAMP_S = 1.20, 1.60, 60.0, 4.0
MIN_SLOWEST, MIN_OVER_EASY = 0.72, 1.05
MIN_LAP_S, MIN_LAST_LAP_S = 5.0, 10.0
"""Shorter laps are slips of the finger; before so short a last one a rep counts if it is even."""
MAX_LAST_HALVES = 1.15
MAX_GAPS = 3
"""So many gaps between lap speeds are tried, the widest first."""
MAX_EDGE_S, FAR_EDGE_S, MAX_FAR_SHARE = 5.0, 10.0, 0.2
STRIDES = ((24.0, 10), (35.0, 6))
"""Reps all as short as this, and fewer than so many, are strides."""
MIN_OVER_STRIDES = 3.0
RUN_WALK_MPS = 2.4
MIN_EFFORT_S, EFFORT_SHARE, MAX_OUTSIDE = 10.0, 0.94, 0.35


@dataclass(frozen=True, slots=True)
class LapTruth:
    """The reps that laps and steps tell; none, with the reason, where a rule speaks against it."""

    reps: tuple[Span, ...] = ()
    ignore: tuple[Span, ...] = ()
    origin: Origin | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class _Stretch:
    """One lap, or several of one step; ``work`` is None where nothing says what it is."""

    start_s: float
    end_s: float
    speed_mps: float
    distance_m: float
    work: bool | None = None

    @property
    def seconds(self) -> float:
        return self.end_s - self.start_s


class _DoubtError(Exception):
    """Why a session is left out."""


def lap_truth(activity: Activity) -> LapTruth:
    """Return the reps of an activity by its own laps and steps.

    Parameters
    ----------
    activity : Activity
        As read; distance is needed.

    Returns
    -------
    LapTruth
        Reps with the edges of their laps, in elapsed seconds, and in ``ignore`` other stretches
        as fast, where further reps are not counted as false.
    """
    distance = Distance.of(activity)
    if distance is None or len(activity.laps) < 2:
        return LapTruth(reason="fewer than two laps, or no distance")
    first: LapTruth | None = None
    for origin, stretches in _readings(activity, distance):
        try:
            found = _judged(origin, stretches, distance)
        except _DoubtError as doubt:
            first = first or LapTruth(origin=origin, reason=str(doubt))
        else:
            return found
    return first or LapTruth(reason="laps of the watch itself")


def _readings(activity: Activity, distance: Distance) -> Iterator[tuple[Origin, list[_Stretch]]]:
    """Yield what the laps may mean, the plainest first."""
    laps = _without_slips(activity.laps, distance)
    yield from _by_steps(laps, activity, distance)
    yield from _by_intensity(laps, distance)
    yield from _by_laps_alone(laps, activity, distance)


def _without_slips(laps: Sequence[Lap], distance: Distance) -> list[Lap]:
    """Leave out laps of a few seconds, and with such a last one a rep before it that is uneven."""
    long = [lap for lap in laps if lap.end_s - lap.start_s >= MIN_LAP_S]
    if len(long) > MIN_REPS and long[-1].end_s - long[-1].start_s < MIN_LAST_LAP_S:
        return long[: -1 if _is_even(long[-2], distance) else -2]
    return long


def _by_steps(
    laps: Sequence[Lap], activity: Activity, distance: Distance
) -> Iterator[tuple[Origin, list[_Stretch]]]:
    """Join the laps of each workout step: work as the steps say, then as the speed says."""
    named = {step.index: step.intensity for step in activity.steps}
    stepped = {lap.step for lap in laps if lap.step is not None and lap.step in named}
    if len(stepped) < 2:
        return
    merged = _merged(laps, distance, lambda a, b: a.step is not None and a.step == b.step)
    kinds = {named[step] for step in stepped}
    if kinds & WORK and kinds & REST:
        yield "steps", [replace(each, work=_step_is_work(lap, named)) for each, lap in merged]
    yield "steps_by_speed", [each for each, _ in merged]


def _step_is_work(lap: Lap, intensities: Mapping[int, str | None]) -> bool:
    return lap.step is not None and intensities.get(lap.step) in WORK


def _by_intensity(
    laps: Sequence[Lap], distance: Distance
) -> Iterator[tuple[Origin, list[_Stretch]]]:
    """Take the intensity that each lap has, lap by lap and joined where it stays the same."""
    intensities = {lap.intensity for lap in laps}
    if not (intensities & WORK and intensities & REST):
        return
    for joins in (_never, _of_same_intensity):
        joined = _merged(laps, distance, joins)
        yield "intensity", [replace(each, work=lap.intensity in WORK) for each, lap in joined]


def _never(_before: Lap, _lap: Lap) -> bool:
    return False


def _of_same_intensity(before: Lap, lap: Lap) -> bool:
    return before.intensity == lap.intensity


def _by_laps_alone(
    laps: Sequence[Lap], activity: Activity, distance: Distance
) -> Iterator[tuple[Origin, list[_Stretch]]]:
    """Take laps as pressed, cut at long stops, and without those that the watch ended."""
    if not _by_the_watch(laps):
        yield "laps", [_stretch(lap, distance) for lap in laps]
    cut = [each for lap in laps for each in _cut_at_stops(lap, activity)]
    if len(cut) > len(laps):
        yield "laps", [_stretch(lap, distance) for lap in cut]
    pressed = _merged(laps, distance, lambda a, _: _is_auto(a))
    if 2 < len(pressed) < len(laps):
        yield "laps", [each for each, _ in pressed]


def _is_even(lap: Lap, distance: Distance) -> bool:
    middle = 0.5 * (lap.start_s + lap.end_s)
    halves = distance.between(lap.start_s, middle), distance.between(middle, lap.end_s)
    return max(halves) <= MAX_LAST_HALVES * min(halves)


def _stretch(lap: Lap, distance: Distance) -> _Stretch:
    metres = distance.between(lap.start_s, lap.end_s)
    return _Stretch(lap.start_s, lap.end_s, metres / (lap.end_s - lap.start_s), metres)


def _merged(
    laps: Sequence[Lap], distance: Distance, belongs: Callable[[Lap, Lap], bool]
) -> list[tuple[_Stretch, Lap]]:
    """Join laps with the one before where ``belongs`` says so; with the first lap of each."""
    rows: list[tuple[Lap, Lap, Lap]] = []  # whole, first, last
    for lap in laps:
        if rows and belongs(rows[-1][2], lap):
            whole, first, _ = rows[-1]
            rows[-1] = (replace(whole, end_s=lap.end_s), first, lap)
        else:
            rows.append((lap, lap, lap))
    return [(_stretch(whole, distance), first) for whole, first, _ in rows]


def _cut_at_stops(lap: Lap, activity: Activity) -> list[Lap]:
    """Give a timer stop at either edge of a lap a stretch of its own."""
    start, end = lap.start_s, lap.end_s
    before, after = list[Lap](), list[Lap]()
    for pause in activity.pauses:
        if (
            pause.end_s - pause.start_s < MIN_STOP_S
            or overlap_s((pause.start_s, pause.end_s), (start, end)) < MIN_STOP_S
        ):
            continue
        if pause.start_s <= start + 3.0 and pause.end_s < end:
            before.append(replace(lap, end_s=pause.end_s))
            start = pause.end_s
        elif pause.end_s >= end - 3.0 and pause.start_s > start:
            after.append(replace(lap, start_s=pause.start_s))
            end = pause.start_s
    return [*before, replace(lap, start_s=start, end_s=end), *after]


def _is_auto(lap: Lap) -> bool:
    """Whether a lap was most likely ended by the watch, at a kilometre or a mile."""
    if lap.trigger in {"distance", "time"}:
        return True
    return any(abs((lap.distance_m or 0.0) - size) <= 1.0 for size in AUTO_M[1:])


def _by_the_watch(laps: Sequence[Lap]) -> bool:
    """Whether laps come every kilometre, mile or so, or at equal times."""
    whole = laps[:-1]
    if not whole:
        return True
    metres = [lap.distance_m or 0.0 for lap in whole]
    for size in AUTO_M:
        if sum(abs(each / size - 1.0) < 0.01 for each in metres) >= AUTO_SHARE * len(whole):
            return True
    usual = median(lap.end_s - lap.start_s for lap in whole)
    alike = sum(abs(lap.end_s - lap.start_s - usual) <= 1.5 for lap in whole)
    return alike >= 0.9 * len(whole) and len(whole) >= 3


def _judged(origin: Origin, stretches: list[_Stretch], distance: Distance) -> LapTruth:
    """Return the reps of one reading of the laps, or raise why there are none."""
    if origin not in {"laps", "steps_by_speed"}:
        return _confirmed(origin, stretches, distance)
    doubts = list[_DoubtError]()
    for marked in _by_speed(stretches):
        try:
            return _confirmed(origin, marked, distance)
        except _DoubtError as doubt:
            doubts.append(doubt)
    raise doubts[0] if doubts else _DoubtError("no fast laps that stand alone between slow ones")


def _confirmed(origin: Origin, stretches: list[_Stretch], distance: Distance) -> LapTruth:
    stretches = _without_strides(stretches)
    reps = [k for k, each in enumerate(stretches) if each.work]
    _check_contrast(origin, stretches, reps)
    chosen = [stretches[k] for k in reps]
    _check_alike(origin, stretches, reps)
    _check_shape(chosen, distance)
    _check_around(stretches, reps)
    _check_edges(stretches, reps, distance)
    spans = tuple((each.start_s, each.end_s) for each in chosen)
    usual = median(each.speed_mps for each in chosen)
    ignore = _other_efforts(spans, distance, EFFORT_SHARE * usual)
    outside = sum(end - start for start, end in ignore)
    if outside > MAX_OUTSIDE * sum(each.seconds for each in chosen):
        raise _DoubtError("efforts as fast outside of the laps")
    return LapTruth(spans, ignore, origin)


def _without_strides(stretches: list[_Stretch]) -> list[_Stretch]:
    """Leave out strides among longer reps: very short ones, a few lapped first, a lonely one."""
    work = _without_very_short([each for each in stretches if each.work])
    work = _without_lonely(_without_first(work))
    reps = {id(each) for each in work}
    return [replace(each, work=id(each) in reps) for each in stretches]


def _without_very_short(work: list[_Stretch]) -> list[_Stretch]:
    longest, _ = STRIDES[0]
    return [each for each in work if each.seconds > longest] or work


def _without_first(work: list[_Stretch]) -> list[_Stretch]:
    """Leave out a few short ones before the first that is longer."""
    longest, fewest = STRIDES[1]
    first = next((k for k, each in enumerate(work) if each.seconds > longest), 0)
    if first < fewest and _far_longer_than_strides(work[first:]):
        return work[first:]
    return work


def _without_lonely(work: list[_Stretch]) -> list[_Stretch]:
    longest, _ = STRIDES[1]
    short = [each for each in work if each.seconds <= longest]
    if len(short) == 1 and _far_longer_than_strides(work):
        return [each for each in work if each is not short[0]]
    return work


def _far_longer_than_strides(work: Sequence[_Stretch]) -> bool:
    longest, _ = STRIDES[1]
    return bool(work) and median(each.seconds for each in work) > MIN_OVER_STRIDES * longest


def _by_speed(stretches: list[_Stretch]) -> Iterator[list[_Stretch]]:
    """Call fast stretches work: above a wide gap under which each stands alone."""
    gaps = list[tuple[float, float]]()
    for slow, fast in pairwise(sorted({each.speed_mps for each in stretches})):
        work = [each.speed_mps >= fast for each in stretches]
        if sum(work) >= MIN_REPS and not any(a and b for a, b in pairwise(work)):
            gaps.append((fast - slow, fast))
    for _, least in sorted(gaps, reverse=True)[:MAX_GAPS]:
        yield [replace(each, work=each.speed_mps >= least) for each in stretches]


def _check_contrast(origin: Origin, stretches: Sequence[_Stretch], reps: Sequence[int]) -> None:
    if not reps:
        raise _DoubtError("no work in it")
    for k in reps:
        beside = [stretches[j] for j in (k - 1, k + 1) if 0 <= j < len(stretches)]
        if any(each.work for each in beside):
            raise _DoubtError("two reps side by side")
        if any(stretches[k].speed_mps < MIN_CONTRAST[origin] * e.speed_mps for e in beside):
            raise _DoubtError("a rep not faster than what lies beside it")


def _check_alike(origin: Origin, stretches: Sequence[_Stretch], reps: Sequence[int]) -> None:
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
        raise _DoubtError("reps of all sizes")
    if origin == "laps":
        rests = [e.seconds for k, e in enumerate(stretches) if k - 1 in reps and k + 1 in reps]
        if max(_exact_share(each) for each in (times, metres, rests)) < EXACT_SHARE:
            raise _DoubtError("laps of no set size")


def _check_few(origin: Origin, stretches: Sequence[_Stretch], reps: Sequence[int]) -> None:
    if origin != "steps" or min(stretches[k].seconds for k in reps) < MIN_LONG_REP_S:
        raise _DoubtError("one or two short reps")
    slowest = min(stretches[k].speed_mps for k in reps)
    easy = [each.speed_mps for each in stretches if not each.work and each.seconds >= 120.0]
    if not easy or slowest < MIN_LONG_CONTRAST * max(easy):
        raise _DoubtError("one or two reps hardly faster than the easy running")


def _check_ends(stretches: Sequence[_Stretch], reps: Sequence[int]) -> None:
    """Hold a rep that begins or ends the activity against the others."""
    for k in {0, len(stretches) - 1} & set(reps):
        if not any(_of_one_size(stretches[k], stretches[j]) for j in reps if j != k):
            raise _DoubtError("a first or last lap unlike the reps")


def _of_one_size(one: _Stretch, other: _Stretch) -> bool:
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


def _check_shape(reps: Sequence[_Stretch], distance: Distance) -> None:
    speeds = [each.speed_mps for each in reps]
    if min(speeds) < MIN_SLOWEST * max(speeds):
        raise _DoubtError("a rep far slower than the fastest")
    if median(speeds) < RUN_WALK_MPS:
        raise _DoubtError("run-walk")
    for longest, fewest in STRIDES:
        if max(each.seconds for each in reps) <= longest and len(reps) < fewest:
            raise _DoubtError("strides")
    for each in reps:
        if each.seconds > STRIDES[1][0]:  # half of a shorter one is a few samples
            _check_within(each, distance)


def _check_within(rep: _Stretch, distance: Distance) -> None:
    """Both halves of a rep, without its ramps, are about as fast, and nobody stands in it."""
    ramp = min(RAMP_S, rep.seconds / 6.0)
    start, end = rep.start_s + ramp, rep.end_s - ramp
    middle = 0.5 * (start + end)
    halves = distance.between(start, middle), distance.between(middle, end)
    most = MAX_HALVES if rep.seconds > SHORT_S else MAX_SHORT_HALVES
    if max(halves) > most * min(halves):
        raise _DoubtError("a rep with uneven halves")
    if distance.standing_s(rep.start_s, rep.end_s, STAND_MPS) >= MIN_STAND_S:
        raise _DoubtError("a stand-still in a rep")


def _check_around(stretches: Sequence[_Stretch], reps: Sequence[int]) -> None:
    """Reps are faster than warm-up and cool-down, where there are any."""
    easy = [*stretches[: reps[0]], *stretches[reps[-1] + 1 :]]
    seconds = sum(each.seconds for each in easy)
    if seconds >= 180.0:
        usual = sum(each.distance_m for each in easy) / seconds
        if median(stretches[k].speed_mps for k in reps) < MIN_OVER_EASY * usual:
            raise _DoubtError("reps no faster than warm-up and cool-down")


def _check_edges(stretches: Sequence[_Stretch], reps: Sequence[int], distance: Distance) -> None:
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
        raise _DoubtError("edges off")
    if sum(each > FAR_EDGE_S for each in errors) > MAX_FAR_SHARE * len(errors):
        raise _DoubtError("edges far off")


def _other_efforts(reps: Sequence[Span], distance: Distance, least_mps: float) -> tuple[Span, ...]:
    """Return stretches outside of the reps that are as fast."""
    found = []
    for start, end in distance.faster_than(least_mps):
        pieces = [(start, end)]
        for rep in reps:
            grown = (rep[0] - 6.0, rep[1] + 6.0)
            pieces = [
                piece
                for a, b in pieces
                for piece in ((a, min(b, grown[0])), (max(a, grown[1]), b))
                if piece[1] > piece[0]
            ]
        found += [piece for piece in dict.fromkeys(pieces) if piece[1] - piece[0] >= MIN_EFFORT_S]
    return tuple(found)
