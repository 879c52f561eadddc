"""Build the wheel and the sdist, and run what is installed where the source is not.

    make release                       # this Python, pinned versions
    python benchmarks/release/run.py --python 3.11 3.13 --versions pinned oldest newest --tests

Every run is a new environment with the wheel in it and a folder of its own as working directory:
`summary --json`, `report`, `plot`, `write`, `batch` and `weeks` on a recording of the season.
``oldest`` takes of each requirement the lowest version that is declared, ``newest`` the latest
there is; both, and other interpreters, need uv. ``--tests`` also runs tests of all parts against
the installed package.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FIXTURE = ROOT / "fixtures" / "season" / "2025-09-02-0705-morning-run.fit.gz"
UV = shutil.which("uv")
# Without these a wheel installs and then fails.
DATA = (
    "py.typed", "output/schema/summary-v1.json", "structure/net.npz", "structure/net.json",
    "structure/judge.json", "label/coefficients.json",
    "report/assets/session.js", "report/assets/vega.js", "report/assets/LICENSES.txt",
    "report/templates/session.html",
)  # fmt: skip
TESTS = (
    "tests/cli/test_cli.py", "tests/cli/test_plan.py", "tests/cli/test_training.py",
    "tests/output/test_summary.py", "tests/store/test_store.py", "tests/test_public.py",
    "tests/plan", "tests/corrections", "tests/write", "tests/training",
    "tests/report/test_pages.py", "tests/report/test_plot.py", "tests/read", "tests/kernels",
)  # fmt: skip


def run(*command: object, cwd: Path = ROOT) -> str:
    """Run a command that must succeed, and return what it prints."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    words = [str(each) for each in command]
    done = subprocess.run(
        words, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(words)}\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
    return done.stdout


def build(folder: Path) -> Path:
    """Build both; the wheel made from the sdist must hold the same files. Return the wheel."""
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-t", "wheel", "-d", folder)
    (wheel,) = folder.glob("*.whl")
    (sdist,) = folder.glob("*.tar.gz")
    shutil.unpack_archive(sdist, folder / "unpacked", filter="data")
    (unpacked,) = (folder / "unpacked").iterdir()
    again = folder / "again"
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", again, cwd=unpacked)
    names = [
        sorted(zipfile.ZipFile(file).namelist()) for file in (wheel, next(again.glob("*.whl")))
    ]
    assert names[0] == names[1], set(names[0]) ^ set(names[1])
    missing = [name for name in DATA if f"intervaldetect/{name}" not in names[0]]
    assert not missing, missing
    assert all(name.startswith("intervaldetect") for name in names[0])
    size = sum(file.stat().st_size for file in (wheel, sdist)) / 1e6
    print(f"{wheel.name}, {sdist.name}: {size:.1f} MB, {len(names[0])} files in the wheel")
    return wheel


def requirements(versions: str, python: str, folder: Path, *, tests: bool) -> list[object]:
    """Return what to install beside the wheel."""
    if versions == "pinned":
        development = ["-r", ROOT / "requirements-dev.txt"] if tests else []
        return ["--require-hashes", "-r", ROOT / "requirements.txt", *development]
    resolution = {"oldest": "lowest-direct", "newest": "highest"}[versions]
    listed = folder / f"{versions}-{python}.txt"
    compiled = [UV, "pip", "compile", "-q", "--resolution", resolution, "--python-version", python]
    run(*compiled, ROOT / "pyproject.toml", "-o", listed)
    return ["-r", listed, *(["--group", f"{ROOT / 'pyproject.toml'}:test"] if tests else [])]


def install(wheel: Path, versions: str, python: str, folder: Path, *, tests: bool) -> Path:
    """Make an environment with the wheel in it, and return its folder of programs."""
    place = folder / f"{versions}-{python}"
    programs = place / ("Scripts" if os.name == "nt" else "bin")
    if UV:
        run(UV, "venv", "-q", "--python", python, place)
        pip: list[object] = [UV, "pip", "install", "-q", "--python", programs / "python"]
    else:
        run(sys.executable, "-m", "venv", place)
        pip = [programs / "python", "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    run(*pip, *requirements(versions, python, folder, tests=tests))
    run(*pip, "--no-deps", wheel)
    return programs


def use(programs: Path, folder: Path) -> str:
    """Use the installed program in an empty folder, and return what it found."""
    program = programs / "intervaldetect"
    (line,) = run(program, "summary", "--json", FIXTURE, cwd=folder).splitlines()
    told = json.loads(line)
    assert sum(s["role"] == "rep" for s in told["segments"]) >= 4, told["workout"]
    run(program, "report", FIXTURE, "-o", "pages", cwd=folder)
    plot = [str(program), "plot", str(FIXTURE), "-o", "session.svg"]
    told_why = subprocess.run(plot, cwd=folder, capture_output=True, text=True, check=False).stderr
    assert (folder / "session.svg").exists() or "intervaldetect[pictures]" in told_why, told_why
    run(program, "write", FIXTURE, "--to", "fit", "-o", "laps.fit", cwd=folder)
    run(program, "batch", FIXTURE, "-o", "store", "--quiet", cwd=folder)
    assert len(run(program, "weeks", "store", cwd=folder).splitlines()) > 1
    where = "import intervaldetect; print(intervaldetect.__file__)"
    assert str(ROOT) not in run(programs / "python", "-c", where, cwd=folder)
    return str(told["workout"])


def main() -> None:
    """Build, install and use."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    this = f"{sys.version_info.major}.{sys.version_info.minor}"
    parser.add_argument("--python", nargs="+", default=[this], metavar="VERSION")
    choices = ["pinned", "oldest", "newest"]
    parser.add_argument("--versions", nargs="+", default=["pinned"], choices=choices)
    parser.add_argument("--tests", action="store_true", help="run tests against what is installed")
    options = parser.parse_args()
    if not UV and (options.python != [this] or options.versions != ["pinned"]):
        parser.error("other interpreters and other versions need uv")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        wheel = build(folder / "dist")
        for python in options.python:
            for versions in options.versions:
                start = time.perf_counter()
                programs = install(wheel, versions, python, folder, tests=options.tests)
                place = folder / f"use-{versions}-{python}"
                place.mkdir()
                found = use(programs, place)
                told = f"Python {python}, {versions} versions: {found}"
                if options.tests:
                    pytest = [programs / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider"]
                    told += f"; {run(*pytest, *TESTS).splitlines()[-1].strip('= ')}"
                print(f"{told} ({time.perf_counter() - start:.0f} s)", flush=True)
        if UV:
            uvx = [UV, "tool", "run", "-q", "--from", wheel, "intervaldetect", "--version"]
            print(f"uvx: {run(*uvx, cwd=folder).strip()}")


if __name__ == "__main__":
    main()
