"""In Chromium: drop a FIT, see six reps, drag an edge, split and join, save, reload: kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from intervaldetect.corrections.find import sidecar_path
from intervaldetect.corrections.parse import parse_corrections
from tests.report.conftest import WAIT_MS
from tests.serve.conftest import Running

SIZES = {"desktop": (1440, 1000), "phone": (390, 844)}


def start_of(page: Page, rep: int) -> float:
    return float(page.get_by_label(f"Start of rep {rep}").get_attribute("aria-valuenow") or "nan")


@pytest.mark.parametrize("form", SIZES)
def test_dropped_corrected_saved(
    browser: Browser, running: Running, session_file: Path, form: str
) -> None:
    width, height = SIZES[form]
    context = browser.new_context(viewport={"width": width, "height": height}, has_touch=True)
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(running.address)
    page.get_by_label("Choose files").set_input_files(session_file)
    page.wait_for_selector("[data-ready=yes]")
    rows = page.locator("table.reps tr.rep")
    expect(rows).to_have_count(6)
    before = rows.nth(2).text_content()

    # With the mouse: the start of the third rep, to the left.
    if form == "phone":  # zoomed to it, as a thumb needs it
        page.get_by_role("button", name="Zoom to rep 3").click()
    was = start_of(page, 3)
    handle = page.get_by_label("Start of rep 3").bounding_box()
    assert handle is not None
    x, y = handle["x"] + handle["width"] / 2, handle["y"] + 150
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 10, y, steps=3)
    page.mouse.up()
    expect(rows.nth(2)).not_to_have_text(before or "")
    assert start_of(page, 3) < was - 1
    expect(page.locator("#ghosts div")).to_have_count(1)  # what the detector said

    # From the keyboard: its end, by ten seconds and back by one.
    page.get_by_label("End of rep 3").focus()
    ended = float(page.get_by_label("End of rep 3").get_attribute("aria-valuenow") or "nan")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_label("End of rep 3")).to_have_attribute(
        "aria-valuenow", f"{ended + 9:.1f}".removesuffix(".0")
    )
    page.get_by_role("button", name="Split").click()
    expect(rows).to_have_count(7)
    page.get_by_role("button", name="Join with next").click()
    expect(rows).to_have_count(6)
    page.get_by_role("button", name="Split").click()
    expect(rows).to_have_count(7)
    page.get_by_role("button", name="Undo").click()
    expect(rows).to_have_count(6)
    page.get_by_label("Feeling").select_option("8")
    expect(page.locator("[data-live=why]")).to_contain_text("Feeling 8 of 10.")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#status")).to_contain_text("Saved in")

    moved = start_of(page, 3)
    page.reload()
    page.wait_for_selector("[data-ready=yes]")
    assert start_of(page, 3) == moved
    expect(page.get_by_label("Feeling")).to_have_value("8")
    expect(page.get_by_role("button", name="Save")).to_be_disabled()
    kept = running.store / "recordings" / session_file.name
    told = parse_corrections(sidecar_path(str(kept)).read_text("utf-8"), "x")
    assert told.reps is not None
    assert told.reps[2][:2] == (moved, round(ended + 9, 1))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert not said
    assert all(address.startswith(running.address) for address in asked)

    # Another browser that does not know the token.
    stranger = browser.new_context().new_page()
    answer = stranger.goto(running.address.rsplit("/", 2)[0] + "/")
    assert answer is not None
    assert answer.status == 403
    context.close()
