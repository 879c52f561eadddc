"""The pages as files: what they may refer to, what they tell, what they weigh."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from intervaldetect.errors import ParameterError
from intervaldetect.notation import parse_workout
from intervaldetect.output.summary import to_dict
from intervaldetect.plan.check import check_plan
from intervaldetect.plan.planned import planned_reps
from intervaldetect.records import Analysis, Lap, Problem, WorkoutStep
from intervaldetect.report.pages import POLICY, script
from intervaldetect.report.season_site import write_files, write_store
from intervaldetect.report.session import session_of
from intervaldetect.report.site import INDEX, LEDGER, Site, page_names, vega_bundle
from intervaldetect.store import Store
from tests.report.scenes import ODD, activity, session


class Reading(HTMLParser):
    """A page's links, scripts, styles and text."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.page = page
        self.addresses: list[str] = []
        self.inline: list[str] = []
        self.policy = ""
        self.text = ""
        self._inside = ""
        self.feed(page.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._inside = tag
        self.text += " "
        self.addresses += [given[name] or "" for name in ("href", "src") if name in given]
        self.inline += [name for name in given if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in given):
            self.inline.append(tag)
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"] or ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script" and data.strip():
            self.inline.append(data)
        self.text += data


def pages(folder: Path) -> list[Reading]:
    return [Reading(page) for page in sorted(folder.rglob("*.html"))]


def data_of(file: Path) -> dict[str, object]:
    text = file.read_text("ascii")
    loaded: dict[str, object] = json.loads(text.split(" = ", 1)[1].rstrip(";\n"))
    return loaded


# --- what pages are made of ----------------------------------------------------------------------


def test_every_page_is_closed_in_itself(season_report: Path) -> None:
    read = pages(season_report)
    assert len(read) == 64
    for page in read:
        assert page.policy == POLICY
        assert page.inline == []
        for address in page.addresses:
            assert "//" not in address
            target = address.partition("#")[0]
            assert not target or (page.page.parent / target).is_file(), (page.page, address)
    listed = json.loads((season_report / LEDGER).read_text("utf-8"))["files"]
    there = {p.relative_to(season_report).as_posix() for p in season_report.rglob("*.*")}
    assert there - {LEDGER} == set(listed)


def test_the_policy_allows_files_of_the_report_only() -> None:
    allowed = dict(part.split(" ", 1) for part in POLICY.split("; "))
    assert allowed.pop("default-src") == "'none'"
    assert allowed.pop("script-src") == allowed.pop("style-src") == "'self'"
    assert set(allowed.values()) == {"'none'"}


def test_data_is_ascii_and_no_markup() -> None:
    text = script("told", {"name": "</script>\u2028<!-- é", "none": None})
    assert text.isascii()
    assert "<" not in text.split("\n", 1)[1]
    assert data_value(text) == {"name": "</script>\u2028<!-- é", "none": None}
    with pytest.raises(ValueError, match="not JSON compliant"):
        script("told", float("nan"))


def data_value(text: str) -> object:
    return json.loads(text.split(" = ", 1)[1].rstrip(";\n"))


def test_vega_comes_from_the_wheel_and_carries_its_licences(season_report: Path) -> None:
    bundle = vega_bundle()
    assert bundle.startswith("(() => {")
    assert "window.vegaEmbed" in bundle
    told = (season_report / "assets" / "LICENSES.txt").read_text("utf-8")
    for name in ("vega-lite", "d3", "BSD 3-Clause", "ISC", "MIT"):
        assert name in told


# --- weight --------------------------------------------------------------------------------------


def test_pages_stay_light(two_years: Path, season_report: Path) -> None:
    """Two points give the weight of 2,000 sessions, as every part grows at most by session."""

    def weight(folder: Path) -> int:
        return (folder / INDEX).stat().st_size + (folder / "index-data.js").stat().st_size

    few, many = weight(season_report), weight(two_years)
    by_session = (many - few) / (630 - 63)
    assert few + (2000 - 63) * by_session < 5_000_000
    for page in (two_years / "sessions").glob("*.html"):
        assert page.stat().st_size + page.with_suffix(".js").stat().st_size < 300_000


def test_the_longest_session_stays_light(tmp_path: Path) -> None:
    """A thousand reps in 100,000 samples: the trace is thinned, the rest is rows of tables."""
    source = activity("30 x 0:45 @ 2:58/km (0:15 stand)")
    time = source.columns["time"]
    again = int(np.ceil(100_000 / time.size))
    columns = {name: np.tile(values, again) for name, values in source.columns.items()}
    columns["time"] = np.arange(again * time.size, dtype=float)
    columns["distance"] = np.cumsum(np.tile(np.diff(source.columns["distance"], prepend=0), again))
    write_files(Site(tmp_path), [session(replace(source, columns=columns))], "km")
    files = [tmp_path / INDEX, tmp_path / "session-data.js"]
    assert sum(file.stat().st_size for file in files) < 1_500_000
    trace = data_of(files[1])["trace"]
    assert len(trace["t"]) <= 9 * 700  # type: ignore[index]


# --- what a session's page tells -----------------------------------------------------------------


@pytest.fixture
def told(analysis: Analysis, tmp_path: Path) -> Reading:
    steps = (
        WorkoutStep(0, "Warm up", "open", intensity="warmup"),
        WorkoutStep(1, "Hard", "distance", 800.0, "speed", target_low=6.0, target_high=6.3),
        WorkoutStep(2, None, "time", 180.0, intensity="rest"),
        WorkoutStep(3, None, "repeat_until_steps_cmplt", 1.0, target_value=2.0),
    )
    laps = (
        Lap(0.0, 600.0, 1680.0, 600.0, "manual", "warmup"),
        Lap(600.0, 730.0, 800.0, 130.0, "manual", "active"),
    )
    more = replace(
        analysis,
        activity=replace(analysis.activity, laps=laps, steps=steps, description="Felt <b>good</b>"),
        problems=(Problem("same_time", "samples with one time stamp merged", 3),),
    )
    write_files(Site(tmp_path / "report"), [session_of(more)], "km")
    return Reading(tmp_path / "report" / INDEX)


def test_a_session_tells_all_it_knows(told: Reading) -> None:
    text = re.sub(r"\s+", " ", told.text)
    for part in (
        "Tuesday", "Sunday 31 May 2026, 18:00", "2 x 800 m @ 2:10 (3:00 jog)", "VO2 88%",
        "threshold", "11 %", "97 %", "garmin fr255", "18 °C", "track",
        "2 reps of 800 m.", "Heart rate ended at 182.", "3:37/km ± 2 % (given)",
        "samples with one time stamp merged (3 times)", "Felt <b>good</b>",
        "800 m 2:10 2:42/km", "open, Warm up", "2 times from step 2",
        "800 m, 2:39 to 2:47/km, Hard", "active manual",
    ):  # fmt: skip
        assert part in text, part
    assert "tuesday.fit" in text  # the name is told, the folder is not
    assert "runs/" not in text


def test_a_plan_stands_beside_what_was_done(analysis: Analysis, tmp_path: Path) -> None:
    plan = planned_reps(parse_workout("3 x 800 m @ 2:15 (2:50)"))
    checked = check_plan(plan, analysis.workout)
    write_files(Site(tmp_path), [session_of(analysis, check=checked, plan="3 x <b>")], "km")
    text = re.sub(r"\s+", " ", Reading(tmp_path / INDEX).text)
    for part in (
        "Planned: 3 x <b>", checked.verdict, "1.1 800 m @ 2:49/km done 800 m 2:10 2:42/km -6 s/km",
        "+10 s", "1.3 800 m @ 2:49/km missed",
    ):  # fmt: skip
        assert part in text, part
    page = (tmp_path / INDEX).read_text("utf-8")
    # Planned reps light up where they were run: the second rep is the fourth segment.
    assert re.search(r'<tr data-band="3" class="done">\s*<th scope="row">1.2<', page)
    assert "data-band" not in page.split("missed")[0].rsplit("<tr", 1)[1]
    write_files(Site(tmp_path), [session_of(analysis, check=checked)], "mi")
    miles = Reading(tmp_path / INDEX).text
    assert "/km" not in miles
    assert "-10 s/mi" in miles


def test_a_session_without_reps_says_so(tmp_path: Path) -> None:
    easy = session(activity(None, run_type="easy", duration_s=1800.0))
    write_files(Site(tmp_path), [easy], "km")
    page = Reading(tmp_path / INDEX)
    assert "No planned efforts" in page.text
    assert "HR end" not in page.text.split("All segments")[0]


def test_a_ride_is_shown_without_what_is_said_of_runs(tmp_path: Path) -> None:
    write_files(Site(tmp_path), [session(ODD["ride"]())], "km")
    text = (tmp_path / INDEX).read_text(encoding="utf-8")
    assert "Speed and heart rate" in text
    assert "Threshold pace" not in text
    assert text.count("<meter") == 1
    beside = data_of(tmp_path / "session-data.js")["beside"]
    assert [line["title"] for line in beside][1:] == ["cadence (rpm)", "power (W)"]  # type: ignore[attr-defined]


def test_miles_are_miles_everywhere(tmp_path: Path) -> None:
    write_files(Site(tmp_path), [session(activity(name="x"))], "mi")
    page = Reading(tmp_path / INDEX)
    assert "/mi" in page.text
    assert " mi" in page.text
    assert "/km" not in page.text
    facts = data_of(tmp_path / "session-data.js")["facts"]
    assert facts["unitName"] == "mi"  # type: ignore[index]
    assert "min/mi" in facts["paceTitle"]  # type: ignore[index]


def test_an_abstention_is_shown_as_one(analysis: Analysis, tmp_path: Path) -> None:
    unsure = replace(analysis, label=replace(analysis.label, label=None))
    write_files(Site(tmp_path), [session_of(unsure)], "km")
    assert "not labelled" in Reading(tmp_path / INDEX).text


# --- positions -----------------------------------------------------------------------------------


def coordinates(folder: Path, source: object) -> list[Path]:
    """Return the files that hold a coordinate of the input, to 3 decimals or more."""
    columns = source.columns  # type: ignore[attr-defined]
    wanted = {
        f"{value:.3f}"
        for name in ("latitude", "longitude")
        for value in columns[name][np.isfinite(columns[name])][:: len(columns[name]) // 50]
    }
    assert len(wanted) > 4
    files = [file for file in folder.rglob("*.*") if "assets" not in file.parts]
    return [file for file in files if any(w in file.read_text("utf-8") for w in wanted)]


def test_no_position_is_told_unless_asked_for(tmp_path: Path) -> None:
    source = activity(terrain="flat")
    plain, mapped = tmp_path / "plain", tmp_path / "mapped"
    write_files(Site(plain), [session(source)], "km")
    assert coordinates(plain, source) == []
    data = data_of(plain / "session-data.js")
    assert data["route"] is None
    assert 'id="map"' not in (plain / INDEX).read_text("utf-8")
    write_files(Site(mapped), [session(source, positions=True)], "km")
    route = data_of(mapped / "session-data.js")["route"]
    assert len(route["points"]) > 50  # type: ignore[index]
    assert 'id="map"' in (mapped / INDEX).read_text("utf-8")
    # Even then it is a shape in metres around its middle, not a place on earth.
    assert coordinates(mapped, source) == []


# --- the folder ----------------------------------------------------------------------------------


def test_a_later_report_clears_away_the_earlier_one(tmp_path: Path) -> None:
    one = session(activity(seed=1))
    two = session(replace(activity(seed=2), part=2))
    write_files(Site(tmp_path), [one, two], "km")
    assert len(list((tmp_path / "sessions").iterdir())) == 4
    (tmp_path / "mine.txt").write_text("keep")
    write_files(Site(tmp_path), [one], "km")
    assert list((tmp_path / "sessions").iterdir()) == []
    assert (tmp_path / "mine.txt").read_text() == "keep"


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("dear")
    with pytest.raises(ParameterError, match="an empty folder"):
        Site(tmp_path)
    (tmp_path / LEDGER).write_text('{"files": 3}')
    with pytest.raises(ParameterError, match="lists the files of a report"):
        Site(tmp_path)
    outside = tmp_path.parent / "outside.txt"
    outside.write_text("dear")
    (tmp_path / LEDGER).write_text(json.dumps({"files": ["../outside.txt", str(outside)]}))
    write_files(Site(tmp_path), [session(activity())], "km")
    assert outside.exists()
    assert (tmp_path / "thesis.tex").exists()


def test_page_names_are_plain_and_apart() -> None:
    summary = to_dict(session_analysis())
    twins = [summary, {**summary, "part": 2}, {**summary, "name": "../../x"}]
    names = list(page_names(twins))
    assert len(set(names)) == 3
    assert all(re.fullmatch(r"[0-9a-f-]+", name) for name in names)


def session_analysis() -> Analysis:
    from intervaldetect.pipeline import analyse

    return analyse(activity(name="../../etc/passwd"))


# --- stores --------------------------------------------------------------------------------------


def test_an_empty_store_says_so(tmp_path: Path) -> None:
    with Store.create(tmp_path / "store") as store:
        assert write_store(Site(tmp_path / "report"), store, "km") == 0
    assert "There are no sessions." in Reading(tmp_path / "report" / INDEX).text


def test_each_athlete_has_a_season_of_their_own(tmp_path: Path, season: Path) -> None:
    from intervaldetect.batch.folder import run_batch

    for name in ("Åse <b>", "Bjørn"):
        folder = tmp_path / "in" / name
        folder.mkdir(parents=True)
        for file in sorted(season.glob("2025-09-0[1-4]*")):
            (folder / file.name).write_bytes(file.read_bytes())
    run_batch(tmp_path / "in", tmp_path / "store", jobs=1, athlete_from_folder=True)
    with Store.open(tmp_path / "store") as store:
        count = write_store(Site(tmp_path / "report"), store, "km")
    assert count == 10
    index = Reading(tmp_path / "report" / INDEX)
    assert "Åse <b>" in index.text
    ours = Reading(tmp_path / "report" / "athlete-1.html")
    theirs = Reading(tmp_path / "report" / "athlete-2.html")
    for page in (ours, theirs):
        assert page.policy == POLICY
        assert page.inline == []
        assert INDEX in page.addresses
    sessions = [{a for a in p.addresses if a.startswith("sessions/")} for p in (ours, theirs)]
    assert len(sessions[0]) == len(sessions[1]) == 5
    assert not sessions[0] & sessions[1]
    for address in sessions[1]:
        page = Reading(tmp_path / "report" / address)
        assert "../athlete-2.html" in page.addresses
