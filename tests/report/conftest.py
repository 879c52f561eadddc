"""A browser, where there is one, and reports to open in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from benchmarks.report.run import fill
from intervaldetect.report.season_site import write_store
from intervaldetect.report.site import Site
from intervaldetect.store import Store

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Quiet, also as root: what a browser would load for itself is no request of the page.
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
PHONE, DESK = (390, 844), (1440, 1000)
WAIT_MS = 60_000
expect.set_options(timeout=WAIT_MS)


@pytest.fixture(scope="module")  # while it is open no other loop of asyncio runs in this process
def browser() -> Iterator[Browser]:
    told = os.environ.get("INTERVALDETECT_CHROMIUM")
    found = told or next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        pytest.skip("no Chromium on PATH, and INTERVALDETECT_CHROMIUM names none")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield started
        started.close()


@dataclass
class Visit:
    """An open page with all that it said and asked for."""

    page: Page
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def files(self) -> list[Path]:
        """Return the files it asked for; anything else it asked for is an error."""
        assert all(address.startswith("file://") for address in self.asked), self.asked
        return [Path(unquote(urlsplit(address).path)) for address in self.asked]


class Open:
    """Open pages of a report, each in a profile of its own."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self._contexts: list[object] = []

    def __call__(
        self, file: Path, *, size: tuple[int, int] = DESK, dark: bool = False, ready: bool = True
    ) -> Visit:
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
        )
        self._contexts.append(context)
        visit = Visit(context.new_page())
        page = visit.page
        page.set_default_timeout(WAIT_MS)
        page.on("console", lambda message: visit.said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: visit.said.append(f"error: {error}"))
        page.on("request", lambda request: visit.asked.append(request.url))
        page.goto(file.as_uri())
        if ready:
            page.wait_for_selector("[data-ready=yes]", state="attached")
        return visit

    def close(self) -> None:
        for context in self._contexts:
            context.close()  # type: ignore[attr-defined]


@pytest.fixture
def visit(browser: Browser) -> Iterator[Open]:
    opened = Open(browser)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def season_report(season_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of the shipped season."""
    folder = tmp_path_factory.mktemp("pages") / "report"
    with Store.open(season_store) as store:
        write_store(Site(folder), store, "km")
    return folder


@pytest.fixture(scope="session")
def two_years(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of two years: the shipped season again and again."""
    folder = tmp_path_factory.mktemp("years")
    fill(folder / "store", 630)
    with Store.open(folder / "store") as store:
        write_store(Site(folder / "report"), store, "km")
    return folder / "report"
