"""Where the timer stood, read off track segments and the marks that some makers set.

GPX and TCX have no events. A new segment may be a pause, or a lap; a hole in the samples may be
one, too, which cleaning decides by the way made in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from intervaldetect.read.clock import middle, usual_step
from intervaldetect.records import Bools, Floats, Pause, Problem

BREAK_S = 10.0
"""A new track segment that begins later than this after the last one means the timer stood."""

USUAL_STEPS = 1.5
"""Unless the samples lie so far apart everywhere: so many of their usual steps are no gap."""

MAX_CROSSING_S = 120.0
"""Over a longer gap the way made is no running; a ferry makes some, too."""

CROSSING_SHARE = 0.6
MIN_CROSSING_MPS = 1.0
"""A gap crossed at such a share of the speed beside it, and no slower than this, is run."""

TIMER_S = 5.0
"""A session's timer is rounded, and it starts and stops a little beside the events."""

MIN_INSIDE, MIN_RUNNING_MPS = 5, 1.8
"""A pause that is run through holds so many samples at least, and is no slower than this."""

BESIDE_S = 60.0
"""The speed beside a gap is that of so many seconds before and after."""

EARTH_RADIUS_M = 6_371_008.8

POLE = 90.0
"""Nobody runs exactly there; a band marks pauses by points at this latitude."""


def boundary_pauses(breaks: Sequence[int], table: Mapping[str, Floats]) -> list[Pause]:
    """Give the pauses between track segments; a boundary crossed at running speed is none.

    Parameters
    ----------
    breaks : sequence of int
        Where segments begin.
    table : mapping of name to (n,) array
        Elapsed ``time`` in s, ``distance`` in m and positions.
    """
    time = table["time"]
    gaps = [(k, float(time[k] - time[k - 1])) for k in breaks if 0 < k < time.size]
    gaps = [(k, seconds) for k, seconds in gaps if seconds > BREAK_S]
    if not gaps:
        return []
    usual = usual_step(np.diff(time))
    return [
        Pause(float(time[k - 1]), float(time[k]))
        for k, seconds in gaps
        if seconds > USUAL_STEPS * usual and not _is_crossed(k, seconds, table)
    ]


def _is_crossed(k: int, seconds: float, table: Mapping[str, Floats]) -> bool:
    if seconds > MAX_CROSSING_S:
        return False
    time = table["time"]
    first, last = np.searchsorted(time, [time[k - 1] - BESIDE_S, time[k] + BESIDE_S]).tolist()
    metres = _steps(table, first, min(last + 1, time.size))
    spans = np.diff(time[first : min(last + 1, time.size)])
    at = k - 1 - first
    known = np.isfinite(metres) & (spans > 0.0)
    known[at] = False
    if not np.isfinite(metres[at]) or not known.any():
        return False
    beside = middle(metres[known] / spans[known])
    speed = metres[at] / seconds
    return bool(speed >= max(CROSSING_SHARE * beside, MIN_CROSSING_MPS))


def _steps(table: Mapping[str, Floats], first: int, last: int) -> Floats:
    """Metres from sample to sample, by the counter where there is one, else by positions."""
    distance = table["distance"][first:last]
    if np.count_nonzero(np.isfinite(distance)) > 0.5 * distance.size and np.ptp(
        distance[np.isfinite(distance)]
    ):
        return np.asarray(np.diff(distance))
    latitude = np.radians(table["latitude"][first:last])
    longitude = np.radians(table["longitude"][first:last])
    east = np.diff(longitude) * np.cos(latitude[1:])
    return np.asarray(EARTH_RADIUS_M * np.hypot(np.diff(latitude), east))


def without_running(
    pauses: Sequence[Pause], table: Mapping[str, Floats], timer_s: float | None
) -> tuple[tuple[Pause, ...], tuple[Problem, ...]]:
    """Leave out the pauses in which the samples go on at running speed.

    A stop that was not one, or a start that was not written. Where the session's own timer is what
    the pauses leave, they stand: some devices record on while the timer stands.
    """
    whole_s = float(table["time"][-1])
    stopped = sum(pause.end_s - pause.start_s for pause in pauses)
    told = timer_s is not None and abs(whole_s - stopped - timer_s) <= 0.1 * stopped + TIMER_S
    if not pauses or told:
        return tuple(pauses), ()
    kept = tuple(pause for pause in pauses if not _is_run(pause, table))
    dropped = len(pauses) - len(kept)
    if not dropped:
        return kept, ()
    message = "stops of the timer in which the running goes on were left out"
    return kept, (Problem("pauses_run_through", message, dropped),)


def _is_run(pause: Pause, table: Mapping[str, Floats]) -> bool:
    time = table["time"]
    begin = int(np.searchsorted(time, pause.start_s, "right")) - 1
    end = int(np.searchsorted(time, pause.end_s, "left"))
    begin, end = max(begin, 0), min(end, time.size - 1)
    if end - begin < MIN_INSIDE or pause.end_s - pause.start_s < BREAK_S:
        return False  # a few seconds at speed are a press by mistake, or the lag of the counter
    first = int(np.searchsorted(time, time[begin] - BESIDE_S))
    last = int(np.searchsorted(time, time[end] + BESIDE_S, "right"))
    metres, spans = _steps(table, first, last), np.diff(time[first:last])
    known = np.isfinite(metres) & (spans > 0.0)
    inside = np.zeros(known.size, np.bool_)
    inside[begin - first : end - first] = True
    within, beside = known & inside, known & ~inside
    if not within.any() or not beside.any():
        return False
    usual = middle(metres[beside] / spans[beside])
    speed = metres[within].sum() / spans[inside].sum()
    return bool(speed >= max(CROSSING_SHARE * usual, MIN_RUNNING_MPS))


def take_marks(
    table: dict[str, Floats],
) -> tuple[list[Pause], tuple[Problem, ...]]:
    """Take out the positions at the pole that mark pauses, and give the pauses."""
    latitude, time = table["latitude"], table["time"]
    marked: Bools = np.abs(latitude) == POLE
    if not marked.any():
        return [], ()
    latitude[marked] = table["longitude"][marked] = np.nan
    edges = np.flatnonzero(np.diff(np.concatenate(([0], marked.view(np.int8), [0]))))
    pauses = []
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        until = min(end, time.size - 1)
        if time[until] - time[start] > BREAK_S:
            pauses.append(Pause(float(time[start]), float(time[until])))
    message = "points at a pole mark pauses; their positions were made null"
    return pauses, (Problem("pole_positions", message, int(marked.sum())),)
