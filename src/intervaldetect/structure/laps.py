"""Manual laps and workout steps beside what the streams show.

Presses near an edge sharpen it. Steps, or manual laps that alternate fast and slow, also say which
efforts were meant; they are believed where the streams show that they were carried out. Automatic
laps are seen through, and who won a disagreement is said.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from intervaldetect.records import Activity, Floats, Lap, LapsUsed, Source

NEAR_S = 6.0
"""How far a lap press may lie from the edge it confirms."""
PRESS_ERROR_S = 1.0
"""Scatter of a press or a beep around the athlete's own habit."""
STRAY_S = 5.0
"""A shorter lap is a slip of the finger."""
AUTO_LAPS_M = (500.0, 1000.0, 1609.344, 5000.0, 10000.0)
"""Lengths at which watches lap by themselves."""
AUTO_ERROR = 0.015
"""How far the length of an automatic lap, measured again, lies from the one set (share)."""
SLOWER = 0.85
"""A lap so much slower than both beside it is a recovery."""
MIN_RECOVERIES = 2
"""Fewer slow laps, or stops between laps, come by chance."""
STOP_S = 10.0
"""A stop between two laps is at least this long."""
AUTO_TRIGGERS = frozenset({"distance", "position_start", "position_lap", "session_end"})
ACTIVE = frozenset({"active", "interval"})
AROUND = frozenset({"rest", "recovery", "warmup", "cooldown"})
CARRIED_OUT = 1.06
"""Efforts this much faster than what lies beside them were carried out."""
MAX_UNMARKED = 5
UNMARKED = 0.9
"""A first or last step slower than this share of the others is no effort."""
AGREE = 0.5
"""Share of efforts on which laps and streams have to agree where the streams are sure."""
SHORTEST_EFFORT_S = 10.0
"""A shorter step was skipped with the button."""

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Snapped:
    """An effort with its edges, how uncertain they are, and what they rest on."""

    start_s: float
    end_s: float
    start_error_s: float
    end_error_s: float
    source: Source = "stream"
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class LapReading:
    """The efforts that laps or steps name, and how much faster than the rest they were."""

    efforts: tuple[Span, ...]
    used: LapsUsed
    faster: float
    told: bool = False
    """Whether the laps say themselves what they are, as steps and laps written back do."""

    @property
    def carried_out(self) -> bool:
        """Whether the efforts were clearly faster than what lies between and around them."""
        return self.faster >= CARRIED_OUT


def snap_to_laps(efforts: Sequence[Snapped], laps: Sequence[Lap], whole_s: float) -> list[Snapped]:
    """Move edges onto lap presses near them.

    Parameters
    ----------
    efforts : sequence of Snapped
        Disjoint, in time order.
    laps : sequence of Lap
        As the file has them; automatic laps are seen through, none means nothing is moved.
    whole_s : float
        Length of the activity: a last lap may end after the last record, an effort may not.
    """
    presses = np.minimum(lap_presses(laps), whole_s)
    out: list[Snapped] = []
    ends = [*(effort.start_s for effort in efforts[1:]), whole_s]
    for effort, latest in zip(efforts, ends, strict=False):
        start, end = effort.start_s, effort.end_s
        near_start, near_end = _nearest(presses, start), _nearest(presses, end)
        begins = out[-1].end_s if out else 0.0
        if near_start is not None and near_start < begins:
            near_start = None
        if near_end is not None and near_end > latest:
            near_end = None
        begin = start if near_start is None else near_start
        if not begin < (end if near_end is None else near_end):
            near_start = near_end = None  # one press beside both edges confirms neither
        source = "lap" if near_start is not None and near_end is not None else effort.source
        out.append(
            Snapped(
                max(start, begins) if near_start is None else near_start,
                end if near_end is None else near_end,
                effort.start_error_s if near_start is None else PRESS_ERROR_S,
                effort.end_error_s if near_end is None else PRESS_ERROR_S,
                source,
                effort.confidence,
            )
        )
    return out


def read_laps(
    activity: Activity, whole_s: float, speed: Callable[[float, float], float | None]
) -> LapReading | None:
    """Read which efforts the file's steps or manual laps name.

    Parameters
    ----------
    activity : Activity
    whole_s : float
        Length of the activity.
    speed : callable
        Mean speed in m/s between two elapsed times, None where it is not known.

    Returns
    -------
    LapReading or None
        None where the laps are automatic, too few, or name no efforts.
    """
    spans = _disjoint([lap for lap in activity.laps if lap.end_s - lap.start_s >= STRAY_S], whole_s)
    named = _step_efforts(activity, spans)
    if named is not None:
        named = _without_unmarked_ends(*named, speed)
    used: LapsUsed = "laps" if named is None else "steps"
    named = named or _told_efforts(activity, spans)
    told = named is not None
    if named is None:
        if lap_presses(activity.laps).size == 0:
            return None
        named = _alternating(_pressed(activity.laps, spans), speed)
    efforts, rest = named
    fast = [v for v in (speed(*span) for span in efforts) if v is not None]
    slow = [v for v in (speed(*span) for span in rest) if v is not None]
    if not fast or not slow:
        return None
    faster = median(fast) / max(median(slow), 0.1)
    return LapReading(tuple(efforts), used, faster, told)


def _disjoint(laps: Sequence[Lap], whole_s: float) -> list[tuple[Lap, float, float]]:
    """Laps with their edges; FIT starts them on whole seconds, so ends may lie beyond the next."""
    begins = [*(lap.start_s for lap in laps[1:]), whole_s]
    return [
        (lap, min(lap.start_s, whole_s), min(lap.end_s, whole_s, max(begin, lap.start_s)))
        for lap, begin in zip(laps, begins, strict=False)
    ]


def agreement(named: Sequence[Span], found: Sequence[Span]) -> float:
    """Share of efforts, of both readings together, that have a partner overlapping by half.

    Both are disjoint and in order of time.
    """
    if not named or not found:
        return 0.0
    ends = [end for _, end in found]
    pairs = 0
    for a, b in named:
        for c, d in itertools.islice(found, bisect_right(ends, a), None):
            if c >= b:
                break
            if 2 * (min(b, d) - max(a, c)) > max(b, d) - min(a, c):
                pairs += 1
                break
    return 2.0 * pairs / (len(named) + len(found))


def _step_efforts(
    activity: Activity, spans: Sequence[tuple[Lap, float, float]]
) -> tuple[list[Span], list[Span]] | None:
    """Efforts and the rest by the intensity of the workout steps; None without such a plan."""
    intensity = {step.index: step.intensity for step in activity.steps}
    marked = {intensity.get(lap.step) for lap, _, _ in spans if lap.step is not None}
    if not marked & ACTIVE or not marked - ACTIVE - {None}:
        return None
    efforts: list[Span] = []
    rest: list[Span] = []
    for step, group in itertools.groupby(spans, key=lambda span: span[0].step):
        laps = list(group)
        whole = (laps[0][1], laps[-1][2])
        if whole[1] - whole[0] < SHORTEST_EFFORT_S:
            continue
        active = step is not None and intensity.get(step) in ACTIVE
        (efforts if active else rest).append(whole)
    return (efforts, rest) if efforts and rest else None


def _without_unmarked_ends(
    efforts: list[Span], rest: list[Span], speed: Callable[[float, float], float | None]
) -> tuple[list[Span], list[Span]]:
    """Move a slow first or last effort that has no recovery beside it to the rest.

    Plans often mark every step as active, the warm-up and the cool-down too.
    """
    efforts, rest = list(efforts), list(rest)
    for end, beside in ((0, 1), (-1, -2)):
        for _ in range(min(MAX_UNMARKED, len(efforts) - 2)):
            span, next_to = efforts[end], efforts[beside]
            gap = next_to[0] - span[1] if end == 0 else span[0] - next_to[1]
            others = [v for each in efforts if each != span and (v := speed(*each)) is not None]
            own = speed(*span)
            if gap > STRAY_S or own is None or not others or own > UNMARKED * median(others):
                break
            rest.append(efforts.pop(end))
    return efforts, sorted(rest)


def _told_efforts(
    activity: Activity, spans: Sequence[tuple[Lap, float, float]]
) -> tuple[list[Span], list[Span]] | None:
    """Efforts and the rest by the intensity of the laps themselves.

    Believed only where every lap has an intensity, as laps that were written back have: watches
    call whole runs active or resting.
    """
    kinds = {lap.intensity for lap in activity.laps}
    by_hand = {lap.trigger for lap in activity.laps} <= {"manual", "session_end"}
    if None in kinds or not by_hand or activity.format != "fit" or len(kinds & AROUND) == 0:
        return None
    efforts = [(a, b) for lap, a, b in spans if lap.intensity in ACTIVE and b > a]
    rest = [(a, b) for lap, a, b in spans if lap.intensity in AROUND and b > a]
    return (efforts, rest) if efforts and rest else None


def _alternating(
    spans: Sequence[tuple[Lap, float, float]], speed: Callable[[float, float], float | None]
) -> tuple[list[Span], list[Span]]:
    """Fast laps with slow ones between them, parted where the speeds of the laps part best."""
    known = [((a, b), v) for _, a, b in spans if (v := speed(a, b)) is not None and b > a]
    if len(known) < 3:
        return [], []
    speeds = np.array([v for _, v in known])
    seconds = np.array([b - a for (a, b), _ in known])
    order = np.argsort(speeds)
    cut = order[1 + int(np.argmax(_parting(speeds[order], seconds[order])))]
    fast = speeds >= speeds[cut]
    # A warm-up or cool-down beside a rep may be nearer to it than to the recoveries.
    fast[0] &= not fast[1]
    fast[-1] &= not fast[-2]
    # Two fast laps in a row are splits of something else: only alternation names reps.
    if (fast[1:] & fast[:-1]).any() or fast.sum() < 2:
        return [], []
    efforts = [span for (span, _), is_fast in zip(known, fast, strict=True) if is_fast]
    between = [
        span
        for (span, _), is_fast in zip(known, fast, strict=True)
        if not is_fast and efforts[0][0] < span[0] < efforts[-1][0]
    ]
    return efforts, between


def _parting(speeds: Floats, seconds: Floats) -> Floats:
    """Variance between the k slowest of n sorted laps and the others, for k from 1 to n - 1."""
    slow_s, slow_m = np.cumsum(seconds), np.cumsum(seconds * speeds)
    fast_s, fast_m = slow_s[-1] - slow_s[:-1], slow_m[-1] - slow_m[:-1]
    gap = fast_m / fast_s - slow_m[:-1] / slow_s[:-1]
    return np.asarray(slow_s[:-1] * fast_s * gap**2)


def _pressed(
    laps: Sequence[Lap], spans: Sequence[tuple[Lap, float, float]]
) -> list[tuple[Lap, float, float]]:
    """Join laps that end by themselves with the next."""
    presses = set(lap_presses(laps).tolist())
    out: list[tuple[Lap, float, float]] = []
    for lap, start, end in spans:
        if out and start not in presses:
            out[-1] = (out[-1][0], out[-1][1], end)
        else:
            out.append((lap, start, end))
    return out


def lap_presses(laps: Sequence[Lap]) -> Floats:
    """List the times at which a person or a step ended a lap; automatic laps are left out."""
    programmed = _alternate(laps)
    if len(laps) < 2 or (_of_one_length(laps) and not programmed):
        return np.zeros(0)
    times: list[float] = []
    for lap, after in itertools.pairwise(laps):
        same_step = lap.step is not None and lap.step == after.step
        by_itself = lap.trigger in AUTO_TRIGGERS and not programmed
        if by_itself and (lap.step is None or same_step):
            continue
        if after.end_s - after.start_s >= STRAY_S or lap.end_s - lap.start_s >= STRAY_S:
            times.append(after.start_s)
    return np.array([laps[0].start_s, *times, laps[-1].end_s])


def _of_one_length(laps: Sequence[Lap]) -> bool:
    """Whether all laps but the last measure the same kilometre or mile."""
    full = [lap.distance_m for lap in laps[:-1] if lap.distance_m is not None]
    return len(full) == len(laps) - 1 and any(
        all(abs(distance - auto) < AUTO_ERROR * auto for distance in full) for auto in AUTO_LAPS_M
    )


def _alternate(laps: Sequence[Lap]) -> bool:
    """Whether laps of one length alternate with slower laps or with stops: they were programmed."""
    slow = sum(
        _same_length(before, after) and _slower(lap, before) and _slower(lap, after)
        for before, lap, after in zip(laps, laps[1:], laps[2:], strict=False)
    )
    stops = sum(
        _same_length(before, after) and after.start_s - before.end_s >= STOP_S
        for before, after in itertools.pairwise(laps)
    )
    return slow >= MIN_RECOVERIES or stops >= MIN_RECOVERIES


def _same_length(one: Lap, other: Lap) -> bool:
    a, b = one.distance_m, other.distance_m
    return a is not None and b is not None and abs(a - b) < AUTO_ERROR * a


def _slower(lap: Lap, beside: Lap) -> bool:
    """Whether a lap was clearly slower than the one beside it, or stood."""
    own, other = _speed(lap), _speed(beside)
    return own is not None and other is not None and own < SLOWER * other


def _speed(lap: Lap) -> float | None:
    seconds = lap.end_s - lap.start_s
    return None if lap.distance_m is None or seconds <= 0.0 else lap.distance_m / seconds


def _nearest(presses: Floats, moment: float) -> float | None:
    if presses.size == 0:
        return None
    best = float(presses[np.argmin(np.abs(presses - moment))])
    return best if abs(best - moment) <= NEAR_S else None
