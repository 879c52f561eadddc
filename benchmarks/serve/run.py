"""How long the desk takes: to open a store, and from a dropped file to its reps.

    python -m benchmarks.serve.run STORE [FILE ...] [--bar SECONDS]

STORE is copied, so that nothing is added to it; FILE by default are runs of about an hour of the
shipped season. Wall seconds on one client, as a person waits: from the request to the whole answer.
At most two for the list of a store of 10,000 sessions, and one from drop to reps after the first.
"""

from __future__ import annotations

import argparse
import json
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from contextlib import closing
from pathlib import Path

from intervaldetect.store import DATABASE

SEASON = Path(__file__).resolve().parents[2] / "fixtures" / "season"
HOUR_LONG = (
    "2025-11-01-1000-morning-run.fit.gz",
    "2025-10-28-0710-morning-run.fit.gz",
    "2025-09-02-0705-morning-run.fit.gz",
)
OPEN_S, DROP_S = 2.0, 1.0


def ask(address: str, data: bytes | None = None) -> str:
    """Ask as the pages do."""
    place = urllib.parse.urlsplit(address)
    request = urllib.request.Request(
        address,
        data,
        {"origin": f"{place.scheme}://{place.netloc}"},
        method="GET" if data is None else "PUT",
    )
    with urllib.request.urlopen(request, timeout=600) as answer:
        told: str = answer.read().decode("utf-8")
    return told


def copied(store: Path, into: Path) -> Path:
    """Copy a store that others may be reading."""
    into.mkdir()
    with (
        closing(
            sqlite3.connect(f"{(store / DATABASE).absolute().as_uri()}?mode=ro", uri=True)
        ) as a,
        closing(sqlite3.connect(into / DATABASE)) as b,
    ):
        a.backup(b)
    return into


def await_server(address: str) -> None:
    """Wait until somebody answers; what is asked of ``/`` without the token costs it nothing."""
    place = urllib.parse.urlsplit(address)
    while True:
        with socket.socket() as asked:
            if not asked.connect_ex((str(place.hostname), place.port or 0)):
                return
        time.sleep(0.01)


def drop(address: str, file: Path) -> float:
    """Return the seconds from handing over a file to the page that shows its reps."""
    begun = time.perf_counter()
    lines = ask(f"{address}files?name={urllib.parse.quote(file.name)}", file.read_bytes())
    key = json.loads(lines.splitlines()[-1])["keys"][0]
    page = ask(f"{address}sessions/{key}")
    ask(f"{address}sessions/{key}/data.js")
    assert 'class="rep"' in page, f"{file.name}: no reps"
    return time.perf_counter() - begun


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path)
    parser.add_argument("files", type=Path, nargs="*")
    options = parser.parse_args()
    files = options.files or [SEASON / name for name in HOUR_LONG]
    with tempfile.TemporaryDirectory() as folder:
        store = copied(options.store, Path(folder) / "store")
        server = subprocess.Popen(
            [sys.executable, "-m", "intervaldetect", "serve", str(store)],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert server.stdout is not None
            address = next(word for word in server.stdout.readline().split() if "://" in word)
            await_server(address)
            times = []
            for _ in range(3):
                begun = time.perf_counter()
                page = ask(address)
                times.append(time.perf_counter() - begun)
            size = f"{len(page) / 1e3:.0f} kB"
            print(f"list of the store, {size}: {times[0]:.2f} s, again {min(times[1:]):.2f} s")
            dropped = [drop(address, file) for file in files]
            print("drop to reps: " + ", ".join(f"{each:.2f}" for each in dropped) + " s")
        finally:
            server.terminate()
            server.wait()
    met = times[0] <= OPEN_S and max(dropped[1:]) <= DROP_S
    print("met" if met else f"BELOW: {OPEN_S:g} s and {DROP_S:g} s are asked")
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
