"""Standard output and error as every command finds them.

Whoever reads them may stop: that is no error. What is written is harmless to a terminal, and can be
written in whatever encoding it has.
"""

from __future__ import annotations

import codecs
import errno
import io
import os
import signal
import sys
from contextlib import suppress
from typing import Any, NoReturn, TextIO

from intervaldetect.output.safe import for_terminal

LEGIBLE = "intervaldetect.legible"
_INSTEAD = {"…": "...", "−": "-", "–": "-", "—": "-", "→": "->", "×": "x", "±": "+-", "·": "."}


class Output(io.TextIOWrapper):
    """Text to a person or a program; ``plain`` is the stream without care for terminals."""

    plain: TextIO
    harmless: bool

    def write(self, text: str) -> int:
        """Write text; where nobody reads it any more, end the program without a word."""
        try:
            return super().write(for_terminal(text) if self.harmless else text)
        except OSError as error:
            _ended(self, error)

    def flush(self) -> None:
        """As `write`."""
        try:
            super().flush()
        except OSError as error:
            _ended(self, error)


def settle() -> None:
    """Prepare the streams of this process, and let SIGTERM end it as Ctrl-C does."""
    codecs.register_error(LEGIBLE, _legible)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper) and not isinstance(stream, Output):
            setattr(sys, name, _output(stream))
    with suppress(ValueError):  # not in the main thread
        signal.signal(signal.SIGTERM, _interrupt)


def flush() -> None:
    """Write what is left, while it can still be told how that went."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and not stream.closed:
            stream.flush()


def _output(stream: io.TextIOWrapper) -> Output:
    harmless = stream.isatty()

    def over(binary: Any, harmless: bool) -> Output:
        made = Output(
            binary,
            encoding=stream.encoding,
            errors=LEGIBLE,
            line_buffering=stream.line_buffering,
            write_through=stream.write_through,
        )
        made.harmless = harmless
        return made

    binary = stream.detach()
    output = over(binary, harmless)
    output.plain = over(binary, harmless=False) if harmless else output
    return output


def _ended(stream: Output, error: OSError) -> NoReturn:
    if error.errno not in {errno.EPIPE, errno.EINVAL}:  # Windows says the second
        raise error
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    sys.exit(0)


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _legible(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    told = "".join(
        f"\\x{ord(c) & 0xFF:02x}" if 0xDC80 <= ord(c) <= 0xDCFF else _INSTEAD.get(c, "?")
        for c in error.object[error.start : error.end]
    )
    return told, error.end
