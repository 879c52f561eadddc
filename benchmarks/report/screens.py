"""Screenshots of every kind of page, to be looked at: desktop and phone, light and dark.

    python -m benchmarks.report.screens OUT [--only NAME ...] [--store STORE] [--chromium PATH]

All sessions are simulated; ``--store`` adds the pages of a store. OUT keeps the pages below
``pages`` and a PNG for each page, size and theme beside it. Needs Chromium and playwright.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, sync_playwright

from intervaldetect.batch.folder import run_batch
from intervaldetect.job import Settings
from intervaldetect.pipeline import analyse
from intervaldetect.records import Activity
from intervaldetect.report.season_site import write_files, write_store
from intervaldetect.report.session import session_of
from intervaldetect.report.site import INDEX, Site
from intervaldetect.simulate import Plan, simulate
from intervaldetect.store import Store

SEASON = Path(__file__).resolve().parents[2] / "fixtures" / "season"
SIZES = {"desk": (1440, 1000), "phone": (390, 844)}
FLAGS = ["--no-sandbox", "--disable-gpu"]
# Taller pages are cut: a season's list of sessions is the same all the way down.
TALLEST = 3600


def run(workout: str | None = None, *, seed: int = 7, **plan: object) -> Activity:
    """Return a simulated run."""
    return simulate(Plan(workout, **plan), seed=seed).to_activity()  # type: ignore[arg-type]


def without(source: Activity, *channels: str) -> Activity:
    """Return an activity without some of its channels."""
    columns = {name: values.copy() for name, values in source.columns.items()}
    for name in channels:
        columns[name][:] = np.nan
    return replace(source, columns=columns)


def ride() -> Activity:
    """Return a ride with power."""
    source = run(run_type="hilly", duration_s=3600.0)
    columns = {name: values.copy() for name, values in source.columns.items()}
    columns["distance"] = columns["distance"] * 2.4
    columns["speed"] = columns["speed"] * 2.4
    columns["power"] = 210.0 + 35.0 * np.sin(columns["time"] / 90.0)
    return replace(source, columns=columns, sport="cycling", sub_sport="road", name="Hill loop")


KINDS: dict[str, Callable[[], Activity]] = {
    "easy": lambda: run(run_type="easy", duration_s=2700.0, power=True),
    "strides": lambda: run(run_type="strides", strides=3),
    "hills": lambda: run("10 x 1:00 @ 3:10/km (1:30 jog)", hill_grade=0.08),
    "ladder": lambda: run(
        "400 m @ 1:12 (1:00 jog) + 800 m @ 2:28 (1:30 jog) + 1200 m @ 3:45 (2:00 jog)"
        " + 800 m @ 2:28 (1:30 jog) + 400 m @ 1:12",
        terrain="track",
    ),
    "thirty": lambda: run("30 x 200 m @ 0:36 (0:30 jog)", terrain="track", strides=4),
    "threshold": lambda: run("4 x 6:00 @ 3:15/km (1:00 jog)", laps="steps", power=True),
    "treadmill": lambda: run("5 x 1000 m @ 3:20 (1:30 jog)", terrain="treadmill"),
    "ride": ride,
    "no-heart-rate": lambda: without(run("6 x 800 m @ 2:10 (3:00 jog)"), "heart_rate"),
    "pauses": lambda: run("6 x 800 m @ 2:10 (3:00 jog)", pause_recoveries=True, timer_pauses=2),
    "long": lambda: run(run_type="long", terrain="hilly", traffic_lights=True),
}


def write_pages(folder: Path, names: list[str], store: Path | None) -> Iterator[tuple[str, Path]]:
    """Write the pages of each kind; yield a name and the page to look at."""
    for name in names:
        if name not in KINDS:
            continue
        found = analyse(KINDS[name]())
        write_files(Site(folder / name), [session_of(found, positions=True)], "km")
        yield name, folder / name / INDEX
    stores = [("given", store)] if store else []
    if "season" in names:
        kept = Path(tempfile.mkdtemp()) / "store"
        run_batch(SEASON, kept, settings=Settings(timezone="Europe/Oslo"), jobs=1)
        stores.append(("season", kept))
    for name, each in stores:
        with Store.open(each) as opened:
            write_store(Site(folder / name), opened, "km", timezone="Europe/Oslo")
        yield name, folder / name / INDEX
        sessions = sorted((folder / name / "sessions").glob("*.html"))
        yield f"{name}-session", sessions[len(sessions) // 2]


def take(browser: Browser, page_file: Path, stem: Path) -> None:
    """Take a page on a desk and on a phone, light and dark."""
    for size, (width, height) in SIZES.items():
        for theme in ("light", "dark"):
            page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=theme)
            page.goto(page_file.as_uri())
            page.wait_for_timeout(700)
            full = min(page.evaluate("document.documentElement.scrollHeight"), TALLEST)
            page.set_viewport_size({"width": width, "height": max(full, height)})
            page.wait_for_timeout(150)
            page.screenshot(path=f"{stem}-{size}-{theme}.png")
            page.close()


def main() -> None:
    """Write the pages and take them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--only", nargs="+", choices=[*KINDS, "season"])
    parser.add_argument("--store", type=Path, help="a store whose pages are taken too")
    parser.add_argument("--chromium", default=shutil.which("chromium"))
    options = parser.parse_args()
    names = options.only or ([] if options.store else [*KINDS, "season"])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=options.chromium, args=FLAGS)
        for name, page_file in write_pages(options.out / "pages", names, options.store):
            take(browser, page_file, options.out / name)
            print(name)
        browser.close()


if __name__ == "__main__":
    main()
