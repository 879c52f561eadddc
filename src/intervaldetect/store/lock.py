"""One writer per store: a lock that the system releases when its holder dies, however it dies."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from intervaldetect.errors import StoreError
from intervaldetect.output.line import printable

LOCK = "intervaldetect.lock"
# Windows locks bytes against reading too, so the byte locked lies far behind the text.
_BYTE = 1 << 20


@contextmanager
def store_lock(folder: Path) -> Iterator[None]:
    """Hold the store's lock while the block runs.

    Raises
    ------
    StoreError
        Another process holds it; the message says which one.
    """
    path = folder / LOCK
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise StoreError(printable(str(folder)), f"store unusable: {error.strerror}") from error
    try:
        if not _try_lock(handle):
            holder = os.read(handle, 400).decode("utf-8", "replace") or "another process"
            raise StoreError(printable(str(folder)), f"in use by {holder}")
        started = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        text = f"process {os.getpid()} on {socket.gethostname()} since {started}"
        with suppress(OSError):  # a full disk must not keep anyone from the lock itself
            os.ftruncate(handle, 0)
            os.write(handle, text.encode())
        yield
        with suppress(OSError):
            os.ftruncate(handle, 0)
    finally:
        os.close(handle)


if sys.platform == "win32":
    import msvcrt

    def _try_lock(handle: int) -> bool:
        os.lseek(handle, _BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(handle, 0, os.SEEK_SET)
        return True

else:
    import fcntl

    def _try_lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
