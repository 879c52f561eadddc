"""Files a second, memory and second runs over ten thousand activities, beside the peers.

    python benchmarks/scale/run.py [--folder FOLDER] [--count 10000] [--only STEP ...]

Every step is a process of its own, as a user starts it. The files lie in the page cache: they have
just been written, or were read by a step before. INTERVALDETECT_CORPUS adds real files to the mix.
The folder is kept and used again where it is given.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from measure import Run, batch, run
from mix import make_mix, make_small

STEPS = ("cold", "flat", "one", "two", "second", "new", "peers", "links")
NEW = 100
PEERS = {"fitparse": 30, "fitdecode": 30, "fitfast": 2000}
LINKED = 100_000


def main() -> None:
    """Run the steps asked for, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--only", nargs="*", choices=STEPS, default=STEPS)
    given = parser.parse_args()
    if given.folder:
        given.folder.mkdir(parents=True, exist_ok=True)
        _steps(given.folder, given.count, given.only)
    else:
        with tempfile.TemporaryDirectory() as folder:
            _steps(Path(folder), given.count, given.only)


def _steps(folder: Path, count: int, wanted: list[str]) -> None:
    corpus = os.environ.get("INTERVALDETECT_CORPUS")
    files = folder / f"mix-{count}"
    if not files.exists():
        started = time.perf_counter()
        make_mix(folder / "making", count, Path(corpus) if corpus else None)
        (folder / "making").rename(files)
        print(f"{count} files made in {time.perf_counter() - started:.0f} s")
    sizes = [file.stat().st_size for file in files.rglob("*") if file.is_file()]
    fits = [file.stat().st_size for file in files.rglob("*.fit") if "real" not in file.parts]
    print(
        f"{len(sizes)} files, {sum(sizes) / 1e9:.2f} GB, simulated FIT {statistics.mean(fits):,.0f}"
        f" bytes in the mean; load {os.getloadavg()[0]:.2f}, {os.cpu_count()} cores,"
        f" Python {sys.version.split()[0]}"
    )
    print(f"{'step':24}{'files':>8}{'s':>8}{'files/s':>9}{'CPU s':>8}{'peak MB':>9}{'load':>6}")
    steps: dict[str, Callable[[], None]] = {
        "cold": lambda: _cold(folder),
        "flat": lambda: _flat(folder, files),
        "one": lambda: _whole(folder, files, 1, len(sizes)),
        "two": lambda: _whole(folder, files, 2, len(sizes)),
        "second": lambda: _second(folder, files, len(sizes)),
        "new": lambda: _new(folder, files, len(sizes)),
        "peers": lambda: _peers(files),
        "links": lambda: _links(folder),
    }
    for name in STEPS:
        if name in wanted:
            steps[name]()


def _show(step: str, files: int, done: Run) -> None:
    if done.status not in {0, 1}:
        raise SystemExit(f"{step} ended with status {done.status}: {done.told}")
    print(
        f"{step:24}{files:>8}{done.seconds:>8.1f}{files / done.seconds:>9.0f}{done.cpu_s:>8.1f}"
        f"{done.peak_mb:>9.0f}{os.getloadavg()[0]:>6.1f}",
        flush=True,
    )


def _fresh(folder: Path, name: str) -> Path:
    shutil.rmtree(folder / name, ignore_errors=True)
    return folder / name


def _cold(folder: Path) -> None:
    """Take in ten small files: what starting costs; the kernels are compiled by then."""
    small = _fresh(folder, "ten")
    make_small(small, 10)
    run(batch(small, _fresh(folder, "store-ten"), "--jobs", "1"))
    _show("ten small files", 10, run(batch(small, _fresh(folder, "store-ten"), "--jobs", "1")))


def _flat(folder: Path, files: Path) -> None:
    """Take in a tenth of the files, drawn by lot: every tenth would all be of one plan."""
    part = _fresh(folder, "tenth")
    every = sorted(file for file in files.rglob("*") if file.is_file())
    every = random.Random(1).sample(every, len(every) // 10)
    for file in every:
        target = part / file.relative_to(files)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.link(file, target)
    for jobs in (1, 2):
        done = run(batch(part, _fresh(folder, "store-tenth"), "--jobs", str(jobs)))
        _show(f"a tenth, {jobs} job(s)", len(every), done)


def _whole(folder: Path, files: Path, jobs: int, count: int) -> None:
    done = run(batch(files, _fresh(folder, f"store-{jobs}"), "--jobs", str(jobs)))
    _show(f"all, {jobs} job(s)", count, done)
    size = sum(file.stat().st_size for file in (folder / f"store-{jobs}").iterdir())
    print(f"{'':24}the store has {size / 1e6:.0f} MB")


def _second(folder: Path, files: Path, count: int) -> None:
    _show("all, unchanged", count, run(batch(files, folder / "store-2")))


def _new(folder: Path, files: Path, count: int) -> None:
    """Take in a hundred files more; they go again, so that the folder stays what it was."""
    more = files / "new"
    shutil.rmtree(more, ignore_errors=True)
    store = _fresh(folder, "store-new")
    shutil.copytree(folder / "store-2", store)
    make_mix(more, NEW, first=count)
    try:
        _show("all and 100 new", count + NEW, run(batch(files, store)))
    finally:
        shutil.rmtree(more)


def _peers(files: Path) -> None:
    """Only decode the same FIT files, a sample of them where that takes long, on one core."""
    every = sorted(file for file in files.rglob("*.fit") if "real" not in file.parts)
    for name, sample in PEERS.items():
        code = _PEER[name]
        step = max(1, len(every) // sample)
        chosen = [str(file) for file in every[::step]]
        done = run([sys.executable, "-c", code, *chosen])
        if done.status == 77:
            print(f"{name + ', decode only':24}not installed")
        else:
            _show(f"{name}, decode only", len(chosen), done)


_PEER = {
    "fitparse": """
import sys
from fitparse import FitFile
for name in sys.argv[1:]:
    for message in FitFile(name).get_messages(): message.get_values()
""",
    "fitdecode": """
import sys, fitdecode
for name in sys.argv[1:]:
    for frame in fitdecode.FitReader(name): pass
""",
    "fitfast": """
import sys
try: import fitfast
except ImportError: sys.exit(77)
for name in sys.argv[1:]: fitfast.parse(name)
""",
}


def _links(folder: Path) -> None:
    """Look again at a hundred thousand files, hard links to a few."""
    many = folder / "links"
    if not many.exists():
        seeds = _fresh(folder, "linked")
        make_small(seeds, 20)
        sources = sorted(seeds.iterdir())
        for index in range(LINKED):
            target = folder / "links-making" / f"{index // 1000:03d}"
            if index % 1000 == 0:
                target.mkdir(parents=True)
            os.link(sources[index % len(sources)], target / f"{index:06d}.fit")
        (folder / "links-making").rename(many)
    store = folder / "store-links"
    if not store.exists():
        _show("links, first", LINKED, run(batch(many, store)))
    _show("links, unchanged", LINKED, run(batch(many, store)))


if __name__ == "__main__":
    main()
