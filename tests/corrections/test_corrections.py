"""Corrections by hand: read with line numbers, applied last, bound to content and not to a name."""

from __future__ import annotations

import shutil
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intervaldetect.batch.one_file import analyses
from intervaldetect.corrections.apply import (
    _spans,
    apply_corrections,
    label_by_hand,
    said_of,
    with_remarks,
)
from intervaldetect.corrections.find import (
    corrections_digest,
    find_corrections,
    read_store_text,
    sidecar_path,
)
from intervaldetect.corrections.parse import REFUSED, Corrections, parse_corrections
from intervaldetect.corrections.template import corrections_text, template
from intervaldetect.errors import ReadError
from intervaldetect.job import Settings, Task
from intervaldetect.output.summary import to_dict
from intervaldetect.pipeline import analyse
from intervaldetect.read import read_activity
from intervaldetect.read.archive import iter_sources
from intervaldetect.records import Analysis, Said, Segment, Workout
from intervaldetect.session_features import from_json, to_json
from intervaldetect.simulate import Plan, simulate, to_fit
from intervaldetect.structure.sets import Effort


def recording() -> bytes:
    return to_fit(simulate(Plan("6 x 800 m @ 2:30 (3:00 jog)"), seed=3))


@pytest.fixture(scope="module")
def found() -> Analysis:
    return analyse(read_activity(recording()))


def edges(workout: Workout) -> list[tuple[float, float]]:
    return [(s.start_s, s.end_s) for s in workout.segments if s.role == "rep"]


def corrected(found: Analysis, text: str) -> Workout:
    told = parse_corrections(text, "x.toml")
    return apply_corrections(found.activity, found.signal, found.workout, told)


def test_the_template_changes_nothing(found: Analysis) -> None:
    assert len(edges(found.workout)) == 6
    assert corrected(found, template(found)) == found.workout


def without(text: str, number: int) -> str:
    rows = text.splitlines()
    return "\n".join(row for row in rows if f"# {number}  " not in row)


def test_a_rep_left_out_becomes_part_of_its_recovery(found: Analysis) -> None:
    workout = corrected(found, without(template(found), 3))
    before = edges(found.workout)
    assert edges(workout) == [*before[:2], *before[3:]]
    assert [s.source for s in workout.segments if s.role == "recovery"].count("override") == 1
    assert sum(each.count for each in workout.sets) == 5
    assert any("5 reps in place of 6, 0 of them new" in s for s in workout.evidence)


def test_reps_are_split_joined_moved_and_added(found: Analysis) -> None:
    (a, b), (c, _), *rest = edges(found.workout)
    middle = (a + b) / 2
    spans = [(a, middle - 5), (middle, b), (c, rest[0][1]), (rest[-1][0] + 4, rest[-1][1])]
    spans.append((rest[-1][1] + 100.0, rest[-1][1] + 160.0))
    rows = ",".join(f'"{start:.2f}-{end:.2f}"' for start, end in spans)
    workout = corrected(found, f"reps = [{rows}]")
    assert [tuple(map(pytest.approx, span)) for span in edges(workout)] == [
        (round(x, 2), round(y, 2)) for x, y in spans
    ]
    assert {s.source for s in workout.segments if s.role == "rep"} == {"override"}
    assert any("5 reps in place of 6, 5 of them new" in s for s in workout.evidence)
    starts = [s.start_s for s in workout.segments]
    assert starts[0] == 0.0
    assert all(p.end_s == q.start_s for p, q in pairwise(workout.segments))
    assert workout.segments[-1].end_s == found.signal.time_s[-1]


def test_no_reps_at_all(found: Analysis) -> None:
    workout = corrected(found, "reps = []")
    assert (workout.sets, workout.text, edges(workout)) == ((), None, [])
    assert workout.structured_probability == 0.0
    assert (workout.shape, found.workout.shape) == ("steady", "intervals")
    assert corrected(found, 'pace = ["1-6: 4:00/km"]').shape == "intervals"


def test_a_label_by_hand_leaves_the_kind_and_a_kind_the_label(found: Analysis) -> None:
    assert found.evidence is not None
    assert found.label.kind is not None
    for text, label, kind in (
        ('label = "easy"', "easy", found.label.kind),
        ('kind = "hills"', found.label.label, "hills"),
    ):
        told = parse_corrections(text, "x")
        evidence = with_remarks(found.evidence, told, found.activity, found.workout)
        by_hand = label_by_hand(found.label, evidence)
        assert (by_hand.label, by_hand.kind) == (label, kind)


def test_a_treadmill_pace_gives_distance_and_speed(found: Analysis) -> None:
    workout = corrected(found, 'pace = ["1-5: 4:00/km"]\ndistance = ["6: 1 km"]\n')
    reps = [s for s in workout.segments if s.role == "rep"]
    assert [s.mean_speed_mps for s in reps[:5]] == pytest.approx([1000 / 240] * 5)
    assert reps[0].distance_m == pytest.approx((reps[0].moving_s or 0.0) * 1000 / 240)
    assert reps[5].distance_m == 1000.0
    assert [s.source for s in reps] == ["override"] * 6
    assert edges(workout) == edges(found.workout)


def test_what_was_said_stands_beside_the_session(found: Analysis) -> None:
    told = parse_corrections(
        'rpe = 6.5\nfeeling = 7\nlactate = ["3: 2.4", "1: 2"]\nnote = " much\\nwind "\n', "x"
    )
    said = said_of(told, found.activity, found.workout)
    assert said == Said(6.5, 7, "much wind", ((1, 2.0), (3, 2.4)))
    printed = to_dict(replace(found, said=said))["runner_said"]
    assert printed["lactate"] == [{"rep": 1, "mmol": 2.0}, {"rep": 3, "mmol": 2.4}]
    assert said_of(replace(told, sha256="0" * 64), found.activity, found.workout) == Said()
    assert found.evidence is not None
    evidence = with_remarks(found.evidence, told, found.activity, found.workout)
    assert "Perceived exertion 6.5 of 10." in evidence.remarks_by_hand
    analysed = analyse(found.activity, corrections=told, judge=False)
    assert analysed.said == said


def test_label_feeling_lactate_and_note_are_told(found: Analysis) -> None:
    text = 'label = "easy"\nfeeling = 7\nlactate = ["3: 2.4"]\nnote = "windy"\n'
    told = parse_corrections(text, "x")
    assert found.evidence is not None
    evidence = with_remarks(found.evidence, told, found.activity, found.workout)
    assert from_json(to_json(evidence)).label_by_hand == "easy"
    label = label_by_hand(found.label, from_json(to_json(evidence)))
    assert label.label == "easy"
    assert label.evidence[-4:] == (
        "Labelled easy by hand.", "Lactate after rep 3: 2.4 mmol/l.", "Feeling 7 of 10.",
        "Note: windy",
    )  # fmt: skip
    assert label_by_hand(found.label, found.evidence) == found.label
    elsewhere = replace(told, sha256="0" * 64)
    assert with_remarks(found.evidence, elsewhere, found.activity, found.workout) == found.evidence


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("label = 'easy'\nreps = [\n", 2, "not TOML"),
        ("label = 'easy'\nlables = 'easy'\n", 2, "unknown key 'lables'"),
        ("\nlabel = 'hard'\n", 2, "label is one of easy, threshold, vo2"),
        ("rpe = 11\n", 1, "from 0 to 10"),
        ("feeling = 11\n", 1, "from 1 to 10"),
        ("feeling = true\n", 1, "whole number"),
        ("reps = '1:00-2:00'\n", 1, "a list of strings"),
        ("reps = [\n '1:00-2:00',\n 'x'\n]\n", 3, "expected a start and an end"),
        ("reps = [\n '1:00-2:00',\n '4:00-3:00',\n]\n", 3, "ends after it starts"),
        ("reps = [\n '1:00-2:00',\n '1:30-3:00',\n]\n", 3, "overlaps '1:00-2:00', line 2"),
        ("reps = [\n '5:00-6:00',\n '1:30-3:00',\n]\n", 3, "belongs before '5:00-6:00', line 2"),
        ("reps = [\n '1:00-2:00', # one\n '1:00-2:00',\n]\n", 3, "line 2"),
        ("reps = ['1:00-2:00']\npace = ['2: 4:00/km']\n", 2, "no rep 2"),
        ("reps = ['4:00-3:00']\ndistance = ['4:00-3:00']\n", 1, "ends after it starts"),
        ("pace = ['1-3: 4:00/km',\n '3: 4:10/km']\n", 2, "pace of rep 3 was given, line 1"),
        ("pace = ['1: 4:00/km']\ndistance = ['1: 400 m']\n", 2, "has a pace already"),
        ("pace = ['1: 0:30/km']\n", 1, "a pace such as"),
        ("pace = ['3-1: 4:00/km']\n", 1, "count from 1"),
        ("distance = ['0: 400 m']\n", 1, "count from 1"),
        ("distance = ['1: 400 miles']\n", 1, "a distance such as"),
        ("lactate = ['1: 99']\n", 1, "mmol/l"),
        ("sha256 = 'abc'\n", 1, "64 hexadecimal"),
        ("part = 0\n", 1, "from 1 to 1000"),
    ],
)
def test_what_is_wrong_is_refused_with_line_and_reason(text: str, line: int, reason: str) -> None:
    with pytest.raises(ReadError) as caught:
        parse_corrections(text, "run.fit.intervals.toml")
    assert caught.value.line == line, caught.value
    assert reason in caught.value.reason
    assert str(caught.value).startswith("run.fit.intervals.toml: ")


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("\nreps = [\n '0:10-0:40',\n '900:00-901:00']\n", 4, "the recording at"),
        ("\npace = ['7: 4:00/km']\n", 2, "no rep 7 of 6"),
        ("\nlactate = ['7: 2.0']\n", 2, "no rep 7 of 6"),
        (f"\n\nsha256 = '{'0' * 64}'\nreps = []\n", 3, "another recording"),
    ],
)
def test_what_does_not_fit_the_recording_is_left_out_as_a_whole(
    found: Analysis, text: str, line: int, reason: str
) -> None:
    told = parse_corrections(text + "label = 'easy'\n", "x.toml")
    again = analyse(found.activity, corrections=told)
    (problem,) = [each for each in again.workout.problems if each.code == REFUSED]
    assert reason in problem.message
    assert f"line {line})" in problem.message
    assert again.workout.segments == found.workout.segments
    assert again.label == found.label


def test_another_part_is_left_alone(found: Analysis) -> None:
    told = parse_corrections("part = 2\nreps = []\nlabel = 'easy'\n", "x")
    again = analyse(found.activity, corrections=told)
    assert again.workout == found.workout
    assert again.label == found.label


@given(st.lists(st.floats(1.0, 40.0), min_size=2, max_size=16))
@settings(max_examples=25, deadline=None)
def test_applying_twice_is_applying_once_and_segments_tile(
    found: Analysis, steps: list[float]
) -> None:
    cuts, at = [], 0.0
    for step in steps:
        at += round(step * 4.0, 1)
        cuts.append(round(at, 1))
    reps = tuple((a, b, 1) for a, b in zip(cuts[::2], cuts[1::2], strict=False))
    told = Corrections("x", reps=reps)
    once = apply_corrections(found.activity, found.signal, found.workout, told)
    assert edges(once) == [(a, b) for a, b, _ in reps]
    assert all(p.end_s == q.start_s for p, q in pairwise(once.segments))
    assert (once.segments[0].start_s, once.segments[-1].end_s) == (0.0, found.signal.time_s[-1])
    twice = apply_corrections(found.activity, found.signal, once, told)
    assert twice == once
    assert sum(each.count for each in once.sets) == len(reps)


def summaries(folder: Path, **options: Any) -> list[Analysis | str]:
    sources = [source for source in iter_sources(folder) if source.likely]
    return [each for source in sources for each in analyses(Task(source), Settings(**options))]


def test_corrections_follow_a_renamed_recording(tmp_path: Path, found: Analysis) -> None:
    file = tmp_path / "a.fit"
    file.write_bytes(recording())
    (plain,) = summaries(tmp_path)
    assert isinstance(plain, Analysis)
    text = without(template(plain), 6) + "\nlabel = 'easy'\n"
    sidecar_path(str(file)).write_text(text)
    (first,) = summaries(tmp_path)
    (again,) = summaries(tmp_path)
    shutil.move(file, tmp_path / "b.fit")
    (moved,) = summaries(tmp_path)
    assert isinstance(first, Analysis)
    for each in (first, again, moved):
        assert isinstance(each, Analysis)
        assert edges(each.workout) == edges(plain.workout)[:5]
        assert each.label.label == "easy"
        assert each.workout == first.workout


def test_corrections_that_cannot_be_read_do_not_stop_the_analysis(tmp_path: Path) -> None:
    file = tmp_path / "a.fit"
    file.write_bytes(recording())
    assert corrections_digest(str(file)) == ""
    sidecar_path(str(file)).write_text("reps = [\n")
    assert len(corrections_digest(str(file))) == 8  # stored: another length reads all anew
    (each,) = summaries(tmp_path)
    assert isinstance(each, Analysis)
    (problem,) = [p for p in each.activity.problems if p.code == REFUSED]
    assert "line" in problem.message
    assert len(edges(each.workout)) == 6
    assert each.activity.integrity == "intact"


def test_a_store_lists_corrections_by_content(tmp_path: Path) -> None:
    assert read_store_text(tmp_path) == ""
    digest = "ab" * 32
    text = f"['{'cd' * 32}']\nlabel = 'vo2'\n\n['{digest}']\nlabel = 'easy'\nfeeling = 3\n"
    (tmp_path / "overrides.toml").write_text(text)
    found = find_corrections("nowhere/x.fit", digest, store_text=read_store_text(tmp_path))
    assert found is not None
    assert (found.label, found.feeling, found.sha256) == ("easy", 3, digest)
    assert find_corrections("nowhere/x.fit", "ef" * 32, store_text=text) is None
    with pytest.raises(ReadError, match="line 6"):
        find_corrections("x.fit", digest, store_text=text.replace("= 3", "= 30"))


def test_corrections_that_cannot_be_reached_are_told(tmp_path: Path) -> None:
    """A link that leads nowhere holds nothing; one that leads in a circle may hold anything."""
    here = tmp_path / "run.fit.intervals.toml"
    here.symlink_to(tmp_path / "nowhere")
    assert find_corrections(str(tmp_path / "run.fit"), "0" * 64) is None
    here.unlink()
    here.symlink_to(here)
    with pytest.raises(ReadError, match="cannot be read"):
        find_corrections(str(tmp_path / "run.fit"), "0" * 64)
    assert corrections_digest(str(tmp_path / "run.fit"))  # differs from that of none


def test_strides_stay_around_corrected_reps_and_not_between_them() -> None:
    strides = [Segment("stride", start, start + 20.0) for start in (50.0, 240.0, 450.0, 510.0)]
    workout = Workout((Segment("warmup", 0.0, 40.0), *strides))
    spans = [(100.0, 200.0), (300.0, 400.0), (475.0, 500.0)]
    reps = [Effort(start, end, 500.0, end - start) for start, end in spans]
    kept = sorted(_spans(workout, reps, [[0, 1, 2]], spans), key=lambda span: span.start_s)
    assert [(span.role, span.start_s) for span in kept] == [
        ("stride", 50.0), ("rep", 100.0), ("recovery", 200.0), ("rep", 300.0),
        ("recovery", 400.0), ("rep", 475.0), ("stride", 510.0),
    ]  # fmt: skip


def test_a_rep_that_ends_where_it_starts_is_none() -> None:
    with pytest.raises(ReadError, match="a rep ends after it starts"):
        parse_corrections('reps = ["10:00-10:00"]', "x.toml")


def test_what_is_said_is_written_as_it_was_read() -> None:
    rows = (
        'pace = ["1-2: 4:00/km", "3: 6:26/mi"]',
        'distance = ["4-5: 400 m", "6: 1500 m"]',
        'lactate = ["1-3: 2.4", "4: 3"]',
        'label = "vo2"', 'kind = "hills"', "rpe = 6.5", "feeling = 7", 'note = "windy"',
    )  # fmt: skip
    said = parse_corrections("\n".join(rows), "x")
    written = corrections_text(said, [(60.0 * k, 60.0 * k + 30.5, None) for k in range(1, 7)])
    assert [row for row in written.splitlines() if row in rows] == list(rows)
    assert not any(row.startswith("part") for row in written.splitlines())
    assert "part = 2" in corrections_text(replace(said, part=2), []).splitlines()
    again = parse_corrections(written, "x")
    assert again.reps is not None
    assert again.reps[0][:2] == (60.0, 90.5)
    assert replace(again, reps=None, lines={}) == replace(said, lines={})


def test_an_edge_moved_by_three_tenths_is_the_hand_s(found: Analysis) -> None:
    (start, end), second, *_ = edges(found.workout)
    rows = [f'"{a:.1f}-{b:.1f}"' for a, b in ((start + 0.3, end), second)]
    first, kept = (
        s for s in corrected(found, f"reps = [{', '.join(rows)}]").segments if s.role == "rep"
    )
    assert (first.source, first.confidence, first.start_error_s) == ("override", 1.0, None)
    assert (kept.source, kept.start_s) == ("stream", pytest.approx(second[0], abs=0.06))
    assert kept.start_error_s is not None
