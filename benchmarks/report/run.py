"""How long a report takes and how much it weighs: 2,000 sessions, one session, one picture.

    python benchmarks/report/run.py [--sessions 2000] [--chromium PATH]

The sessions are those of fixtures/season, again and again at later dates. Times are wall and CPU
seconds of a process of its own; with Chromium also until the season's page can be used.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from intervaldetect.batch.one_file import analyse_source
from intervaldetect.job import FileResult, Settings, Task
from intervaldetect.output.line import format_time
from intervaldetect.read.archive import iter_sources
from intervaldetect.store import Store

ROOT = Path(__file__).resolve().parents[2]
SEASON = ROOT / "fixtures" / "season"
PICTURED = SEASON / "2025-09-02-0705-morning-run.fit.gz"
COMMAND = Path(sys.executable).with_name("intervaldetect")
WEEKS = timedelta(weeks=10)


def fill(folder: Path, count: int) -> None:
    """Put ``count`` sessions into a new store."""
    results = [analyse_source(Task(s), Settings()) for s in iter_sources(str(SEASON)) if s.likely]
    results = [result for result in results if result.activities]
    with Store.create(folder) as store:
        for number in range(count):
            again, index = divmod(number, len(results))
            store.put(later(results[index], again), "benchmark")


def later(result: FileResult, again: int) -> FileResult:
    """Return a result as if it had been run ``again`` times ten weeks later."""
    path = f"{again}/{result.task.source.path}"
    sha256 = hashlib.sha256(path.encode()).hexdigest()
    judged = []
    for each in result.activities:
        start = datetime.fromisoformat(each.summary["start_time"]) + again * WEEKS
        told = {"start_time": format_time(start), "sha256": sha256, "path": path}
        judged.append(replace(each, summary={**each.summary, **told}))
    task = replace(result.task, source=replace(result.task.source, path=path))
    return replace(result, task=task, sha256=sha256, activities=tuple(judged))


def timed(*arguments: str | Path) -> str:
    """Run a command of the project and say what it took."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([COMMAND, *arguments], check=True, stdout=subprocess.DEVNULL)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return f"{wall:6.2f} s, {cpu:6.2f} s CPU"


def weight(*files: Path) -> str:
    return f"{sum(file.stat().st_size for file in files) / 1e6:.2f} MB"


def until_ready(page: Path, chromium: str) -> str:
    """Return the time from opening a page until its charts are drawn and its list is filtered."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where it is asked for

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        told = []
        for _ in range(3):
            tab = browser.new_page(viewport={"width": 1440, "height": 900})
            start = time.perf_counter()
            tab.goto(page.as_uri())
            tab.wait_for_selector("body[data-ready=yes]")
            ready = time.perf_counter() - start
            start = time.perf_counter()
            tab.fill("#search", "6 x 800")
            tab.wait_for_function("document.getElementById('count').textContent.length > 0")
            told.append((ready, time.perf_counter() - start))
            tab.close()
        browser.close()
    ready, search = sorted(told)[1]
    return f"{ready:6.2f} s, then a search in {search:.2f} s"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=2000)
    parser.add_argument("--chromium", help="also time the season's page in it")
    parser.add_argument("--keep", type=Path, help="folder to leave everything in")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        store, report = folder / "store", folder / "report"
        fill(store, options.sessions)
        print(f"report of {options.sessions} sessions  {timed('report', store, '-o', report)}")
        data, index = report / "index-data.js", report / "index.html"
        print(f"season's page, its data           {weight(index)}, {weight(data)}")
        pages = list((report / "sessions").iterdir())
        heaviest = max(pages, key=lambda file: file.stat().st_size)
        twin = [file for file in pages if file.stem == heaviest.stem]
        print(f"heaviest session, page and data   {weight(*twin)}")
        print(f"shared by all pages               {weight(*(report / 'assets').iterdir())}")
        if options.chromium:
            print(f"season's page ready               {until_ready(index, options.chromium)}")
        for _ in range(2):  # the first may compile
            told = timed("plot", PICTURED, "-o", folder / "one.png")
        print(f"plot of one file, PNG             {told}")
        print(
            f"plot of one file, SVG             {timed('plot', PICTURED, '-o', folder / 'one.svg')}"
        )
        print(
            f"report of one file                {timed('report', PICTURED, '-o', folder / 'one')}"
        )
    print(f"on {os.cpu_count()} cores, Python {sys.version.split()[0]}")


if __name__ == "__main__":
    main()
