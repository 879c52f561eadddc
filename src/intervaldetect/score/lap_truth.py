"""Reps of a runner's own laps and workout steps, by strict rules; no detector has a say.

A session counts where laps say which stretches were reps and the speed bears every one of them
out. What is doubtful is left out, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from intervaldetect.records import Activity, Lap
from intervaldetect.score.distance import Distance
from intervaldetect.score.lap_checks import (
    MIN_REPS,
    STRIDES,
    DoubtError,
    Origin,
    Stretch,
    check_alike,
    check_around,
    check_contrast,
    check_edges,
    check_shape,
)
from intervaldetect.score.matching import Span, overlap_s

WORK = frozenset({"active", "interval"})
REST = frozenset({"rest", "recovery", "warmup", "cooldown"})
AUTO_M, AUTO_SHARE = (500.0, 1000.0, 1609.344), 0.7
MIN_STOP_S = 10.0
MIN_LAP_S, MIN_LAST_LAP_S = 5.0, 10.0
"""Shorter laps are slips of the finger; before so short a last one a rep counts if it is even."""
MAX_LAST_HALVES = 1.15
MAX_GAPS = 3
"""So many gaps between lap speeds are tried, the widest first."""
MIN_OVER_STRIDES = 3.0
MIN_EFFORT_S, EFFORT_SHARE, MAX_OUTSIDE = 10.0, 0.94, 0.35


@dataclass(frozen=True, slots=True)
class LapTruth:
    """The reps that laps and steps tell; none, with the reason, where a rule speaks against it."""

    reps: tuple[Span, ...] = ()
    ignore: tuple[Span, ...] = ()
    origin: Origin | None = None
    reason: str | None = None


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
        except DoubtError as doubt:
            first = first or LapTruth(origin=origin, reason=str(doubt))
        else:
            return found
    return first or LapTruth(reason="laps of the watch itself")


def _readings(activity: Activity, distance: Distance) -> Iterator[tuple[Origin, list[Stretch]]]:
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
) -> Iterator[tuple[Origin, list[Stretch]]]:
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
) -> Iterator[tuple[Origin, list[Stretch]]]:
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
) -> Iterator[tuple[Origin, list[Stretch]]]:
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


def _stretch(lap: Lap, distance: Distance) -> Stretch:
    metres = distance.between(lap.start_s, lap.end_s)
    return Stretch(lap.start_s, lap.end_s, metres / (lap.end_s - lap.start_s), metres)


def _merged(
    laps: Sequence[Lap], distance: Distance, belongs: Callable[[Lap, Lap], bool]
) -> list[tuple[Stretch, Lap]]:
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


def _judged(origin: Origin, stretches: list[Stretch], distance: Distance) -> LapTruth:
    """Return the reps of one reading of the laps, or raise why there are none."""
    if origin not in {"laps", "steps_by_speed"}:
        return _confirmed(origin, stretches, distance)
    doubts = list[DoubtError]()
    for marked in _by_speed(stretches):
        try:
            return _confirmed(origin, marked, distance)
        except DoubtError as doubt:
            doubts.append(doubt)
    raise doubts[0] if doubts else DoubtError("no fast laps with slow ones on both sides")


def _confirmed(origin: Origin, stretches: list[Stretch], distance: Distance) -> LapTruth:
    stretches = _without_strides(stretches)
    reps = [k for k, each in enumerate(stretches) if each.work]
    check_contrast(origin, stretches, reps)
    chosen = [stretches[k] for k in reps]
    check_alike(origin, stretches, reps)
    check_shape(chosen, distance)
    check_around(stretches, reps)
    check_edges(stretches, reps, distance)
    spans = tuple((each.start_s, each.end_s) for each in chosen)
    usual = median(each.speed_mps for each in chosen)
    ignore = _other_efforts(spans, distance, EFFORT_SHARE * usual)
    outside = sum(end - start for start, end in ignore)
    if outside > MAX_OUTSIDE * sum(each.seconds for each in chosen):
        raise DoubtError("efforts as fast outside of the laps")
    return LapTruth(spans, ignore, origin)


def _without_strides(stretches: list[Stretch]) -> list[Stretch]:
    """Leave out strides among longer reps: very short ones, a few lapped first, a lonely one."""
    work = _without_very_short([each for each in stretches if each.work])
    work = _without_lonely(_without_first(work))
    reps = {id(each) for each in work}
    return [replace(each, work=id(each) in reps) for each in stretches]


def _without_very_short(work: list[Stretch]) -> list[Stretch]:
    longest, _ = STRIDES[0]
    return [each for each in work if each.seconds > longest] or work


def _without_first(work: list[Stretch]) -> list[Stretch]:
    """Leave out a few short ones before the first that is longer."""
    longest, fewest = STRIDES[1]
    first = next((k for k, each in enumerate(work) if each.seconds > longest), 0)
    if first < fewest and _far_longer_than_strides(work[first:]):
        return work[first:]
    return work


def _without_lonely(work: list[Stretch]) -> list[Stretch]:
    longest, _ = STRIDES[1]
    short = [each for each in work if each.seconds <= longest]
    if len(short) == 1 and _far_longer_than_strides(work):
        return [each for each in work if each is not short[0]]
    return work


def _far_longer_than_strides(work: Sequence[Stretch]) -> bool:
    longest, _ = STRIDES[1]
    return bool(work) and median(each.seconds for each in work) > MIN_OVER_STRIDES * longest


def _by_speed(stretches: list[Stretch]) -> Iterator[list[Stretch]]:
    """Call fast stretches work: above a wide gap under which each stands alone."""
    gaps = list[tuple[float, float]]()
    for slow, fast in pairwise(sorted({each.speed_mps for each in stretches})):
        work = [each.speed_mps >= fast for each in stretches]
        if sum(work) >= MIN_REPS and not any(a and b for a, b in pairwise(work)):
            gaps.append((fast - slow, fast))
    for _, least in sorted(gaps, reverse=True)[:MAX_GAPS]:
        yield [replace(each, work=each.speed_mps >= least) for each in stretches]


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
