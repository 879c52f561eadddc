"""What the decorator sets in numba's insides is there: a new numba must not undo it in silence."""

from __future__ import annotations

import pytest

from intervaldetect.kernels import _jit


def plus_one(x: float) -> float:
    return x + 1.0


@pytest.mark.skipif(not _jit.JIT_ENABLED, reason="nothing is compiled")
def test_the_cache_is_dated_by_all_kernel_sources() -> None:
    import numba

    dispatcher = numba.njit(cache=True)(plus_one)
    before = dispatcher._cache._cache_file._source_stamp
    _jit._date_cache(dispatcher)
    assert dispatcher._cache._cache_file._source_stamp == _jit.sources() != before
