"""The only import of numba: the decorators every kernel carries, their cache and their switch.

Kernels begin as plain Python: to load numba and compiled code costs more than one usual file, and
to compile it a minute. `compile_kernels` puts compiled ones in their place, in every module of the
package that names them. ``NUMBA_DISABLE_JIT=1`` keeps them plain for good.

Numerical policy, one for all kernels: IEEE arithmetic without fast-math, so that NaN stays NaN and
a kernel gives the same bits compiled and interpreted.

The compiled code is cached beside the module or in the user's cache folder. A cache that cannot be
written, or that holds a broken file, costs a compilation in memory and nothing else.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import numpy as np

P = ParamSpec("P")
R = TypeVar("R")

JIT_ENABLED = os.environ.get("NUMBA_DISABLE_JIT", "") in {"", "0"}
"""Whether kernels may be compiled at all."""

KERNEL: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
HELPER: dict[str, Any] = KERNEL | {"_nrt": False}
NEVER_COMPILED = {"compilation.py", "medians.py"}
"""Modules without a kernel, as are those whose name begins with an underscore."""

_compiled = False
_unable = False
_plain: dict[int, tuple[Callable[..., Any], Callable[..., Any], dict[str, Any]]] = {}
"""By identity what runs until kernels are compiled, the function to compile, and how."""


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile ``function`` in nopython mode, without the GIL, cached where that is possible."""
    public = not function.__name__.startswith("_")
    return _kernel(function, _as_compiled(function) if public else function, KERNEL)


def helper(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a part of a kernel that other kernels call often and that allocates nothing.

    As `kernel`, but arrays come in without being reference-counted: in a short function called per
    value, counting all of them up and down costs several times the work.
    """
    return _kernel(function, function, HELPER)


def kernel_beside(plain: Callable[P, R]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Compile as `kernel`; until then ``plain`` runs, which gives the same bits over numpy."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        return _kernel(function, functools.wraps(function)(_as_compiled(plain)), KERNEL)

    return decorate


def compiled() -> bool:
    """Whether kernels run compiled now."""
    return _compiled


def compile_kernels() -> None:
    """Let compiled kernels run from now on; each is compiled, or loaded, when first called."""
    global _compiled, _unable  # noqa: PLW0603 - how kernels run is a fact of the process
    if _compiled or _unable or not JIT_ENABLED:
        return
    try:
        import numba  # noqa: F401, PLC0415 - as in `_dispatcher`
    except (ImportError, OSError):  # no memory left to load it, or broken: kernels stay plain
        _unable = True
        return
    _compiled = True
    fast = {key: _dispatcher(function, options) for key, (_, function, options) in _plain.items()}
    package = __name__.partition(".")[0]
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == package:
            for word, value in list(vars(module).items()):
                if id(value) in fast:
                    setattr(module, word, fast[id(value)])


def _kernel(
    function: Callable[P, R], plain: Callable[P, R], options: dict[str, Any]
) -> Callable[P, R]:
    if _compiled:
        return _dispatcher(function, options)
    _plain[id(plain)] = plain, function, options
    return plain


def _as_compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Let plain Python answer as compiled code does: Python's own numbers, and no warnings."""

    @functools.wraps(function)
    def answer(*args: P.args, **kwargs: P.kwargs) -> R:
        with np.errstate(all="ignore"):
            result: Any = function(*args, **kwargs)
        if isinstance(result, tuple):
            return tuple(map(_number, result))  # type: ignore[return-value]
        return _number(result)  # type: ignore[no-any-return]

    return answer


def _number(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _dispatcher(function: Callable[P, R], options: dict[str, Any]) -> Callable[P, R]:
    import numba  # noqa: PLC0415 - costs as much as reading and analysing a short run

    try:
        dispatcher = numba.njit(cache=True, **options)(function)
    except RuntimeError:  # no folder to cache in: numba refuses at decoration
        return numba.njit(**options)(function)  # type: ignore[no-any-return]
    _date_cache(dispatcher)
    _forgive_cache(dispatcher)
    return dispatcher  # type: ignore[no-any-return]


@functools.cache
def sources() -> str:
    """Digest of all kernel sources: compiled code holds parts of other modules, and constants."""
    digest = hashlib.sha256(repr((KERNEL, HELPER)).encode())
    for file in sorted(Path(__file__).parent.glob("*.py")):
        if not file.name.startswith("_") and file.name not in NEVER_COMPILED:
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _date_cache(dispatcher: Any) -> None:
    """Make a cached kernel stale when any kernel module changes, not only its own."""
    with contextlib.suppress(Exception):  # sources may be absent, or numba's insides change
        dispatcher._cache._cache_file._source_stamp = sources()


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
