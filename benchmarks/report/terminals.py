"""What every command prints on terminals of several widths, recorded through a pseudo-terminal.

    python -m benchmarks.report.terminals STORE FILE OUT

writes one text file for each command and width into OUT, to be looked at.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import re
import struct
import sys
import termios
from pathlib import Path

WIDTHS = (60, 80, 100, 120)
# STORE and FILE stand for what is given; a session with others of its kind is the fixtures' own.
COMMANDS = (
    "summary FILE",
    "list STORE",
    "athlete STORE",
    "weeks STORE",
    "control STORE",
    "control STORE --by session",
    "control STORE --by rep",
    "races STORE",
    "races STORE --predictions",
    "load STORE",
    "load STORE --by session",
    "recovery STORE",
    "recovery STORE --by rep",
    "durability STORE",
    "durability STORE --all",
    "weeks STORE --block 4",
    "days STORE",
    "days STORE --all",
    "series STORE",
    "compare STORE 2025-10-30",
    "check 3x10:00 FILE",
)
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\r")


def arguments(command: str, store: Path, file: Path) -> list[str]:
    """Return a command as arguments of a process."""
    named = {"STORE": str(store), "FILE": str(file)}
    return [
        sys.executable, "-m", "intervaldetect", *(named.get(w, w) for w in command.split())
    ]  # fmt: skip


def recorded(command: list[str], columns: int) -> tuple[int, str]:
    """Run a command on a pseudo-terminal; return its status and its text without escapes."""
    environment = {**os.environ, "TERM": "xterm-256color"}
    for name in ("COLUMNS", "LINES", "NO_COLOR"):
        environment.pop(name, None)
    child, leader = pty.fork()
    if child == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        os.execve(command[0], command, environment)
    output = b""
    while True:
        try:
            block = os.read(leader, 65536)
        except OSError:  # the child has closed its side
            break
        if not block:
            break
        output += block
    os.close(leader)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), ESCAPES.sub("", output.decode())


def main() -> None:
    """Record all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("store", "file", "out"):
        parser.add_argument(name, type=Path)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for command in COMMANDS:
        for columns in WIDTHS:
            _, text = recorded(arguments(command, options.store, options.file), columns)
            name = re.sub(r"[^a-z0-9]+", "-", command.lower()).strip("-")
            (options.out / f"{name}-{columns}.txt").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
