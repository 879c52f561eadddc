"""When kernels are compiled: at once where their code is at hand, else for much work only.

A process begins with plain kernels. To compile all takes about a minute, once on a machine; to load
what was compiled takes a second. Results are the same either way.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from intervaldetect.kernels import _jit

AT_HAND_BYTES = 2_000_000
"""More bytes than this are read sooner with compiled kernels, once those are in their cache."""
FRESH_BYTES = 16_000_000
"""More bytes than this, thirty to sixty runs, are worth compiling for."""

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
"""Each is set to 1 before numpy is loaded: the nets multiply little, and a second thread that waits
for more costs twice the CPU and saves nothing."""

_seen = 0


@contextmanager
def one_thread() -> Iterator[None]:
    """Start processes that multiply in one thread: there is a process for every core."""
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update({name: value or "1" for name, value in before.items()})
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]


def expect(size: int) -> bool:
    """Compile from now on if so many bytes to come are worth it; whether kernels run compiled."""
    if not _jit.compiled() and pays(size):
        _jit.compile_kernels()
    return _jit.compiled()


def count(size: int) -> None:
    """Count bytes that are about to be read; a process that reads file after file compiles."""
    global _seen  # noqa: PLW0603 - how much this process has read is a fact of the process
    _seen += size
    expect(_seen)


def wanted(size: int) -> bool:
    """Whether processes that read so many bytes together shall run compiled kernels."""
    return _jit.compiled() or pays(size)


def pays(size: int) -> bool:
    """Whether so many bytes are worth compiling for."""
    if not _jit.JIT_ENABLED or size <= AT_HAND_BYTES:
        return False
    return size > FRESH_BYTES or at_hand()


def at_hand() -> bool:
    """Whether this installation's kernels have all been compiled, and kept, before."""
    mark = _mark()
    return mark is not None and mark.exists()


@contextmanager
def only_one() -> Iterator[bool]:
    """Give True to the one process that shall compile now, False to the others.

    Whatever ends that process frees its place. Where no lock can be had each may compile.
    """
    mark = _mark()
    handle = None
    if mark is not None:
        with suppress(OSError):
            mark.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(mark.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o644)
    if handle is None:
        yield True
        return
    try:
        yield _try_lock(handle)
    finally:
        os.close(handle)


def done() -> None:
    """Note that all kernels were compiled."""
    mark = _mark()
    if mark is not None:
        with suppress(OSError):
            mark.parent.mkdir(parents=True, exist_ok=True)
            mark.touch()


def _mark() -> Path | None:
    """Return the file that stands for compiled code of these sources, None without a home."""
    place = repr((_jit.__file__, os.environ.get("NUMBA_CACHE_DIR"), sys.version, _jit.sources()))
    name = f"compiled-{hashlib.sha256(place.encode()).hexdigest()[:16]}"
    try:
        base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
        return Path(base or Path.home() / ".cache") / "intervaldetect" / name
    except (OSError, RuntimeError):
        return None


if sys.platform == "win32":
    import msvcrt

    def _try_lock(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
