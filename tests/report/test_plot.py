"""Pictures as files: golden ones, odd ones, and what is refused."""

from __future__ import annotations

import re
import sys
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from intervaldetect.errors import IntervalDetectError, ParameterError
from intervaldetect.records import Analysis
from intervaldetect.report.plot import plot_session
from intervaldetect.report.session import chart_data, chart_facts, session_of
from intervaldetect.report.session_chart import HEIGHTS, session_spec
from intervaldetect.report.site import vega_bundle
from intervaldetect.report.vega import converter, render
from tests.report import golden
from tests.report.scenes import FIELD_NOTES, ODD, activity, session

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", FIELD_NOTES)
def test_pictures_of_the_field_notes_look_as_they_did(name: str) -> None:
    with Image.open(golden.FOLDER / f"{name}.png") as kept:
        assert golden.alike(golden.draw(name), kept.convert("L")), "python -m tests.report.golden"


def test_the_comparison_tells_pictures_apart() -> None:
    kept = {name: Image.open(golden.FOLDER / f"{name}.png").convert("L") for name in FIELD_NOTES}
    for one, other in (
        ("6x500", "6x800-200"), ("15x1k", "10x1k"), ("25x400", "25x1min"), ("10mi", "10k"),
        ("4x6min", "5x8min"),
    ):  # fmt: skip
        assert not golden.alike(kept[one], kept[other]), (one, other)
    shifted = np.roll(np.asarray(kept["25x400"]), 6, axis=1)
    assert not golden.alike(kept["25x400"], Image.fromarray(shifted))


def texts(svg: str) -> list[str]:
    parts = (SVG + tag for tag in ("text", "tspan"))
    root = ET.fromstring(svg)
    return [element.text for part in parts for element in root.iter(part) if element.text]


@pytest.mark.parametrize("name", ODD)
def test_odd_sessions_are_drawn(name: str) -> None:
    svg = plot_session(session(ODD[name]())).to_svg()
    assert "NaN" not in svg
    assert "Infinity" not in svg
    shown = texts(svg)
    assert ("heart rate (bpm)" in shown) == (name != "without heart rate")
    assert any(text.startswith(("pace", "speed")) for text in shown) == (name != "without distance")
    assert "elapsed time" in shown
    longest = max(len(path.get("d") or "") for path in ET.fromstring(svg).iter(f"{SVG}path"))
    assert longest > 1000


def test_a_ride_is_told_in_speed() -> None:
    shown = texts(plot_session(session(ODD["ride"]())).to_svg())
    assert any(text.startswith("speed (km/h)") for text in shown)
    assert not any("pace" in text for text in shown)


def test_reps_carry_their_numbers(analysis: Analysis) -> None:
    shown = texts(plot_session(analysis).to_svg())
    assert shown.count("1") == shown.count("2") == 1
    assert "2 x 800 m @ 2:10 (3:00 jog)" in shown
    assert any(text.startswith("VO2 88%") for text in shown)
    assert any(text.startswith("Tuesday, Sun 2026-05-31 18:00") for text in shown)


def test_miles_and_distance(analysis: Analysis) -> None:
    shown = texts(plot_session(analysis, units="mi", axis="distance").to_svg())
    assert "distance (mi)" in shown
    assert any("min/mi" in text for text in shown)
    facts = chart_facts(session_of(analysis), "mi")
    slow, fast = facts["pace"]
    assert slow > fast  # fast is on top
    assert fast < 1609.344 / (800 / 130) < slow


def test_light_and_dark_differ_in_colours_only(analysis: Analysis) -> None:
    light, dark = (plot_session(analysis, dark=dark).to_svg() for dark in (False, True))
    assert "#ffffff" in light
    assert "#14181d" in dark
    assert texts(light) == texts(dark)
    plain = [re.sub(r"#[0-9a-f]{6}", "#", svg) for svg in (light, dark)]
    assert plain[0] == plain[1]


def luminance(colour: str) -> float:
    channels = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


def test_lines_and_texts_have_contrast_in_both_themes() -> None:
    """WCAG 2: 4.5 for texts, 3 for what is drawn."""
    from intervaldetect.report.vega import PALETTE

    for theme in (0, 1):
        ground = luminance(PALETTE["ground"][theme])
        for name, wanted in (
            ("ink", 7.0), ("muted", 4.5), ("pace", 4.5), ("heart", 4.5), ("limit", 4.5),
            ("rep_edge", 4.5), ("stride", 3.0),
        ):  # fmt: skip
            other = luminance(PALETTE[name][theme])
            contrast = (max(ground, other) + 0.05) / (min(ground, other) + 0.05)
            assert contrast >= wanted, (name, theme, contrast)


def test_files(analysis: Analysis, tmp_path: Path) -> None:
    plot = plot_session(analysis, width=480)
    plot.save(tmp_path / "a.svg")
    ET.parse(tmp_path / "a.svg")
    plot.save(tmp_path / "a.PNG", scale=1.0)
    with Image.open(tmp_path / "a.PNG") as picture:
        assert picture.format == "PNG"
        assert picture.size[0] == 480
    with pytest.raises(ParameterError, match=r"ends in \.png or \.svg"):
        plot.save(tmp_path / "a.gif")
    assert not (tmp_path / "a.gif").exists()


def test_a_notebook_shows_an_image(analysis: Analysis) -> None:
    from dataclasses import replace

    hostile = replace(
        analysis, activity=replace(analysis.activity, name="<script>alert(1)</script>")
    )
    plot = plot_session(hostile)
    shown = plot._repr_html_()
    assert shown.startswith("<img ")
    assert "<script" not in shown
    ET.fromstring(plot.to_svg())
    assert "script" in repr(plot)
    assert plot.spec["$schema"].endswith("/vega/v6.json")


@pytest.mark.parametrize(
    ("option", "value"), [("units", "furlong"), ("axis", "moon"), ("width", 10), ("width", 9999)]
)
def test_wrong_options_are_refused(analysis: Analysis, option: str, value: object) -> None:
    with pytest.raises(ParameterError, match=option):
        plot_session(analysis, **{option: value})  # type: ignore[arg-type]


def test_two_pictures_of_one_session_are_equal(analysis: Analysis) -> None:
    assert plot_session(analysis).to_svg() == plot_session(analysis).to_svg()


@pytest.mark.parametrize("panels", HEIGHTS)
def test_descriptions_hold_no_data(panels: str) -> None:
    spec = session_spec(panels, titled=True)  # type: ignore[arg-type]
    assert all(not table.get("values") for table in spec["data"])


def test_bands_tile_the_session_in_time_and_distance() -> None:
    drawn = session(activity())
    bands = chart_data(drawn)["bands"]
    assert bands[0]["t0"] == 0.0
    for before, after in pairwise(bands):
        assert before["t1"] == after["t0"]
        assert before["d1"] == after["d0"]
    facts = chart_facts(drawn, "km")
    assert bands[-1]["t1"] == pytest.approx(facts["seconds"], abs=0.2)
    assert bands[-1]["d1"] == pytest.approx(facts["metres"], rel=0.01)


def test_without_the_extra_pictures_say_what_installs_them_and_pages_have_their_script(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    vega_bundle.cache_clear()
    with pytest.raises(IntervalDetectError, match=r"pip install 'intervaldetect\[pictures\]'"):
        render({}, "svg")
    assert "window.vegaEmbed" in vega_bundle()


def test_pages_bring_the_vega_that_draws_pictures() -> None:
    bundle = converter().javascript_bundle("window.vegaEmbed = vegaEmbed;")
    assert vega_bundle() == f"(() => {{\n{bundle}\n}})();\n", "write it to report/assets/vega.js"
