"""Tracks of one GPX file that are pieces of one run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import cos, hypot, radians

import numpy as np

from intervaldetect.read.build import RawPart
from intervaldetect.read.reconcile.cells import METRES_PER_DEGREE
from intervaldetect.records import Floats, Integrity, Problem

MAX_GAP_S = 120.0
"""A track that begins sooner after another one goes on with its run."""

MAX_PAUSE_S = 900.0
MAX_PAUSE_M = 200.0
"""So does one of the same name that begins within this time and distance of where that ended."""

MAX_OVERLAP_S = 1.0
"""Tracks that overlap by more were recorded side by side."""

_WORST: tuple[Integrity, ...] = ("intact", "repaired", "partial")


def join_tracks(parts: Sequence[RawPart]) -> list[RawPart]:
    """Join tracks that follow one another within seconds; the others stay as they are.

    Parameters
    ----------
    parts : sequence of RawPart
        The tracks of one file, in any order.

    Returns
    -------
    list of RawPart
        In file order of the first piece of each.
    """
    if len(parts) < 2:
        return list(parts)
    return [
        parts[group[0]] if len(group) == 1 else _joined([parts[k] for k in group])
        for group in sorted(_groups(parts), key=min)
    ]


def without_copies(parts: Sequence[RawPart], *, whole: bool = False) -> list[RawPart]:
    """Leave out parts whose samples another part holds from its beginning on.

    Parameters
    ----------
    parts : sequence of RawPart
        All of one file; some apps write every track again with what was added to it.
    whole : bool
        Whether only parts of the same length count as copies.

    Returns
    -------
    list of RawPart
        In file order; the longest of each kind, of these one that is intact, stands where the first
        of them stood.
    """
    places: dict[float, int] = {}
    kept: list[RawPart] = []
    copies: list[int] = []
    for part in parts:
        start = float(part.stamps[0]) if part.stamps.size else float("nan")
        place = places.get(start)
        shorter, longer = sorted((kept[place] if place is not None else part, part), key=_worth)
        unequal = whole and longer.stamps.size != shorter.stamps.size
        if place is None or unequal or not _begins_with(longer, shorter):
            places[start] = len(kept)
            kept.append(part)
            copies.append(0)
        else:
            kept[place] = longer
            copies[place] += 1
    message = "parts that another one repeats were left out"
    return [
        replace(part, problems=(*part.problems, Problem("parts_repeated", message, count)))
        if count
        else part
        for part, count in zip(kept, copies, strict=True)
    ]


def _worth(part: RawPart) -> tuple[int, bool]:
    return part.stamps.size, part.integrity == "intact"


def _begins_with(longer: RawPart, shorter: RawPart) -> bool:
    """Whether a part begins with all samples of another one."""
    size = shorter.stamps.size
    return (
        longer.columns.keys() == shorter.columns.keys()
        and np.array_equal(longer.stamps[:size], shorter.stamps, equal_nan=True)
        and all(
            np.array_equal(longer.columns[name][:size], values, equal_nan=True)
            for name, values in shorter.columns.items()
        )
    )


def _groups(parts: Sequence[RawPart]) -> list[list[int]]:
    """Return which tracks go on with which; one without times stands alone."""
    spans = [_span(part.stamps) for part in parts]
    timed = sorted((span[0], k) for k, span in enumerate(spans) if span is not None)
    groups: list[list[int]] = []
    for _, k in timed:
        if groups and _goes_on(parts[groups[-1][-1]], parts[k]):
            groups[-1].append(k)
        else:
            groups.append([k])
    return [*groups, *([k] for k, span in enumerate(spans) if span is None)]


def _span(stamps: Floats) -> tuple[float, float] | None:
    known = stamps[np.isfinite(stamps)]
    return (float(known.min()), float(known.max())) if known.size else None


def _goes_on(before: RawPart, after: RawPart) -> bool:
    if before.sport and after.sport and before.sport != after.sport:
        return False
    first, second = _span(before.stamps), _span(after.stamps)
    if first is None or second is None:
        return False
    gap = second[0] - first[1]
    if gap < -MAX_OVERLAP_S or gap > MAX_PAUSE_S:
        return False
    return gap <= MAX_GAP_S or (before.name == after.name and _is_near(before, after))


def _is_near(before: RawPart, after: RawPart) -> bool:
    """Tell whether a track begins where the other one ended."""
    here, there = _place(before, -1), _place(after, 0)
    if here is None or there is None:
        return False
    north = there[0] - here[0]
    east = (there[1] - here[1]) * cos(radians(here[0]))
    return hypot(north, east) * METRES_PER_DEGREE <= MAX_PAUSE_M


def _place(part: RawPart, end: int) -> tuple[float, float] | None:
    latitude, longitude = part.columns.get("latitude"), part.columns.get("longitude")
    if latitude is None or longitude is None:
        return None
    known = np.flatnonzero(np.isfinite(latitude) & np.isfinite(longitude))
    return (float(latitude[known[end]]), float(longitude[known[end]])) if known.size else None


def _joined_columns(pieces: Sequence[RawPart]) -> dict[str, Floats]:
    """Put columns behind one another; NaN stands where a piece does not have one."""
    names = {name for piece in pieces for name in piece.columns}
    return {
        name: np.concatenate(
            [piece.columns.get(name, np.full(piece.stamps.size, np.nan)) for piece in pieces]
        )
        for name in names
    }


def _joined(pieces: Sequence[RawPart]) -> RawPart:
    sizes = np.cumsum([0, *(piece.stamps.size for piece in pieces)]).tolist()
    breaks = [
        at + start
        for piece, start in zip(pieces, sizes, strict=False)
        for at in sorted({0, *piece.breaks})
    ]
    message = "tracks that follow one another within seconds were read as one run"
    return replace(
        pieces[0],
        stamps=np.concatenate([piece.stamps for piece in pieces]),
        columns=_joined_columns(pieces),
        breaks=breaks,
        sport=next(filter(None, (piece.sport for piece in pieces)), None),
        sub_sport=next(filter(None, (piece.sub_sport for piece in pieces)), None),
        integrity=max((piece.integrity for piece in pieces), key=_WORST.index),
        problems=(
            *dict.fromkeys(problem for piece in pieces for problem in piece.problems),
            Problem("tracks_joined", message, len(pieces)),
        ),
    )
