"""Make the screenshots of the README and docs/report.md from fixtures/season.

    python docs/images/make.py [CHROMIUM]

Needs Chromium, playwright and Pillow. Look at the result before it is committed.
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from intervaldetect.batch.folder import run_batch
from intervaldetect.job import Settings
from intervaldetect.report.season_site import write_store
from intervaldetect.report.site import INDEX, Site
from intervaldetect.store import Store

HERE = Path(__file__).parent
SEASON = HERE.parents[1] / "fixtures" / "season"
COLOURS = 192


def keep(png: bytes, name: str) -> None:
    """Write a screenshot with few colours: a third of the size, and no eye sees it."""
    picture = Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    picture.save(HERE / name, optimize=True)


def season(browser: Browser, report: Path) -> None:
    """Take the season's weeks, threshold, distributions and series."""
    page = browser.new_page(viewport={"width": 1280, "height": 2200})
    page.goto((report / INDEX).as_uri())
    page.wait_for_selector("body[data-ready=yes]")
    page.hover("details.series >> nth=3")
    page.wait_for_timeout(300)
    edge = page.locator("details.series >> nth=4").bounding_box()
    assert edge is not None
    clip = {"x": 0, "y": 0, "width": 1280, "height": edge["y"] + edge["height"] + 12}
    keep(page.screenshot(clip=clip), "season.png")


def session(browser: Browser, page_file: Path) -> None:
    """Take a session with the third rep lit up from its row."""
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.goto(page_file.as_uri())
    page.wait_for_selector("#chart[data-ready=yes]")
    page.hover("table.reps tr.rep >> nth=2")
    page.wait_for_timeout(300)
    edge = page.locator(".beside").bounding_box()
    assert edge is not None
    clip = {"x": 0, "y": 0, "width": 1280, "height": edge["y"] + edge["height"] + 12}
    keep(page.screenshot(clip=clip), "session.png")


def phone(browser: Browser, page_file: Path) -> None:
    """Take a session on a phone in the dark, zoomed to its second rep."""
    page = browser.new_page(
        viewport={"width": 390, "height": 800}, color_scheme="dark", device_scale_factor=1.5
    )
    page.goto(page_file.as_uri())
    page.wait_for_selector("#chart[data-ready=yes]")
    page.click("table.reps tr.rep >> nth=1 >> button")
    page.evaluate("scrollTo(0, 0)")
    page.mouse.move(1, 1)
    page.wait_for_timeout(300)
    keep(page.screenshot(), "phone.png")


def main() -> None:
    """Make all of them."""
    chromium = sys.argv[1] if len(sys.argv) > 1 else shutil.which("chromium")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        store_folder, report = Path(folder, "store"), Path(folder, "report")
        run_batch(SEASON, store_folder, settings=Settings(timezone="Europe/Oslo"))
        with Store.open(store_folder) as store:
            write_store(Site(report), store, "km", timezone="Europe/Oslo")
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        season(browser, report)
        (mixed,) = (report / "sessions").glob("2025-10-14-1750-*.html")
        session(browser, mixed)
        (eights,) = (report / "sessions").glob("2025-11-08-*.html")
        phone(browser, eights)
        browser.close()


if __name__ == "__main__":
    main()
