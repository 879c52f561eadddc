"""One session recorded twice -> counted once: copies of a watch and a service are found.

Recordings of one athlete are the same session where they start within 2 s, overlap by at least
90 % and end within 1 % of the longer one's length. A leg inside a triathlon ends elsewhere, so it
is none. A copy moved by whole quarters of an hour is one that lost its time zone, or another run:
it is suggested, never merged. What is found depends on the recordings alone, not on the order in
which they came.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from intervaldetect.store import Store

START_S = 2.0
OVERLAP = 0.9
END_SHARE = 0.01
# Offsets from UTC are quarters of an hour and reach 14 hours.
QUARTER_S, LARGEST_SHIFT_S = 900.0, 14 * 3600.0
# Recordings at one time whose distances differ by more are of two people.
APART_SHARE = 0.05
MANY_AT_ONCE = 2
MERGED, SUGGESTED = "merged", "suggested"

Row = tuple[int, int, str, float]
"""A recording, the one it is counted under, whether surely so, and the seconds between them."""

_RECORDINGS = """
    SELECT activity, sha256, start_time, elapsed_s, distance_m FROM recordings
    WHERE athlete = ? AND elapsed_s > 0 ORDER BY start_time, activity"""
# Most telling first; a file that is whole and corrected by hand goes before one with more channels.
_RICHNESS = """
    SELECT EXISTS (SELECT 1 FROM segments s WHERE s.activity = r.activity AND source = 'override'),
        integrity <> 'partial',
        (SELECT count(DISTINCT channel) FROM histograms h WHERE h.activity = r.activity)
        + EXISTS (SELECT 1 FROM segments s WHERE s.activity = r.activity
                  AND mean_cadence_spm IS NOT NULL)
        + EXISTS (SELECT 1 FROM segments s WHERE s.activity = r.activity
                  AND mean_power_w IS NOT NULL)
        + (temperature_c IS NOT NULL),
        CASE laps_used WHEN 'steps' THEN 2 WHEN 'laps' THEN 1 ELSE 0 END,
        CASE format WHEN 'fit' THEN 2 WHEN 'tcx' THEN 1 ELSE 0 END,
        (SELECT json_array_length(time_s) FROM traces t WHERE t.activity = r.activity)
    FROM recordings r WHERE activity = ?"""


@dataclass(frozen=True, slots=True)
class Recording:
    """When something was recorded, and how far it went."""

    activity: int
    sha256: str
    start_s: float
    elapsed_s: float
    distance_m: float | None

    @property
    def end_s(self) -> float:
        """Unix time of the last record."""
        return self.start_s + self.elapsed_s


Rank = Callable[[Recording], tuple[Any, ...]]
"""The lower, the richer."""


def is_same(one: Recording, other: Recording) -> bool:
    """Whether two recordings of one athlete are of one session; parts of one file never are."""
    if one.sha256 == other.sha256 or abs(one.start_s - other.start_s) > START_S:
        return False
    longer = max(one.elapsed_s, other.elapsed_s)
    both = min(one.end_s, other.end_s) - max(one.start_s, other.start_s)
    either = max(one.end_s, other.end_s) - min(one.start_s, other.start_s)
    return both >= OVERLAP * either and abs(one.end_s - other.end_s) <= END_SHARE * longer


def is_shifted(one: Recording, other: Recording) -> bool:
    """Whether one recording looks like the other with its clock in another time zone."""
    shift = abs(one.start_s - other.start_s)
    if one.sha256 == other.sha256 or not QUARTER_S - START_S <= shift <= LARGEST_SHIFT_S + START_S:
        return False
    off = abs(shift - QUARTER_S * round(shift / QUARTER_S))
    return off <= START_S and all(
        a is not None and b is not None and abs(a - b) <= END_SHARE * max(a, b)
        for a, b in ((one.elapsed_s, other.elapsed_s), (one.distance_m, other.distance_m))
    )


def settle_duplicates(store: Store, athlete: str) -> int:
    """Find an athlete's duplicates anew and note them in the store.

    Parameters
    ----------
    store : Store
        Open for writing.
    athlete : str

    Returns
    -------
    int
        How many recordings are counted under another.
    """
    recordings = [
        Recording(number, sha256, datetime.fromisoformat(start).timestamp(), elapsed, distance)
        for number, sha256, start, elapsed, distance in store.query(_RECORDINGS, (athlete,))
    ]
    # By the clock, not by the text: fractions of a second are not always written.
    recordings.sort(key=lambda one: (one.start_s, one.activity))
    richness: dict[int, tuple[Any, ...]] = {}

    def rank(one: Recording) -> tuple[Any, ...]:
        if one.activity not in richness:
            ((*found,),) = store.query(_RICHNESS, (one.activity,))
            richness[one.activity] = (*(-(value or 0) for value in found), one.activity)
        return richness[one.activity]

    same = list(_same_recordings(recordings, rank))
    merged = {row[0] for row in same}
    rest = [one for one in recordings if one.activity not in merged]
    store.mark_duplicates(athlete, sorted([*same, *_shifted_recordings(rest, rank)]))
    return len(merged)


def _same_recordings(recordings: Sequence[Recording], rank: Rank) -> Iterator[Row]:
    """Yield each recording that is the same as a richer one."""
    for group in _chains(recordings):
        kept: list[Recording] = []
        for one in sorted(group, key=rank):
            leader = next((other for other in kept if is_same(one, other)), None)
            if leader is None:
                kept.append(one)
            else:
                yield _row(one, leader, MERGED)


def _shifted_recordings(recordings: Sequence[Recording], rank: Rank) -> Iterator[Row]:
    """Yield each recording that may be another one, its clock off by hours."""
    for index, one in enumerate(recordings):
        for other in recordings[index + 1 :]:
            if other.start_s - one.start_s > LARGEST_SHIFT_S + START_S:
                break
            if is_shifted(one, other):
                better, worse = sorted((one, other), key=rank)
                yield _row(worse, better, SUGGESTED)


def _row(one: Recording, kept: Recording, what: str) -> Row:
    return one.activity, kept.activity, what, round(one.start_s - kept.start_s, 3)


def suggested(store: Store, athlete: str | None = None) -> list[tuple[str, str, float]]:
    """Return the paths of recordings that may be one, and the seconds between their starts."""
    return [
        (path, kept, shift)
        for path, kept, shift, whose in store.query(
            "SELECT a.path, b.path, shift_s, a.athlete FROM duplicates d"
            " JOIN recordings a ON a.activity = d.activity"
            " JOIN recordings b ON b.activity = d.kept"
            " WHERE verdict = ? ORDER BY a.athlete, a.start_time, a.activity",
            (SUGGESTED,),
        )
        if athlete is None or whose == athlete
    ]


def overlapping(store: Store) -> dict[str, int]:
    """Count the activities of each athlete that were recorded while another one was.

    Nobody runs twice at once: two or more of them look like the files of two people. Duplicates
    are left out, and so are parts of one file and recordings of one distance.
    """
    counts: dict[str, int] = {}
    before: tuple[Any, ...] | None = None
    rows = store.query(
        "SELECT athlete, sha256, unixepoch(start_time), elapsed_s, distance_m FROM activities"
        " WHERE elapsed_s > 0 ORDER BY athlete, start_time, activity"
    )
    for row in rows:
        if before is not None and _at_once(before, row):
            counts[row[0]] = counts.get(row[0], 0) + 1
        before = row
    return counts


def _at_once(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    """Whether two rows are of one athlete, overlap by half of the shorter, and differ in length."""
    if one[0] != other[0] or one[1] == other[1]:
        return False
    both = min(one[2] + one[3], other[2] + other[3]) - other[2]
    metres = one[4] or 0.0, other[4] or 0.0
    return bool(
        both > 0.5 * min(one[3], other[3])
        and abs(metres[0] - metres[1]) > APART_SHARE * max(metres)
    )


def _chains(recordings: Sequence[Recording]) -> list[list[Recording]]:
    """Return runs of recordings whose starts follow one another closely; single ones left out."""
    chains: list[list[Recording]] = []
    for one in recordings:
        if chains and one.start_s - chains[-1][-1].start_s <= START_S:
            chains[-1].append(one)
        else:
            chains.append([one])
    return [chain for chain in chains if len(chain) > 1]
