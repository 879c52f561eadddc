"""Manual laps and workout steps beside what the streams show.

Presses near an edge sharpen it. Steps, or manual laps that alternate fast and slow, also say which
efforts were meant; they are believed where the streams show that they were carried out. Automatic
laps are seen through, and who won a disagreement is said.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

import numpy as np

from intervaldetect.records import Activity, Bools, Floats, Lap, LapsUsed, Role
from intervaldetect.structure.edges import MOST_SCALE
from intervaldetect.structure.readings import MIN_RECOVERY_S, SLOWEST_MEMBER
from intervaldetect.structure.sets import MIN_ALIKE
from intervaldetect.structure.tiling import Measure, Span

NEAR_S = 6.0
"""How far a lap press may lie from the edge it confirms."""
PRESS_ERROR_S = 1.0
"""Scatter of a press or a beep around the athlete's own habit."""
STRAY_S = 5.0
"""A shorter lap is a slip of the finger."""
AUTO_LAPS_M = (500.0, 1000.0, 1609.344, 5000.0, 10000.0)
"""Lengths at which watches lap by themselves."""
AUTO_TRIGGERS = frozenset({"distance", "position_start", "position_lap", "session_end"})
ACTIVE = frozenset({"active", "interval"})
AROUND = frozenset({"rest", "recovery", "warmup", "cooldown"})


@dataclass(frozen=True, slots=True)
class LapReading:
    """The efforts that laps or steps name, and how much faster than the rest they were."""

    efforts: tuple[tuple[float, float], ...]
    used: LapsUsed
    faster: float
    told: bool = False
    """Whether the laps say themselves what they are, as steps and laps written back do."""


def snap_to_laps(efforts: Sequence[Span], laps: Sequence[Lap], whole_s: float) -> list[Span]:
    """Move the edges of reps, disjoint and in time order, onto lap presses near them.

    ``laps`` are as the file has them. ``whole_s`` is the length of the activity: a last lap may end
    after the last record, a rep may not.
    """
    presses = np.minimum(lap_presses(laps), whole_s)
    out: list[Span] = []
    ends = [*(effort.start_s for effort in efforts[1:]), whole_s]
    for effort, latest in zip(efforts, ends, strict=False):
        begins = out[-1].end_s if out else 0.0
        start = _nearest(presses[presses >= begins], effort.start_s)
        end = _nearest(presses[presses <= latest], effort.end_s)
        if (effort.start_s if start is None else start) >= (effort.end_s if end is None else end):
            start = end = None  # one press beside both edges confirms neither
        moved = replace(effort, start_s=max(effort.start_s, begins))
        if start is not None:
            moved = replace(moved, start_s=start, start_error_s=PRESS_ERROR_S)
        if end is not None:
            moved = replace(moved, end_s=end, end_error_s=PRESS_ERROR_S)
        both = start is not None and end is not None
        out.append(replace(moved, source="lap") if both else moved)
    return out


def read_laps(activity: Activity, whole_s: float, speed: Measure) -> LapReading | None:
    """Read which efforts the file's steps or manual laps name.

    ``whole_s`` is the length of the activity, ``speed`` tells the mean in m/s. None where the laps
    are automatic, too few, or name no efforts.
    """
    laps = _disjoint(activity.laps, whole_s)
    by_step = _by_step(activity, laps, speed)
    told = by_step or _by_intensity(activity, laps)
    named = told or _alternating(_pressed(activity.laps, laps), speed)
    efforts = [(span.start_s, span.end_s) for span in named if span.role == "rep"]
    rest = [(span.start_s, span.end_s) for span in named if span.role != "rep"]
    fast = [v for v in (speed(*span) for span in efforts) if v is not None]
    slow = [v for v in (speed(*span) for span in rest) if v is not None]
    if not fast or not slow:
        return None
    used: LapsUsed = "steps" if by_step else "laps"
    return LapReading(tuple(efforts), used, median(fast) / max(median(slow), 0.1), bool(told))


def _disjoint(laps: Sequence[Lap], whole_s: float) -> list[Lap]:
    """Laps within the activity but slips; FIT starts them on whole seconds, so they may overlap."""
    laps = [lap for lap in laps if lap.end_s - lap.start_s >= STRAY_S]
    begins = [*(lap.start_s for lap in laps[1:]), whole_s]
    cut = (
        replace(lap, end_s=min(lap.end_s, whole_s, max(begin, lap.start_s)))
        for lap, begin in zip(laps, begins, strict=False)
    )
    return [lap for lap in cut if lap.end_s > lap.start_s]


def agreement(named: Sequence[tuple[float, float]], found: Sequence[tuple[float, float]]) -> float:
    """Share of efforts, of both readings together, that have a partner overlapping by half.

    Both are disjoint and in order of time. A partner lies about the middle of the other.
    """
    if not named or not found:
        return 0.0
    start, end = np.array(named).T
    other_start, other_end = np.array(found).T
    at = np.minimum(other_end.searchsorted((start + end) / 2, "right"), other_end.size - 1)
    shared = np.minimum(end, other_end[at]) - np.maximum(start, other_start[at])
    whole = np.maximum(end, other_end[at]) - np.minimum(start, other_start[at])
    return 2.0 * float((2 * shared > whole).sum()) / (len(named) + len(found))


def _by_step(activity: Activity, laps: Sequence[Lap], speed: Measure) -> list[Span]:
    """Efforts and the rest by the intensity of the workout steps; nothing without such a plan."""
    intensity = {step.index: step.intensity for step in activity.steps}
    marked = {intensity.get(lap.step) for lap in laps if lap.step is not None}
    if not marked & ACTIVE or not marked - ACTIVE - {None}:
        return []
    named = []
    for step, group in itertools.groupby(laps, key=lambda lap: lap.step):
        of_step = list(group)
        role: Role = "recovery" if step is None or intensity.get(step) not in ACTIVE else "rep"
        named.append(Span(role, of_step[0].start_s, of_step[-1].end_s))
    return _without_slow_ends(named, speed)


def _without_slow_ends(named: Sequence[Span], speed: Measure) -> list[Span]:
    """Move a first or last effort that is slower than usual and has no recovery beside it.

    Plans often mark every step as active, the warm-up and the cool-down too.
    """
    efforts = [span for span in named if span.role == "rep"]
    speeds = [speed(span.start_s, span.end_s) for span in efforts]
    usual_mps = median(known) if (known := [v for v in speeds if v is not None]) else 0.0
    slow = [v is not None and v < usual_mps for v in speeds]
    first, last = 0, len(efforts) - 1
    while last - first > 1 and slow[first] and _adjoin(efforts[first], efforts[first + 1]):
        first += 1
    while last - first > 1 and slow[last] and _adjoin(efforts[last - 1], efforts[last]):
        last -= 1
    begin_s, end_s = efforts[first].start_s, efforts[last].start_s
    return [
        span if begin_s <= span.start_s <= end_s else replace(span, role="recovery")
        for span in named
    ]


def _adjoin(span: Span, following: Span) -> bool:
    return following.start_s - span.end_s <= STRAY_S


def _by_intensity(activity: Activity, laps: Sequence[Lap]) -> list[Span]:
    """Efforts and the rest by the intensity of the laps themselves, nothing where one is missing.

    Believed only where every lap has an intensity, as laps that were written back have: watches
    call whole runs active or resting.
    """
    kinds = {lap.intensity for lap in activity.laps}
    by_hand = {lap.trigger for lap in activity.laps} <= {"manual", "session_end"}
    if None in kinds or not by_hand or activity.format != "fit":
        return []
    known = [lap for lap in laps if lap.intensity in ACTIVE | AROUND]
    if len({lap.intensity in ACTIVE for lap in known}) < 2:
        return []
    return [
        Span("rep" if lap.intensity in ACTIVE else "recovery", lap.start_s, lap.end_s)
        for lap in known
    ]


def _alternating(laps: Sequence[tuple[float, float]], speed: Measure) -> list[Span]:
    """Fast laps with slow ones between them, parted where the speeds of the laps part best."""
    known = [(span, v) for span in laps if (v := speed(*span)) is not None]
    if len(known) < MIN_ALIKE:
        return []
    spans = [span for span, _ in known]
    speeds, seconds = np.array([v for _, v in known]), np.diff(spans)[:, 0]
    order = np.argsort(speeds)
    cut = order[1 + int(np.argmax(_parting(speeds[order], seconds[order])))]
    fast = speeds >= speeds[cut]
    # A warm-up or cool-down beside a rep may be nearer to it than to the recoveries.
    fast[0] &= not fast[1]
    fast[-1] &= not fast[-2]
    # Two fast laps in a row are splits of something else: only alternation names reps.
    if (fast[1:] & fast[:-1]).any() or fast.sum() < 2:
        return []
    first, *_, last = np.flatnonzero(fast)
    return [Span("rep" if fast[k] else "recovery", *spans[k]) for k in range(first, last + 1)]


def _parting(speeds: Floats, seconds: Floats) -> Floats:
    """Variance between the k slowest of n sorted laps and the others, for k from 1 to n - 1."""
    slow_s, slow_m = np.cumsum(seconds), np.cumsum(seconds * speeds)
    fast_s, fast_m = slow_s[-1] - slow_s[:-1], slow_m[-1] - slow_m[:-1]
    gap = fast_m / fast_s - slow_m[:-1] / slow_s[:-1]
    return np.asarray(slow_s[:-1] * fast_s * gap**2)


def _pressed(laps: Sequence[Lap], disjoint: Sequence[Lap]) -> list[tuple[float, float]]:
    """Join laps that end by themselves with the next; nothing where all do."""
    presses = set(lap_presses(laps).tolist())
    out: list[tuple[float, float]] = []
    for lap in disjoint if presses else ():
        if out and lap.start_s not in presses:
            out[-1] = (out[-1][0], lap.end_s)
        else:
            out.append((lap.start_s, lap.end_s))
    return out


def lap_presses(laps: Sequence[Lap]) -> Floats:
    """List the times at which a person or a step ended a lap; automatic laps are left out."""
    if len(laps) < 2:
        return np.zeros(0)
    metres = np.array([np.nan if lap.distance_m is None else lap.distance_m for lap in laps])
    programmed = _alternate(laps, metres)
    auto = np.array(AUTO_LAPS_M)[:, None]
    of_one_length = (np.abs(metres[:-1] - auto) < MOST_SCALE * auto).all(axis=1).any()
    if of_one_length and not programmed:
        return np.zeros(0)
    times = [
        after.start_s
        for lap, after in itertools.pairwise(laps)
        if (programmed or not _ends_by_itself(lap, after))
        and max(after.end_s - after.start_s, lap.end_s - lap.start_s) >= STRAY_S
    ]
    return np.array([laps[0].start_s, *times, laps[-1].end_s])


def _ends_by_itself(lap: Lap, after: Lap) -> bool:
    return lap.trigger in AUTO_TRIGGERS and (lap.step is None or lap.step == after.step)


def _alternate(laps: Sequence[Lap], metres: Floats) -> bool:
    """Whether laps of one length alternate with slower laps or with stops: they were programmed."""
    start, end = np.array([(lap.start_s, lap.end_s) for lap in laps]).T
    speed = metres / np.where(end > start, end - start, np.nan)
    slower = speed[1:-1] < SLOWEST_MEMBER * np.minimum(speed[:-2], speed[2:])
    stopped = start[1:] - end[:-1] >= MIN_RECOVERY_S
    slow = (slower & _same(metres[:-2], metres[2:])).sum()
    stops = (stopped & _same(metres[:-1], metres[1:])).sum()
    return bool(max(slow, stops) >= MIN_ALIKE - 1)


def _same(metres: Floats, others: Floats) -> Bools:
    # A damaged lap may be endless: isclose says so without a warning.
    same: Bools = np.isclose(others, metres, rtol=MOST_SCALE, atol=0.0)
    return same


def _nearest(presses: Floats, moment_s: float) -> float | None:
    """Return the press nearest to a moment, None without one near."""
    away = np.abs(presses - moment_s)
    if not (away <= NEAR_S).any():
        return None
    return float(presses[np.argmin(away)])
