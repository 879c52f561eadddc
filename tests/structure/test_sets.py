"""The size that was meant."""

from __future__ import annotations

import pytest

from intervaldetect.structure.sets import (
    COMMON_DISTANCES_M,
    COMMON_TIMES_S,
    OTHER_DISTANCES_M,
    OTHER_TIMES_S,
    Effort,
    _size_on,
)


@pytest.mark.parametrize(
    ("seconds", "meant", "canonical"), [(62.9, 60.0, True), (63.0, 65.0, False), (60.4, 60.0, True)]
)
def test_a_size_three_errors_off_was_not_meant(
    seconds: float, meant: float, canonical: bool
) -> None:
    size = _size_on("time", [Effort(0.0, seconds, None, seconds)])
    assert (size.value, size.canonical) == (meant, canonical)


@pytest.mark.parametrize(
    "sizes", [COMMON_DISTANCES_M, OTHER_DISTANCES_M, COMMON_TIMES_S, OTHER_TIMES_S]
)
def test_sizes_rise(sizes: tuple[float, ...]) -> None:
    assert list(sizes) == sorted(set(sizes))
