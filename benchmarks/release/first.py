"""CPU of the first minute: the wheel in a new environment, an empty home, nothing compiled.

    python benchmarks/release/first.py FILE ... [--programs FOLDER]

Prints the CPU, user and system, of the first `summary` of each file, every one in a home of its
own, and of the first `batch` of four of them with one worker and with two. Asked: at most 4 s for
a summary, and at most 1.3 times the CPU of one worker with two. ``--programs`` names the programs
of an environment that has the package, in place of one that is made.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.release.run import build, install

MOST_S, MOST_TIMES = 4.0, 1.3
BATCH = 4


def cpu(programs: Path, home: Path, *arguments: object) -> float:
    """Return the CPU seconds of a command in an empty home, its workers with it."""
    home.mkdir()
    kept = ("PATH", "LANG", "OMP_NUM_THREADS")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    environment |= {"HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    words = [str(each) for each in (programs / "intervaldetect", *arguments)]
    subprocess.run(words, cwd=home, env=environment, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Install, run and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--programs", type=Path)
    told = parser.parse_args()
    files = [file.resolve() for file in told.files]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        python = f"{sys.version_info.major}.{sys.version_info.minor}"
        programs = told.programs or install(
            build(folder / "dist"), "pinned", python, folder, tests=False
        )
        programs = programs.resolve()
        for number, file in enumerate(files):
            spent = cpu(programs, folder / f"home{number}", "summary", file)
            print(f"{file.stat().st_size / 1000:8.0f} kB  {spent:5.2f} s", flush=True)
            if spent > MOST_S:
                print(f"over the {MOST_S:g} s asked")
        few = folder / "few"
        few.mkdir()
        for file in files[:BATCH]:
            (few / file.name).symlink_to(file)
        one, two = (
            cpu(programs, folder / f"home-{jobs}", "batch", few, "-o", "store", "--jobs", jobs)
            for jobs in (1, 2)
        )
        print(f"batch of {BATCH}: {one:.2f} s with one worker, {two:.2f} s with two:"
              f" {two / one:.2f} times ({MOST_TIMES:g} asked)")  # fmt: skip


if __name__ == "__main__":
    main()
