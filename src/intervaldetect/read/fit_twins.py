"""Speed, altitude and cadence that a record holds twice: the plain and the enhanced field.

The enhanced field counts, for it holds more. Some devices write zeros, one value throughout or the
mark of no value of the plain one into it; then the true values stand in the plain field only.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import TYPE_CHECKING

import numpy as np

from intervaldetect.kernels import fit_layout as layout
from intervaldetect.read.fit_scan import field_of
from intervaldetect.records import Floats, Problem
from intervaldetect.records.channels import BY_NAME

if TYPE_CHECKING:
    from intervaldetect.read.fit_light import Walk

PLAIN = {"speed": 6, "altitude": 2, "cadence": 4}
"""Number of the plain field of a channel that has an enhanced or a finer one as well."""

MOVING = frozenset({"speed", "cadence"})
FULL_SHARE = 0.5
"""Above zero in a smaller share of the samples than its twin, one of these holds no values."""

_UNITS = dict(zip(layout.FIELDS[:, 0].tolist(), layout.UNITS.tolist(), strict=True))


def settle_twins(
    columns: MutableMapping[str, Floats], plain: Callable[[str], Floats]
) -> list[Problem]:
    """Take plain fields, in place, where the enhanced ones hold no values, and say so.

    Parameters
    ----------
    columns : mapping of name to (n,) float64
        As decoded: the enhanced field where it is valid, else the plain one.
    plain : callable
        Gives the plain field of a channel, (n,), NaN where there is none. It is asked only where
        the column looks as if it held no values.
    """
    problems: list[Problem] = []
    for name in PLAIN:
        taken = columns[name]
        if not taken.size or not _is_doubtful(name, taken):
            continue
        better = _better(name, taken, plain(name))
        count = int(np.count_nonzero(better != taken) - np.count_nonzero(np.isnan(taken)))
        if count > 0:
            columns[name] = better
            text = f"{name} taken from the plain field: the enhanced one holds no values"
            problems.append(Problem("channel_switched", text, count))
    return problems


def _is_doubtful(name: str, values: Floats) -> bool:
    """Whether values are one throughout, out of range, or mostly zeros where that is none."""
    highest = np.fmax.reduce(values, initial=np.nan)
    if highest > BY_NAME[name].high:
        return True
    if not values[values.size // 2] < highest:  # else more than one value is there
        lowest = np.fmin.reduce(values, initial=np.nan)
        if lowest == highest:
            return True
    above = np.count_nonzero(values > 0.0)
    return bool(name in MOVING and above < FULL_SHARE * values.size)


def _better(name: str, taken: Floats, plain: Floats) -> Floats:
    """Give the plain field where it says more, else what was taken without what is out of range."""
    known = np.isfinite(plain)
    varies = known.any() and plain[known].min() < plain[known].max()
    constant = np.fmin.reduce(taken) == np.fmax.reduce(taken)
    emptier = np.count_nonzero(taken > 0.0) < FULL_SHARE * np.count_nonzero(plain > 0.0)
    if varies and (constant or (name in MOVING and emptier)):
        return np.where(known, plain, np.nan)
    outside = known & (taken > BY_NAME[name].high)
    return np.where(outside, plain, taken)


def plain_field(data: bytes, found: Walk, name: str) -> Floats:
    """Decode the plain field of a channel, NaN where a record has none."""
    number = PLAIN[name]
    first, second, less = _UNITS[number]
    out = np.full(found.rows, np.nan)
    defined = found.places[1]
    changes = np.flatnonzero(np.diff(defined, prepend=-1))
    for at in dict.fromkeys(defined[changes].tolist()):
        where = 0
        for i in range(data[at + 5]):
            key, width, base = data[at + 6 + 3 * i : at + 9 + 3 * i]
            kind = base & 0x1F
            size = int(layout.WIDTH[kind]) if kind < layout.KINDS else 0
            if key == number and size and width % size == 0:
                field = (at, where, kind, width // size, int(data[at + 2] != 0))
                values = field_of(data, found.places, field) * first / second - less
                out = np.where(np.isnan(values), out, values)
                break
            where += width
    return out
