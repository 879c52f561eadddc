"""The score on truths built by hand, each figure counted on paper."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from intervaldetect.cli import app
from intervaldetect.errors import ReadError
from intervaldetect.score import Prediction, Truth, read_predictions, read_truth, score
from intervaldetect.score.matching import agreement, count_found, match

REPS = ((100.0, 200.0), (300.0, 400.0), (500.0, 600.0))


def test_agreement_is_overlap_but_for_the_noise_of_a_button() -> None:
    assert agreement((0.0, 100.0), (0.0, 50.0)) == 0.5
    assert agreement((0.0, 10.0), (2.0, 12.0)) == 0.95
    assert agreement((0.0, 10.0), (3.0, 13.0)) == 0.8
    assert agreement((0.0, 10.0), (3.5, 13.5)) == pytest.approx(6.5 / 13.5)
    assert agreement((0.0, 1.0), (1.0, 2.0)) == 0.0


def test_reps_are_matched_one_to_one_the_best_first() -> None:
    found = [(90.0, 200.0), (101.0, 200.0), (310.0, 395.0)]
    assert match(REPS, found, 0.5) == [(0, 1), (1, 2)]
    assert match(REPS, found, 0.9) == [(0, 1)]


def test_extra_reps_in_ignored_stretches_do_not_count() -> None:
    found = [(100.0, 200.0), (700.0, 720.0), (795.0, 815.0)]
    assert count_found(found, [(0, 0)], [(690.0, 800.0)]) == 2


def test_a_score_counts_what_was_found_missed_and_invented() -> None:
    truths = [
        Truth("a.fit", "x", REPS, main_count=3, structured=True, label="vo2"),
        Truth("b.fit", "x", REPS, main_count=3, structured=True, label="easy"),
        Truth("c.fit", "y", structured=False),
        Truth("d.fit", "y", structured=False),
    ]
    odds = {"vo2": 0.9, "threshold": 0.1, "easy": 0.0}
    predictions = {
        "a.fit": Prediction((*REPS, (800.0, 900.0)), "4 efforts", (3, 1), "vo2", odds),
        "b.fit": Prediction(((110.0, 210.0),), None, (), "vo2", odds),
        "c.fit": Prediction((), None),
    }
    result = score(truths, predictions)
    assert result["files"] == 4
    assert result["missing_predictions"] == 1
    assert (result["rep_files"], result["reps"]) == (2, 6)
    assert result["rep_f1_iou50"] == result["rep_f1_iou75"] == round(8 / 11, 4)
    assert result["rep_f1_iou90"] == round(6 / 11, 4)
    assert result["rep_precision_iou75"] == 0.8
    assert result["rep_recall_iou75"] == round(4 / 6, 4)
    assert result["edge_error_median_s"] == 0.0
    assert result["edge_error_p90_s"] == 10.0
    assert result["main_set_count_exact"] == 0.5
    assert result["files_perfect"] == 0.0
    assert (result["negatives"], result["false_workouts"]) == (2, 0.5)
    assert (result["structured"], result["structured_found"]) == (2, 0.5)
    assert (result["label_coverage"], result["label_accuracy_all"]) == (1.0, 0.5)
    assert result["label_ece"] == 0.4
    assert result["confusion"] == {"easy -> vo2": 1, "vo2 -> vo2": 1}
    assert result["file_scores"][0] == (0.5, "b.fit", 3, 1)


def test_the_habit_of_an_athlete_is_taken_out() -> None:
    truth = Truth("a.fit", "x", tuple((100.0 * k, 100.0 * k + 40.0) for k in range(1, 7)))
    late = Prediction(tuple((a + 4.0, b + 5.0) for a, b in truth.reps or ()), "6 efforts")
    result = score([truth], {"a.fit": late})
    assert (result["rep_f1_iou90"], result["rep_f1_iou90_habit_free"]) == (0.0, 1.0)
    assert (result["start_bias_s"], result["end_bias_s"]) == (4.0, 5.0)
    assert result["edge_error_habit_free_p90_s"] == 0.0
    few = Truth("a.fit", "x", (truth.reps or ())[:4])
    assert score([few], {"a.fit": late})["rep_f1_iou90_habit_free"] == 0.0


def test_nothing_to_score_gives_no_numbers() -> None:
    result = score([Truth("a.fit")], {})
    assert result["false_workouts"] is None
    assert result["edge_error_median_s"] is None
    assert result["label_ece"] is None


def lines(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def printed(path: str, reps: int) -> dict[str, Any]:
    spans = [{"role": "rep", "start_s": a, "end_s": b} for a, b in REPS[:reps]]
    return {"path": path, "segments": spans, "workout": "x", "sets": [{"count": reps}]}


def test_of_several_parts_the_one_with_most_reps_counts(tmp_path: Path) -> None:
    file = lines(
        tmp_path / "p", printed("all.zip!/in/a.fit", 1), printed("all.zip!/in/a.fit", 3),
        printed("b\\a.fit", 3),
    )  # fmt: skip
    assert {name: len(p.reps) for name, p in read_predictions(file).items()} == {"a.fit": 3}


@pytest.mark.parametrize(
    "line", ["{", "[1]", '{"path": 1, "segments": [{}]}', '{"file": "a", "reps": [[1]]}']
)
def test_a_line_that_cannot_be_read_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text(f"\n{line}\n")
    with pytest.raises(ReadError, match="line 2"):
        (read_truth if "file" in line else read_predictions)(file)


def test_the_command_prints_words_or_json(tmp_path: Path) -> None:
    truth = lines(
        tmp_path / "truth.jsonl",
        {"file": "a.fit", "athlete": "x", "reps": REPS, "structured": True, "main_count": 3},
        {"file": "b.fit", "athlete": "x", "reps": None, "structured": False},
    )
    predictions = lines(tmp_path / "found.jsonl", printed("runs/a.fit", 2))
    command = ["score", str(truth), str(predictions), "--worst", "1"]
    told = CliRunner().invoke(app, command)
    assert told.exit_code == 0
    assert "rep F1, overlap 75 %       0.800" in told.output
    assert "1 without a prediction, counted as wrong" in told.output
    assert "F1 0.80  3 true, 2 found  a.fit" in told.output
    result = json.loads(CliRunner().invoke(app, [*command, "--json"]).output)
    assert result["rep_f1_iou75"] == 0.8
    assert result["worst_files"] == [{"f1_iou75": 0.8, "file": "a.fit", "reps": 3, "found": 2}]
    assert CliRunner().invoke(app, ["score", str(truth), str(tmp_path / "none")]).exit_code == 1


@pytest.mark.corpus
@pytest.mark.parametrize("name", ["truth", "run2_truth", "run3_truth"])
def test_the_score_equals_the_one_beside_the_corpus(corpus: Path, name: str) -> None:
    """Predictions are made from the truth: edges moved, reps dropped and added, labels turned."""
    script = corpus.parent / "score" / "score.py"
    if not script.exists():
        pytest.skip("no score beside the corpus")
    spec = importlib.util.spec_from_file_location("corpus_score", script)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    path = corpus / f"{name}.jsonl"
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    made = {row["file"]: spoilt(row, k) for k, row in enumerate(rows) if k % 11}
    expected = module.score(rows, made)
    from intervaldetect.score.rows import prediction_of

    own = score(read_truth(path), {file: prediction_of(row) for file, row in made.items()})
    assert {key: own[key] for key in expected} == expected
    assert 0.3 < expected["rep_f1_iou75"] < 0.95


def spoilt(row: dict[str, Any], k: int) -> dict[str, Any]:
    spans = [
        (a + (k * 7 + i * 5) % 13 - 5.0, b + (k * 3 + i * 11) % 9 - 3.5)
        for i, (a, b) in enumerate(row.get("reps") or [])
        if (i + k) % 7
    ]
    spans += [(a + 40.0, b + 42.0) for a, b in row.get("ignore") or []]
    spans += [(30.0, 70.0)] if k % 5 == 0 else []
    labels = ("easy", "threshold", "vo2", None)
    label = row.get("label") if k % 3 else labels[k % 4]
    chance = 0.5 + (k % 6) / 10
    return {
        "path": row["file"],
        "segments": [{"role": "rep", "start_s": a, "end_s": b} for a, b in sorted(spans)],
        "workout": "x" if spans and k % 4 else None,
        "sets": [{"count": len(spans)}],
        "label": label,
        "probabilities": dict.fromkeys(labels[:3], chance),
    }
