"""The one builder: what any format reader found -> :class:`~intervaldetect.records.Activity`.

A format reader is a function ``read_parts(data: bytes, path: str) -> list[RawPart]``. It decodes
and converts to the units of :mod:`intervaldetect.records.channels`, and judges nothing: clock
repair, ranges, pauses, cadence and integrity are decided here, for all formats alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np

from intervaldetect.errors import CorruptFile, NoRecords
from intervaldetect.read.clock import repair, trim
from intervaldetect.read.fixes import without_false_fixes
from intervaldetect.read.lap_times import place_laps
from intervaldetect.read.local_time import in_zone
from intervaldetect.read.order import in_order
from intervaldetect.read.pauses import boundary_pauses, take_marks, without_running
from intervaldetect.read.reconcile import Facts, reconcile
from intervaldetect.read.totals import settle_totals
from intervaldetect.records import (
    Activity,
    Event,
    Floats,
    Format,
    Integrity,
    Pause,
    Problem,
    Session,
    WorkoutStep,
)
from intervaldetect.records.channels import BY_NAME, CHANNELS

BEFORE_UNITS = {"distance": 4.2e7, "speed": 6e4}
"""What a counter in mm or a speed in mm/s may reach before its unit is known; FIT's mark of no
distance is above."""

UNIX_RANGE = (0.0, 4.0e9)
"""Stamps outside 1970-2096 are not times."""


class RawLap(NamedTuple):
    """A lap with absolute times (unix s); None or NaN where the file has none."""

    start: float | None
    end: float | None
    distance_m: float | None = None
    timer_s: float | None = None
    trigger: str | None = None
    intensity: str | None = None
    step: int | None = None
    stamp: float | None = None
    """When the lap was written, which is its end, where the file says so beside its start."""


class RawEvent(NamedTuple):
    """An event with its absolute time (unix s)."""

    time: float
    event: str
    event_type: str | None = None
    heart_rate_bpm: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RawPart:
    """One activity as a format reader found it, nothing judged.

    Parameters
    ----------
    stamps : array of float64, shape (n,)
        Unix seconds (UTC) in file order; NaN for a sample without a time.
    columns : mapping of name to array of float64, shape (n,)
        Any of ``columns.NAMES`` except ``time``, in their units, NaN for null; ranges are checked
        by the builder. ``cadence`` is as the file has it: turns, or strides of one leg.
    laps, events, steps, session, name, description, sport, sub_sport, device, utc_offset_s
        As in :class:`~intervaldetect.records.Activity`; sports are FIT names in lower case.
    breaks : sequence of int
        Sample indices where a new track or track segment begins (GPX, TCX).
    zoned : bool
        Whether the times say their zone; if not, ``stamps`` take them for UTC.
    zone : str or None
        The local zone, an IANA name or an offset, where the file tells it beside its times.
    fallback_start : float or None
        Unix seconds to date the activity by when its clock counts from power-on.
    integrity : str
        ``partial`` when something could not be decoded, ``repaired`` when something was corrected.
    problems : tuple of Problem
        What the reader repaired, dropped or guessed.
    """

    stamps: Floats
    columns: Mapping[str, Floats]
    laps: Sequence[RawLap] = ()
    events: Sequence[RawEvent] = ()
    steps: Sequence[WorkoutStep] = ()
    breaks: Sequence[int] = ()
    session: Session = field(default_factory=Session)
    name: str | None = None
    description: str | None = None
    sport: str | None = None
    sub_sport: str | None = None
    device: str | None = None
    utc_offset_s: float | None = None
    zoned: bool = True
    zone: str | None = None
    fallback_start: float | None = None
    integrity: Integrity = "intact"
    problems: tuple[Problem, ...] = ()


def build_activities(
    parts: Sequence[RawPart],
    *,
    path: str,
    sha256: str,
    form: Format,
    timezone: str | None = None,
) -> tuple[Activity, ...]:
    """Build every part that holds a timed sample; parts count from 1 in file order.

    ``timezone`` is the zone of times that name none.

    Raises
    ------
    NoRecords
        No part holds a sample with a time.
    """
    activities: list[Activity] = []
    empty = 0
    for raw in parts:
        timed = np.isfinite(raw.stamps)
        if raw.stamps.size:
            timed &= (raw.stamps > UNIX_RANGE[0]) & (raw.stamps < UNIX_RANGE[1])
        if not timed.any():
            empty += 1
            continue
        built = _build(raw, timed, path, sha256, form, len(activities) + 1)
        activities.append(in_zone(built, raw.zoned, raw.zone, timezone))
    if not activities:
        samples = sum(part.stamps.size for part in parts)
        reason = f"none of {samples} samples has a time" if samples else "no samples"
        raise NoRecords(path, "build", reason)
    return tuple(activities)


def _build(
    raw: RawPart,
    timed: np.ndarray[tuple[int], np.dtype[np.bool_]],
    path: str,
    sha256: str,
    form: Format,
    part: int,
) -> Activity:
    problems = list(raw.problems)
    integrity: Integrity = raw.integrity
    stamps, columns, breaks = raw.stamps, dict(raw.columns), list(raw.breaks)
    untimed = int(timed.size - np.count_nonzero(timed))
    if untimed:
        problems.append(Problem("untimed_samples", "samples without a time were left out", untimed))
        before = np.concatenate(([0], np.cumsum(timed)))
        breaks = [int(before[i]) for i in breaks if 0 <= i < timed.size]
        stamps = stamps[timed]
        columns = {name: values[timed] for name, values in columns.items()}

    ordered = in_order(stamps, columns, breaks)
    stamps, columns, breaks = ordered.stamps, ordered.columns, ordered.breaks
    problems.extend(ordered.problems)
    clock = repair(
        stamps,
        raw.fallback_start,
        stops=[*breaks, *_stops(raw.events, stamps)],
        first_fix=_first_fix(columns),
    )
    kept = trim(clock.elapsed_s)
    if kept < stamps.size:
        cut = int(stamps.size) - kept
        problems.append(Problem("too_long", "samples past 2 million seconds were left out", cut))
    problems.extend(clock.problems)
    elapsed = clock.elapsed_s[:kept]

    table, outside = _checked(columns, elapsed.size, kept)
    table = {"time": elapsed, **table}
    marks, mark_problems = take_marks(table)
    problems.extend(mark_problems)
    problems.extend(without_false_fixes(table))
    facts = Facts(raw.sport, raw.sub_sport, _total(raw))
    sport, reconciled = reconcile(table, facts)
    for name in BEFORE_UNITS:
        _limit(table[name], BY_NAME[name].low, BY_NAME[name].high, name, outside)
    range_problems = [_out_of_range(name, count) for name, count in outside.items()]
    problems.extend(range_problems)
    if integrity == "intact" and (
        untimed or kept < stamps.size or ordered.problems or clock.problems or range_problems
    ):
        integrity = "repaired"
    problems.extend(reconciled)

    laps, lap_problems = place_laps(raw.laps, clock, float(elapsed[-1]))
    problems.extend(lap_problems)
    events = tuple(
        Event(clock.to_elapsed(event.time), event.event, event.event_type, event.heart_rate_bpm)
        for event in raw.events
        if event.time == event.time
    )
    session, laps, total_problems = settle_totals(raw.session, table, laps, events, raw.sub_sport)
    problems.extend(total_problems)
    pauses = _pauses(events, [*marks, *boundary_pauses(breaks, table)], elapsed)
    pauses, pause_problems = without_running(pauses, table, raw.session.timer_s)
    problems.extend(pause_problems)
    try:
        start_time = datetime.fromtimestamp(0, UTC) + timedelta(seconds=clock.start_unix)
    except (OverflowError, ValueError) as error:  # pragma: no cover - UNIX_RANGE keeps it away
        raise CorruptFile(path, "build", "the start is no date") from error
    return Activity(
        path=path,
        sha256=sha256,
        format=form,
        part=part,
        integrity=integrity,
        start_time=start_time,
        columns=table,
        laps=laps,
        pauses=pauses,
        steps=tuple(raw.steps),
        events=events,
        session=session,
        name=raw.name,
        description=raw.description,
        sport=sport,
        sub_sport=raw.sub_sport,
        device=raw.device,
        utc_offset_s=raw.utc_offset_s,
        problems=tuple(problems),
    )


def _checked(
    columns: Mapping[str, Floats], size: int, kept: int
) -> tuple[dict[str, Floats], dict[str, int]]:
    """Give every channel a column of its own; values out of range become NaN and are counted."""
    table: dict[str, Floats] = {}
    outside: dict[str, int] = {}
    for channel in CHANNELS[1:]:
        given = columns.get(channel.name)
        if given is None:
            table[channel.name] = np.full(size, np.nan)
            continue
        values = np.array(given[:kept], dtype=np.float64)
        if channel.name == "heart_rate":
            values[values == 0.0] = np.nan  # a strap without skin contact, not a value
        high = BEFORE_UNITS.get(channel.name, channel.high)
        _limit(values, channel.low, high, channel.name, outside)
        table[channel.name] = values
    latitude, longitude = table["latitude"], table["longitude"]
    half = np.isnan(latitude) != np.isnan(longitude)
    if half.any():
        latitude[half] = longitude[half] = np.nan
    return table, outside


def _limit(values: Floats, low: float, high: float, name: str, outside: dict[str, int]) -> None:
    """Make values outside a range NaN, in place, and add to their count."""
    # Of nearly every column the extremes tell that all is well.
    lowest = np.fmin.reduce(values, initial=np.nan)
    highest = np.fmax.reduce(values, initial=np.nan)
    if lowest < low or highest > high:
        bad = (values < low) | (values > high)
        values[bad] = np.nan
        outside[name] = outside.get(name, 0) + int(np.count_nonzero(bad))


def _out_of_range(name: str, count: int) -> Problem:
    channel = BY_NAME[name]
    text = f"{name} outside {channel.low:g}..{channel.high:g} {channel.unit} was made null"
    return Problem(f"{name}_out_of_range", text, count)


def _total(raw: RawPart) -> float | None:
    """Give the whole way by the session, else by the laps."""
    if raw.session.distance_m is not None:
        return raw.session.distance_m
    metres = [lap.distance_m for lap in raw.laps if lap.distance_m is not None]
    return sum(metres) if metres else None


def _stops(events: Sequence[RawEvent], stamps: Floats) -> list[int]:
    """Find the samples before which the timer was stopped."""
    times = [e.time for e in events if e.event == "timer" and e.event_type in _STOPS]
    return [int(k) for k in np.searchsorted(stamps, times, "right")]


def _first_fix(columns: Mapping[str, Floats]) -> int:
    """Find the first sample with a position."""
    latitude = columns.get("latitude")
    return 0 if latitude is None or not latitude.size else int(np.isfinite(latitude).argmax())


def _pauses(events: Sequence[Event], others: Sequence[Pause], elapsed: Floats) -> tuple[Pause, ...]:
    """Pair timer stops with the next start; add the pauses that are known otherwise."""
    last = float(elapsed[-1])
    pauses: list[Pause] = list(others)
    stopped: float | None = None
    for event in sorted(events, key=lambda event: event.time_s):
        if event.event != "timer":
            continue
        if event.event_type in _STOPS:
            stopped = event.time_s if stopped is None else stopped
        elif event.event_type == "start" and stopped is not None:
            if event.time_s > stopped and event.time_s > 0.0 and stopped < last:
                pauses.append(Pause(max(stopped, 0.0), min(event.time_s, last)))
            stopped = None
    return tuple(sorted(pauses, key=lambda pause: pause.start_s))


_STOPS: frozenset[str] = frozenset({"stop", "stop_all", "stop_disable", "stop_disable_all"})
