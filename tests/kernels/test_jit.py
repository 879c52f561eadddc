"""What the decorator sets in numba's insides is there: a new numba must not undo it in silence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from intervaldetect.kernels import _jit
from intervaldetect.records import Floats


def plus_one(x: float) -> float:
    return x + 1.0


@pytest.mark.skipif(not _jit.JIT_ENABLED, reason="nothing is compiled")
def test_the_cache_is_dated_by_all_kernel_sources() -> None:
    import numba

    dispatcher = numba.njit(cache=True)(plus_one)
    before = dispatcher._cache._cache_file._source_stamp
    _jit._date_cache(dispatcher)
    assert dispatcher._cache._cache_file._source_stamp == _jit.sources() != before


def twice(values: Floats) -> float:
    """Take two views, which a compiler that counts references has to count."""
    first, last = values[:1], values[-1:]
    return float(first[0] + last[0])


@pytest.mark.skipif(not _jit.JIT_ENABLED, reason="nothing is compiled")
@pytest.mark.parametrize(("options", "counted"), [(_jit.KERNEL, True), (_jit.HELPER, False)])
def test_helpers_count_no_references(options: dict[str, Any], counted: bool) -> None:
    import numba

    dispatcher = numba.njit(**options)(twice)
    assert dispatcher(np.array([1.0, 2.0])) == 3.0
    (code,) = dispatcher.inspect_llvm().values()
    assert ("call void @NRT_incref" in code or "NRT_decref" in code) is counted
