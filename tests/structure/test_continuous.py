"""Long efforts with and without recoveries between them."""

from __future__ import annotations

import numpy as np
import pytest

from intervaldetect.clean import clean_activity
from intervaldetect.segment import segment_signal
from intervaldetect.structure.candidates import find_candidates
from intervaldetect.structure.continuous import plain_shape
from tests.clean.build import activity, stretches


def shape(*parts: tuple[float, float], least_mps: float) -> str | None:
    """Say what it is if every stretch of at least this speed is taken for a rep."""
    time, distance = stretches(*parts)
    signal = clean_activity(activity(time, distance=distance))
    pieces = segment_signal(signal)
    found = find_candidates(signal, pieces)
    single = found.last - found.first == 1
    fast = np.flatnonzero(single & (found.effort * pieces.reference > least_mps))
    assert fast.size == sum(speed > least_mps for _, speed in parts)
    return plain_shape(pieces, found, fast)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        # Longer than the efforts and hardly slower: no recovery.
        (((900.0, 3.5), (400.0, 5.0), (600.0, 4.5), (400.0, 5.0), (600.0, 3.5)), "steady"),
        # The same, but slow or short.
        (((900.0, 3.5), (400.0, 5.0), (600.0, 3.9), (400.0, 5.0), (600.0, 3.5)), None),
        (((900.0, 3.5), (400.0, 5.0), (200.0, 4.5), (400.0, 5.0), (600.0, 3.5)), None),
        # Nothing of the run is slower than by a tenth.
        (((400.0, 4.7), (800.0, 5.0), (300.0, 4.65), (800.0, 5.0)), "steady"),
    ],
)
def test_recoveries_are_short_or_slow(
    parts: tuple[tuple[float, float], ...], expected: str | None
) -> None:
    assert shape(*parts, least_mps=4.9) == expected
