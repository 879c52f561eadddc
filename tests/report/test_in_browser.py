"""The pages as a reader meets them: opened from disk in Chromium, hovered, clicked, searched."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from intervaldetect.report.season_site import write_files
from intervaldetect.report.site import INDEX, Site
from tests.report.conftest import DESK, PHONE, Open
from tests.report.scenes import FIELD_NOTES, ODD, activity, session

SIZES = {"phone": PHONE, "desk": DESK}


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of 6 x 800 m with laps."""
    folder = tmp_path_factory.mktemp("one")
    text, plan = FIELD_NOTES["6x800-210"]
    write_files(Site(folder), [session(activity(text, name="Tuesday", **plan))], "km")
    return folder / INDEX


@pytest.fixture(scope="module")
def data(one: Path) -> dict[str, object]:
    text = (one.parent / "session-data.js").read_text("utf-8")
    loaded: dict[str, object] = json.loads(text.split(" = ", 1)[1].rstrip(";\n"))
    return loaded


def lit_bands(page: Page) -> int:
    """Count the bands of the picture that stand out, in both panels."""
    return page.locator('#chart svg path[fill-opacity="0.5"]').count()


def along_the_bottom(page: Page) -> list[int]:
    """Return the times, in seconds, that stand along the bottom of the picture."""
    texts = page.evaluate(
        """() => { const all = [...document.querySelectorAll('#chart svg text')]
        .map(t => [t.getBoundingClientRect().top, t.textContent])
        .filter(([, text]) => /^\\d+(:\\d\\d)+$/.test(text));
        const low = Math.max(...all.map(([top]) => top));
        return all.filter(([top]) => top > low - 3).map(([, text]) => text); }"""
    )
    return sorted(_seconds(text) for text in texts)


def until(page: Page, holds: Callable[[], bool]) -> None:
    """Wait until something holds, as long as for anything else: what changes is drawn later."""
    for _ in range(200):
        if holds():
            return
        page.wait_for_timeout(100)
    assert holds()


def _seconds(text: str) -> int:
    total = 0
    for part in text.split(":"):
        total = 60 * total + int(part)
    return total


# --- every page ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "size", "dark"),
    [
        # Each kind in each size and each theme, not all eight together.
        ("session", PHONE, True),
        ("session", DESK, False),
        ("season", PHONE, False),
        ("season", DESK, True),
    ],
    ids=["session-phone-dark", "session-desk-light", "season-phone-light", "season-desk-dark"],
)
def test_pages_open_quietly_and_fit(
    kind: str, size: tuple[int, int], dark: bool, one: Path, season_report: Path, visit: Open
) -> None:
    index = one if kind == "session" else season_report / INDEX
    opened = visit(index, size=size, dark=dark)
    page = opened.page
    assert opened.said == []
    assert all(file.is_relative_to(index.parent) for file in opened.files())
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    charts = page.locator("#chart svg, .chart svg")
    assert charts.count() == (1 if kind == "session" else 4)
    for chart in charts.all():
        box = chart.bounding_box()
        assert box is not None
        assert 200 < box["width"] <= size[0]
        assert chart.locator("path").count() > 5
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == ("rgb(20, 24, 29)" if dark else "rgb(255, 255, 255)")
    drawn = charts.evaluate_all("all => all.map(svg => getComputedStyle(svg).backgroundColor)")
    assert set(drawn) == {ground}


@pytest.mark.parametrize("name", ODD)
def test_odd_sessions_open_quietly(name: str, visit: Open, tmp_path: Path) -> None:
    write_files(Site(tmp_path), [session(ODD[name]())], "km")
    opened = visit(tmp_path / INDEX)
    assert opened.said == []
    assert "NaN" not in opened.page.content()
    page_and_data = [tmp_path / INDEX, tmp_path / "session-data.js"]
    assert sum(file.stat().st_size for file in page_and_data) < 1_500_000


def test_the_theme_is_chosen_and_kept(one: Path, visit: Open) -> None:
    page = visit(one).page
    page.click("#theme")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.wait_for_function(
        "getComputedStyle(document.querySelector('#chart svg')).backgroundColor"
        " === 'rgb(20, 24, 29)'"
    )
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.inner_text("#theme") == "Light"


def test_the_policy_holds(one: Path, visit: Open) -> None:
    opened = visit(one)
    opened.page.evaluate(
        """() => { const s = document.createElement('script'); s.textContent = 'window.ran = 1';
        document.body.append(s); document.body.insertAdjacentHTML('beforeend',
        '<img src="https://example.org/x.png" onerror="window.ran = 1">'); }"""
    )
    fetched = opened.page.evaluate("fetch('https://example.org/').then(() => 'yes', () => 'no')")
    assert fetched == "no"
    assert opened.page.evaluate("window.ran") is None
    refused = [line for line in opened.said if "Content Security Policy" in line]
    assert len(refused) >= 3


def test_pages_say_what_they_can_without_scripts(one: Path, browser: object) -> None:
    context = browser.new_context(java_script_enabled=False)  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto(one.as_uri())
    assert page.locator("table.reps tr.rep").count() == 6
    assert page.locator(".controls").is_hidden()
    assert "needs JavaScript" in page.inner_text("noscript")
    context.close()


HOSTILE = {
    "script": "</title><script>window.ran = 1</script>",
    "quotes": "\"'><img src=x onerror='window.ran = 1'>{{ 7 * 7 }}",
    "turned": "run\u202egnp.exe\u2066\u200f",
    "long": "lactate " * 131_072,
    "marks": "Z" + "\u0301" * 5000,
    "lines": "one\u2028two\nthree\x00\x1b[31m",
}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A season of sessions with such names, and the page of each."""
    folder = tmp_path_factory.mktemp("hostile")
    source = activity()
    named = [
        session(replace(source, name=name, description=name, device=name, part=part))
        for part, name in enumerate(HOSTILE.values(), 1)
    ]
    write_files(Site(folder), named, "km")
    return folder


def page_of(folder: Path, part: int) -> Path:
    pages = sorted((folder / "sessions").glob("*.html"), key=lambda page: (len(page.name), page))
    assert len(pages) == len(HOSTILE)
    return pages[part - 1]  # the first part has no number


@pytest.mark.parametrize("part", range(len(HOSTILE) + 1), ids=["season", *HOSTILE])
def test_hostile_names_are_harmless(part: int, hostile: Path, visit: Open) -> None:
    file = page_of(hostile, part) if part else hostile / INDEX
    opened = visit(file)
    assert opened.said == []
    assert opened.page.evaluate("window.ran") is None
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= DESK[0]
    heading = opened.page.inner_text("h1")
    assert len(heading) <= 120
    assert not set(heading) & set("\u202e\u2066\u200f\u2028\n\x00\x1b")
    assert opened.page.locator("main script, main img").count() == 0


def test_long_names_make_no_large_pages(hostile: Path) -> None:
    files = [file for file in hostile.rglob("*") if file.is_file() and "assets" not in file.parts]
    assert sum(file.stat().st_size for file in files) < 300_000 * len(HOSTILE)
    assert all(file.stat().st_size < 300_000 for file in files)


# --- a session -----------------------------------------------------------------------------------


def test_hovering_a_row_lights_its_rep(one: Path, visit: Open) -> None:
    page = visit(one).page
    assert lit_bands(page) == 0
    page.hover("table.reps tr.rep >> nth=2")
    page.wait_for_function(
        "document.querySelectorAll('#chart svg path[fill-opacity=\"0.5\"]').length === 2"
    )
    assert page.locator("tr.lit").first.locator("th").inner_text() == "3"
    page.mouse.move(5, 5)
    page.wait_for_function(
        "document.querySelectorAll('#chart svg path[fill-opacity=\"0.5\"]').length === 0"
    )


def test_hovering_a_rep_lights_its_row_and_tells_its_figures(
    one: Path, data: dict[str, object], visit: Open
) -> None:
    page = visit(one).page
    box = page.locator("#chart svg").bounding_box()
    assert box is not None
    bands = [band for band in data["bands"] if band["role"] == "rep"]  # type: ignore[attr-defined]
    middle = (bands[3]["t0"] + bands[3]["t1"]) / 2
    share = middle / data["facts"]["seconds"]  # type: ignore[index]
    inner = box["width"] - data["margin"]  # type: ignore[operator]
    page.mouse.move(box["x"] + 58 + share * inner, box["y"] + 150)
    expect(page.locator("table.reps tr.lit th")).to_have_text("4")
    for told in ("rep 4", "bpm", "/km"):
        expect(page.locator("#readout")).to_contain_text(told)


def test_a_click_zooms_and_escape_shows_the_whole(
    one: Path, data: dict[str, object], visit: Open
) -> None:
    page = visit(one).page
    before = along_the_bottom(page)
    assert page.is_disabled("#whole")
    assert len(before) > 3
    page.click("table.reps tr.rep >> nth=1 >> button")
    page.wait_for_selector("#whole:not([disabled])")
    until(page, lambda: along_the_bottom(page) != before)
    rep = [band for band in data["bands"] if band["role"] == "rep"][1]  # type: ignore[attr-defined]
    until(page, lambda: all(rep["t0"] - 60 < t < rep["t1"] + 60 for t in along_the_bottom(page)))
    page.keyboard.press("Escape")
    page.wait_for_selector("#whole[disabled]")
    until(page, lambda: along_the_bottom(page) == before)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_a_click_on_a_rep_of_the_picture_zooms_to_it(
    size: tuple[int, int], one: Path, visit: Open
) -> None:
    page = visit(one, size=size).page
    top = page.locator("#chart").bounding_box()
    box = page.locator('#chart svg path[fill="#f0a81c"]').first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_selector("#whole:not([disabled])")
    page.wait_for_timeout(200)  # until what the zoom moved would have been seen
    expect(page.locator("table.reps tr.lit th")).to_have_text("1")
    expect(page.locator("#readout")).to_contain_text("rep 1  ")
    assert page.locator("#chart").bounding_box() == top


def test_dragging_zooms_to_what_was_dragged_over(one: Path, visit: Open) -> None:
    page = visit(one).page
    box = page.locator("#chart svg").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 300, box["y"] + 200)
    page.mouse.down()
    page.mouse.move(box["x"] + 500, box["y"] + 210, steps=4)
    page.mouse.up()
    page.wait_for_selector("#whole:not([disabled])")
    page.click("#whole")
    page.wait_for_selector("#whole[disabled]")


def test_the_keyboard_goes_from_rep_to_rep(one: Path, visit: Open) -> None:
    page = visit(one).page
    page.focus("#chart")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator("table.reps tr.lit th")).to_have_text("2")
    expect(page.locator("#readout")).to_contain_text("rep 2  ")
    expect(page.locator("#readout")).to_contain_text("end HR")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    page.wait_for_selector("#whole:not([disabled])")
    expect(page.locator("table.reps tr.lit th")).to_have_text("1")
    page.keyboard.press("Escape")
    page.wait_for_selector("#whole[disabled]")
    # Everything else is a button or a link in the order of reading.
    page.focus("#theme")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.axis") == "time"


def test_the_axis_changes_to_distance_and_back(one: Path, visit: Open) -> None:
    page = visit(one).page
    svg = page.locator("#chart svg")
    assert "elapsed time" in svg.inner_html()
    page.click("button[data-axis=distance]")
    page.wait_for_function(
        "document.querySelector('#chart svg').textContent.includes('distance (km)')"
    )
    assert page.get_attribute("button[data-axis=distance]", "aria-pressed") == "true"
    page.click("button[data-axis=time]")
    page.wait_for_function(
        "document.querySelector('#chart svg').textContent.includes('elapsed time')"
    )


def test_fast_is_up(one: Path, visit: Open) -> None:
    page = visit(one).page
    places = page.evaluate(
        """() => [...document.querySelectorAll('#chart svg text')]
        .filter(t => /^[2-7]:00$/.test(t.textContent) && t.getAttribute('text-anchor') === 'end')
        .map(t => [t.textContent, t.getBoundingClientRect().top]).sort()"""
    )
    assert len(places) >= 3
    tops = [top for _, top in places]
    assert tops == sorted(tops)


def test_a_way_is_drawn_where_positions_are_given(visit: Open, tmp_path: Path) -> None:
    write_files(Site(tmp_path), [session(activity(terrain="track"), positions=True)], "km")
    opened = visit(tmp_path / INDEX)
    opened.page.wait_for_selector("#map svg path")
    assert opened.said == []


# --- a season ------------------------------------------------------------------------------------


def visible(page: Page) -> list[str]:
    # What is far from the window is not laid out, and has no text to be seen.
    page.locator("#count").scroll_into_view_if_needed()
    return page.locator("#sessions tbody tr:visible").all_inner_texts()


def wait_for_rows(page: Page, count: int) -> None:
    page.wait_for_function(
        "count => [...document.querySelectorAll('#sessions tbody tr')]"
        ".filter(row => !row.hidden).length === count",
        arg=count,
    )


def test_the_list_is_searched_and_filtered(season_report: Path, visit: Open) -> None:
    page = visit(season_report / INDEX).page
    every = len(visible(page))
    count, rows = page.locator("#count"), page.locator("#sessions tbody tr:visible")
    expect(count).to_have_text(f"{every} of {every} sessions")
    page.fill("#search", "6 X 800")
    until(page, lambda: 0 < len(visible(page)) < every)
    found = visible(page)
    assert all("\t6 x 800 m" in row for row in found)
    expect(count).to_have_text(f"{len(found)} of {every} sessions")
    page.click("button[type=reset]")
    wait_for_rows(page, every)
    page.select_option("#label", "easy")
    until(page, lambda: 0 < rows.count() < every)
    assert {row.get_attribute("data-label") for row in rows.all()} == {"easy"}
    page.fill("#search", "no such session")
    expect(rows).to_have_count(0)
    page.click("button[type=reset]")
    wait_for_rows(page, every)
    kinds = page.locator("#kind option").all_inner_texts()[1:]
    page.select_option("#kind", kinds[0])
    until(page, lambda: {row.split("\t")[-1] for row in visible(page)} == {kinds[0]})


def test_control_and_load_open_and_fit_a_phone(season_report: Path, visit: Open) -> None:
    page = visit(season_report / INDEX, size=PHONE).page
    keys = page.locator("details.sheet").evaluate_all("all => all.map(one => one.id)")
    assert {"control", "week-shares", "load", "predictions", "recovery"} <= set(keys)
    for key in keys:
        page.click(f"#{key} > summary")
        assert page.locator(f"#{key} tbody tr").first.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    address = page.locator("#control tbody a").first.get_attribute("href")
    assert address is not None
    assert (season_report / address).is_file()


def test_every_scale_of_intensity_has_its_bar(season_report: Path, visit: Open) -> None:
    page = visit(season_report / INDEX).page
    svg = page.locator("#chart-shares svg")
    named = page.locator("#chart-shares + ul li").count()
    assert named == page.locator('#chart-shares svg text:text-matches("^by ")').count() == 4
    below = svg.evaluate("svg => svg.getBoundingClientRect().bottom")
    for bar in page.locator("#chart-shares g.mark-rect path").all():
        assert bar.evaluate("bar => bar.getBoundingClientRect().bottom") < below


def test_a_week_lists_its_sessions(season_report: Path, visit: Open) -> None:
    page = visit(season_report / INDEX).page
    box = page.locator("#chart-weeks svg").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 60)
    page.wait_for_function("document.getElementById('readout').textContent.includes('threshold')")
    week = page.inner_text("#readout").split()[0]
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 60)
    page.wait_for_function("document.getElementById('count').textContent.includes('in the week')")
    days = [row.split()[0] for row in visible(page)]
    from datetime import date

    weeks = {date.fromisoformat(day).isocalendar() for day in days}
    assert {f"{each.year}-W{each.week:02d}" for each in weeks} == {week}


def test_a_point_of_a_series_opens_its_session(season_report: Path, visit: Open) -> None:
    page = visit(season_report / INDEX).page
    points = page.locator("#chart-series g.mark-symbol path")
    assert points.count() > 10
    page.locator("#chart-series").scroll_into_view_if_needed()
    point = points.nth(points.count() // 2)
    point.hover(force=True)
    page.wait_for_function("document.getElementById('readout').textContent.includes('series')")
    workout = page.inner_text("#readout").split("  ", 2)[2]
    point.click(force=True)
    page.wait_for_url("**/sessions/*.html")
    expect(page.locator(".workout")).to_have_text(workout)


def test_hovering_a_series_lights_its_line(season_report: Path, visit: Open) -> None:
    page = visit(season_report / INDEX).page
    page.hover("details.series >> nth=0")
    page.wait_for_selector('#chart-series path[stroke-width="3"]', state="attached")
    others = page.locator("details.series").count() - 1
    expect(page.locator('#chart-series path[stroke-opacity="0.18"]')).to_have_count(others)


def test_the_period_narrows_charts_and_list(visit: Open, two_years: Path) -> None:
    page = visit(two_years / INDEX).page
    every = len(visible(page))
    bars = page.locator("#chart-weeks g.mark-rect path").count()
    page.click("button[data-days='84']")
    page.wait_for_function(
        "n => document.querySelectorAll('#chart-weeks g.mark-rect path').length < n", arg=bars
    )
    until(page, lambda: 0 < len(visible(page)) < every)
    expect(page.locator("#count")).to_contain_text("since")
    page.click("button[data-days='0']")
    wait_for_rows(page, every)
    until(page, lambda: len(visible(page)) == every)


def test_a_session_leads_back_and_on(season_report: Path, visit: Open) -> None:
    page = visit(season_report / INDEX).page
    page.click("#sessions tbody tr a >> nth=3")
    page.wait_for_url("**/sessions/*.html")
    first = page.url
    page.click("a[rel=prev]")
    page.wait_for_url(lambda address: address != first)
    page.click("a[rel=next]")
    page.wait_for_url(first)
    page.click("nav a >> nth=0")
    page.wait_for_url("**/index.html")
    expect(page.locator("h1")).to_have_text("Season")
