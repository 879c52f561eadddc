"""The server itself: loopback, a port, a token, and getting ready while nothing is asked."""

from __future__ import annotations

import atexit
import socket
import subprocess
import sys
import tempfile
import threading
import time
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import uvicorn

from intervaldetect.batch.prepare import compile_all
from intervaldetect.errors import ParameterError
from intervaldetect.kernels import compilation
from intervaldetect.serve.app import make_app
from intervaldetect.serve.desk import Desk
from intervaldetect.serve.security import Place, new_token

LOOPBACK = "127.0.0.1"
OLD_S = 3600.0
_COMPILE = "from intervaldetect.batch.prepare import compile_all; compile_all()"


def serve(
    desk: Desk,
    *,
    port: int = 0,
    open_browser: bool = False,
    tell: Callable[[str], None] = print,
) -> None:
    """Answer until it is interrupted.

    Parameters
    ----------
    desk : Desk
    port : int
        0 takes any that is free.
    open_browser : bool
        Whether the first page is opened in the user's browser.
    tell : callable
        Given the address.

    Raises
    ------
    ParameterError
        The port is taken.
    """
    with listen(port) as listening:
        place = Place(listening.getsockname()[1], new_token())
        server = uvicorn.Server(config(desk, place))
        sweep()
        threading.Thread(target=warm_up, daemon=True).start()
        tell(place.address)
        if open_browser:
            webbrowser.open(place.address)
        server.run(sockets=[listening])


def listen(port: int) -> socket.socket:
    """Return a socket that listens on loopback, and nowhere else."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":  # there it would let another program take the port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((LOOPBACK, port))
    except (OSError, OverflowError) as error:
        listening.close()
        raise ParameterError("--port", port, "a port of this machine that is free") from error
    return listening


def config(desk: Desk, place: Place) -> uvicorn.Config:
    """Return how the server runs: no log that holds the token, no word on what it is."""
    return uvicorn.Config(
        make_app(desk, place),
        access_log=False,
        log_level="warning",
        server_header=False,
        date_header=False,
        proxy_headers=False,
        ws="none",
        lifespan="off",
        h11_max_incomplete_event_size=64 << 10,
        timeout_graceful_shutdown=2,
    )


def warm_up() -> None:
    """Get compiled kernels ready: loaded where they are at hand, else compiled in a child.

    Until then plain ones give the same results, only later.
    """
    if not compilation.at_hand():
        with compilation.only_one() as mine:
            if not mine:
                return
            child = subprocess.Popen([sys.executable, "-c", _COMPILE])  # noqa: S603 - this Python
            atexit.register(child.terminate)
            if child.wait() != 0:
                return
    compile_all()


def sweep() -> None:
    """Remove what a server that was killed left of a file it was receiving."""
    for file in Path(tempfile.gettempdir()).glob("intervaldetect-serve-*"):
        with suppress(OSError):
            if time.time() - file.stat().st_mtime > OLD_S:
                file.unlink()
