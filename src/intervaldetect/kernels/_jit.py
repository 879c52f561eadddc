"""The only import of numba: the decorator every kernel carries, with its cache and its off switch.

Numerical policy, one for all kernels: IEEE arithmetic without fast-math, so that NaN stays NaN and
a kernel gives the same bits compiled and interpreted.

The compiled code is cached beside the module or in the user's cache folder. A cache that cannot be
written, or that holds a broken file, costs a compilation in memory and nothing else.
``NUMBA_DISABLE_JIT=1`` runs every kernel as plain Python.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import numba

P = ParamSpec("P")
R = TypeVar("R")

JIT_ENABLED = not numba.config.DISABLE_JIT


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile ``function`` in nopython mode, without the GIL, cached where that is possible."""
    return _compile(function, {"nogil": True, "error_model": "numpy"})


def helper(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a part of a kernel that other kernels call often and that allocates nothing.

    As `kernel`, but arrays come in without being reference-counted: in a short function called per
    value, counting all of them up and down costs several times the work.
    """
    return _compile(function, {"nogil": True, "error_model": "numpy", "_nrt": False})


def _compile(function: Callable[P, R], options: dict[str, Any]) -> Callable[P, R]:
    if not JIT_ENABLED:
        return function
    try:
        dispatcher = numba.njit(cache=True, **options)(function)
    except RuntimeError:  # no folder to cache in: numba refuses at decoration
        return numba.njit(**options)(function)  # type: ignore[no-any-return]
    _date_cache(dispatcher)
    _forgive_cache(dispatcher)
    return dispatcher  # type: ignore[no-any-return]


@functools.cache
def _sources() -> str:
    """Digest of all kernel sources: compiled code holds parts of other modules, and constants."""
    folder = Path(__file__).parent
    digest = hashlib.sha256()
    for file in sorted(folder.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _date_cache(dispatcher: Any) -> None:
    """Make a cached kernel stale when any kernel module changes, not only its own."""
    with contextlib.suppress(Exception):  # sources may be absent, or numba's insides change
        dispatcher._cache._cache_file._source_stamp = _sources()


def _forgive_cache(dispatcher: Any) -> None:
    """Make a truncated or unwritable cache file mean "not cached" instead of an exception."""
    cache = dispatcher._cache
    load, save = cache.load_overload, cache.save_overload

    def load_or_none(signature: Any, context: Any) -> Any:
        try:
            return load(signature, context)
        except Exception:  # noqa: BLE001 - unpickling a damaged file can raise anything
            return None

    def save_if_possible(signature: Any, data: Any) -> None:
        with contextlib.suppress(Exception):
            save(signature, data)

    cache.load_overload = load_or_none
    cache.save_overload = save_if_possible
